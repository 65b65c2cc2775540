//! Months that change after they closed: late legs, corrected rates and reruns in any order, compared with the second
//! computation after every step.

use std::sync::Arc;

use statementd::domain::{RerunSend, RerunState, RerunWhat};
use statementd::intake::Kind;
use statementd::jobs::{Context, LateUsage, RerunOrder, Settings, check_deeply, run_reruns, void_legs};

use super::model::{Late, Leg};
use super::taking::World;
use super::{Operator, from_environment, period, tariffs};
use crate::support::database::Database;

/// In one database: few, so that many sequences are tried.
const ACCOUNTS_PER_SEQUENCE: u64 = 3;
const ACCOUNTS: u64 = 300;
/// Files in which a month's usage arrives, and between which other things happen.
const FILES: usize = 3;

/// A sequence mostly waits for the disk.
const AT_ONCE: usize = 8;

#[test]
fn corrected_months_are_what_a_second_computation_says() {
    let accounts = from_environment("STATEMENTD_ORACLE_ACCOUNTS").unwrap_or(ACCOUNTS);
    let first_seed = from_environment("STATEMENTD_ORACLE_SEED").unwrap_or(1);
    let last_seed = first_seed + accounts.div_ceil(ACCOUNTS_PER_SEQUENCE) - 1;
    let mut revisions = 0;
    for first in (first_seed..=last_seed).step_by(AT_ONCE) {
        revisions += std::thread::scope(|scope| {
            let seeds = first..=last_seed.min(first + AT_ONCE as u64 - 1);
            // Failures name the thread.
            let running: Vec<_> = seeds
                .map(|seed| std::thread::Builder::new().name(format!("STATEMENTD_ORACLE_SEED={seed}")))
                .zip(first..)
                .map(|(thread, seed)| thread.spawn_scoped(scope, move || run_alone(seed)).unwrap())
                .collect();
            running.into_iter().map(|sequence| sequence.join().unwrap()).sum::<u32>()
        });
    }
    println!("STATEMENTD_ORACLE_SEED={first_seed}..={last_seed}: {revisions} revisions");
    assert!(revisions > 0 || accounts < ACCOUNTS, "nothing was ever corrected");
}

fn run_alone(seed: u64) -> u32 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { Sequence::new(seed, Database::sqlite().await).run().await })
}

#[tokio::test]
async fn corrected_months_from_postgresql_are_the_same() {
    let first_seed = from_environment("STATEMENTD_ORACLE_SEED").unwrap_or(1);
    for seed in first_seed..first_seed + 4 {
        println!("STATEMENTD_ORACLE_SEED={seed}");
        Sequence::new(seed, Database::postgres().await).run().await;
    }
}

/// One operator's quarter, with one rule for late usage.
struct Sequence {
    operator: Operator,
    late: Late,
    /// Reruns so far.
    reruns: u64,
}

impl Sequence {
    fn new(seed: u64, database: Database) -> Self {
        let mut operator = Operator::new(seed, ACCOUNTS_PER_SEQUENCE, database);
        let late = if seed.is_multiple_of(2) { Late::NextMonth } else { Late::OwnMonth };
        if late == Late::OwnMonth {
            let late_usage = LateUsage::Revise { quiet: chrono::TimeDelta::hours(6) };
            operator.context = with(&operator.context, |settings| settings.late_usage = late_usage);
        }
        Self { operator, late, reruns: 0 }
    }

    /// How many revisions it made beyond the first ones.
    async fn run(mut self) -> u32 {
        self.operator.import_master_data().await;
        for month in 0..3 {
            let rows = self.operator.arriving_in(month);
            for file in rows.chunks(rows.len().div_ceil(FILES).max(1)) {
                self.import(file, month).await;
                self.anything(month).await;
            }
            self.close(month).await;
            self.anything(month).await;
        }
        let statements =
            self.operator.world.books.iter().flat_map(|books| books.closed()).filter_map(|(_, found)| found);
        statements.map(|statement| statement.revision - 1).sum()
    }

    /// One or two things that an operator may do, whatever has closed so far.
    async fn anything(&mut self, month: usize) {
        for _ in 0..=self.operator.random.below(2) {
            match self.operator.random.below(6) {
                0 => self.mend(month).await,
                1 => self.close(month).await,
                2 => self.void(month).await,
                3 => self.operator.change_anything(month).await,
                _ => self.rerun(month).await,
            }
        }
    }

    async fn import(&mut self, rows: &[(usize, Leg)], month: usize) {
        self.operator.import_usage(rows, month).await;
        self.verify(month).await;
    }

    async fn close(&mut self, month: usize) {
        self.operator.close(month, self.late).await;
        self.verify(month).await;
    }

    /// Rates change, and nothing else until a person asks for it.
    async fn mend(&mut self, month: usize) {
        let Operator { random, months, world, .. } = &mut self.operator;
        for offer in world.books.iter_mut().flat_map(|books| &mut books.account.offers) {
            if random.chance(60) {
                random.mend(&mut offer.rates, months);
            }
        }
        let report = self.operator.import(Kind::Tariffs, &tariffs(&self.operator.world), month).await;
        assert_eq!(report.rejected, 0);
    }

    /// Some legs should not have come, wherever they are charged.
    async fn void(&mut self, month: usize) {
        let context = self.operator.after(month);
        let Operator { random, world, .. } = &mut self.operator;
        for account in 0..world.books.len() {
            let legs = world.books[account].legs();
            if legs.is_empty() || !random.chance(50) {
                continue;
            }
            let leg = &legs[usize::try_from(random.below(legs.len() as u64)).unwrap()];
            void_legs(&context, &[leg.parse().unwrap()], "random").await.unwrap();
            world.void(leg);
        }
        self.verify(month).await;
    }

    /// A month, closed or not, of all accounts or one: first rehearsed, perhaps.
    async fn rerun(&mut self, month: usize) {
        self.reruns += 1;
        let Operator { random, months, world: World { books, .. }, .. } = &mut self.operator;
        let again = random.pick(&months[..=month]);
        let one = random.chance(40).then(|| random.pick(&[0, 1, 2]));
        let is_rehearsed = random.chance(30);
        let mut order = RerunOrder {
            id: format!("rerun-{}", self.reruns).parse().unwrap(),
            period: period(again),
            accounts: one.iter().map(|account: &usize| books[*account].account.number.parse().unwrap()).collect(),
            reason: String::new(),
            state: RerunState::Rehearse,
            what: RerunWhat::Figures,
            send: RerunSend::Changed,
            recipients: Vec::new(),
        };
        let mut rehearsed = None;
        if is_rehearsed {
            assert_eq!(self.run_reruns(&order, month).await, (1, 0));
            self.verify(month).await;
            rehearsed = Some(self.report(&order));
        }
        order.state = RerunState::Apply;
        assert_eq!(self.run_reruns(&order, month).await, (0, 1));
        let World { books, rooms, .. } = &mut self.operator.world;
        for (index, books) in books.iter_mut().enumerate() {
            if one.is_none_or(|one| one == index) {
                books.again(again, rooms);
            }
        }
        self.verify(month).await;
        if let Some(rehearsed) = rehearsed {
            assert_eq!(self.report(&order)["accounts"], rehearsed["accounts"], "what was rehearsed was done");
        }
        assert_eq!(self.run_reruns(&order, month).await, (0, 0), "an id takes effect once");
    }

    /// How many were rehearsed and applied.
    async fn run_reruns(&self, order: &RerunOrder, month: usize) -> (u64, u64) {
        let context = with(&self.operator.after(month), |settings| settings.reruns = vec![order.clone()]);
        let report = run_reruns(&context, &|| true).await.unwrap();
        assert_eq!(report.refused, []);
        (report.rehearsed, report.applied)
    }

    fn report(&self, order: &RerunOrder) -> serde_json::Value {
        let path = self.operator.database.folder().join("archive/reruns").join(order.id.as_str()).join("report.json");
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    /// Both computations agree, and each leg of a closed month is charged once.
    async fn verify(&self, month: usize) {
        self.operator.compare().await;
        assert_eq!(check_deeply(&self.operator.after(month)).await.unwrap(), []);
    }
}

/// The program with other settings.
fn with(context: &Context, change: impl FnOnce(&mut Settings)) -> Context {
    let mut settings = Settings::clone(&context.settings);
    change(&mut settings);
    Context { settings: Arc::new(settings), ..context.clone() }
}
