//! Whatever happens: the running month's totals, kept per room, are what a closing now would freeze; money knows of
//! no code; and the files of what has closed stay as they are.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use statementd::app::{self, Trigger};
use statementd::clock::Clock;
use statementd::config::{Config, Sources};
use statementd::domain::{ConferenceId, Period, RoomNumber, Statement};
use statementd::intake::{Kind, Limits};
use statementd::jobs::{
    CodeOrder, CodeOutcome, Context, Month, MonthFigures, Months, Selection, assign_codes, close_due, import_file,
    preview, publish_pending, restore_legs, undo_codes, void_legs,
};
use statementd::store::{AccountAccess, CodeSetKey, NewSession, SessionLimits, Viewer};

use super::revisions;
use crate::support::csv;
use crate::support::database::{Database, on_each_engine};

on_each_engine!(
    live_totals_are_what_a_closing_would_freeze_whatever_happens,
    live_totals_are_what_a_closing_would_freeze_where_late_usage_makes_revisions,
);

const STEPS: u64 = 60;
const ACCOUNT: &str = "602127";
const ROOMS: [&str; 3] = ["320026", "332703", "335948"];
const TOKEN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

async fn live_totals_are_what_a_closing_would_freeze_whatever_happens(database: Database) {
    anything_happens(World::new(database).await).await;
}

async fn live_totals_are_what_a_closing_would_freeze_where_late_usage_makes_revisions(database: Database) {
    anything_happens(World::with(database, &[("billing.late_usage", "revise")]).await).await;
}

async fn anything_happens(mut world: World) {
    for step in 0..STEPS {
        let done = world.change(step).await;
        for period in ["2009-04", "2009-05"] {
            world.compare(period.parse().unwrap(), &format!("step {step}: {done}")).await;
        }
        world.compare_files(&format!("step {step}: {done}"));
    }
    // Voids and codes of the closed month make a revision of it, which takes the late usage along.
    world.close("2009-04").await;
    world.compare("2009-05".parse().unwrap(), "revised").await;
    world.close_and_compare("2009-05").await;
    world.compare_files("all");
    revisions::tell_what_they_change(&world).await;
    assert!(world.files.keys().any(|path| path.iter().any(|part| part == "r2")), "there was a revision");
}

pub(super) struct World {
    pub(super) database: Database,
    pub(super) context: Context,
    pub(super) viewer: Viewer,
    pub(super) access: AccountAccess,
    /// Those that are asked at each step.
    pub(super) kept: Months,
    random: u64,
    legs: Vec<String>,
    voided: Vec<String>,
    sets: Vec<CodeSetKey>,
    /// Of all revisions that were ever made.
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl World {
    pub(super) async fn new(database: Database) -> Self {
        Self::with(database, &[]).await
    }

    pub(super) async fn with(database: Database, settings: &[(&str, &str)]) -> Self {
        let at = |name: &str| database.folder().join(name).display().to_string();
        let sources =
            Sources::isolated().with("archive.url", format!("file:{}", at("archive"))).with("mail.dir", at("mail"));
        let sources = settings.iter().fold(sources, |sources, (key, value)| sources.with(key, *value));
        let config = app::load(&sources).unwrap();
        let now: DateTime<Utc> = super::EVENING.parse().unwrap();
        let context = app::context(&config, database.store.clone(), Clock::Fixed(now)).unwrap();
        for kind in [Kind::Tariffs, Kind::Accounts, Kind::Rooms, Kind::Usage] {
            let file = std::path::PathBuf::from(crate::support::sample(&format!("{kind}.csv")));
            import_file(&context.store, context.clock, Limits::default(), (kind, &file), &|_| ()).await.unwrap();
        }
        let mut tx = context.store.write().await.unwrap();
        let person = tx.portal_people().person_or_new(&super::OWNER.parse().unwrap()).await.unwrap();
        let session = NewSession { token_sha256: TOKEN, person, browser: "", browser_sha256: TOKEN };
        tx.portal_sessions().begin_session(&session, now).await.unwrap();
        let limits = SessionLimits { idle: TimeDelta::hours(1), longest: TimeDelta::hours(1) };
        let viewer = tx.portal_sessions().viewer(TOKEN, limits, now).await.unwrap().unwrap();
        let access = tx.portal().access(&viewer, &ACCOUNT.parse().unwrap(), now).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let (random, kept) = (7, Months::always_current());
        let mut world = Self {
            database,
            context,
            viewer,
            access,
            kept,
            random,
            legs: Vec::new(),
            voided: Vec::new(),
            sets: Vec::new(),
            files: BTreeMap::new(),
        };
        world.close("2009-03").await;
        world
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % end
    }

    /// Does anything, and says what.
    async fn change(&mut self, step: u64) -> &'static str {
        // Half way, the month before closes: what comes for it later is late.
        if step == STEPS / 2 {
            self.close("2009-04").await;
            return "closed";
        }
        match self.below(10) {
            0..=2 => self.import_legs(step).await,
            3 if !self.legs.is_empty() => self.void_one().await,
            4 if !self.voided.is_empty() => self.restore_one().await,
            5 => self.import_master(step).await,
            8 => revisions::rerun(self, step).await,
            9 => revisions::ask_for_one(self).await,
            6 if !self.sets.is_empty() => self.change_codes(step, true).await,
            _ => self.change_codes(step, false).await,
        }
    }

    pub(super) async fn import(&self, kind: Kind, text: String) {
        let file = self.database.write(&format!("{kind}.csv"), text);
        import_file(&self.context.store, self.context.clock, Limits::default(), (kind, &file), &|_| ())
            .await
            .unwrap();
    }

    /// Into both months, in some rooms; some of them begin a conference earlier than was known.
    async fn import_legs(&mut self, step: u64) -> &'static str {
        let mut text = csv!(usage).to_owned();
        for number in 0..=self.below(12) {
            let (leg, conference) = (format!("S{step}-{number}"), self.below(9));
            let room = ROOMS[usize::try_from(self.below(2)).unwrap()];
            let service = ["LOCAL", "WEB", "TOLLFREE"][usize::try_from(self.below(3)).unwrap()];
            let (month, day, minute) = (4 + self.below(2), 2 + conference * 3, self.below(50));
            let code = ["", "A", "B"][usize::try_from(self.below(3)).unwrap()];
            writeln!(
                text,
                "{leg},M{month}C{conference},{room},{service},2009-{month:02}-{day:02}T10:{minute:02}:00Z,\
                 2009-{month:02}-{day:02}T11:07:00Z,,{code}"
            )
            .unwrap();
            self.legs.push(leg);
        }
        self.import(Kind::Usage, text).await;
        "usage"
    }

    async fn void_one(&mut self) -> &'static str {
        let index = usize::try_from(self.below(self.legs.len() as u64)).unwrap();
        let leg = self.legs.swap_remove(index);
        let _ = void_legs(&self.context, &[leg.parse().unwrap()], "test").await;
        self.voided.push(leg);
        "void"
    }

    async fn restore_one(&mut self) -> &'static str {
        let leg = self.voided.remove(0);
        let _ = restore_legs(&self.context, &[leg.parse().unwrap()], Some("test")).await;
        self.legs.push(leg);
        "restore"
    }

    /// A room's code and cardholder, or the tariff.
    async fn import_master(&mut self, step: u64) -> &'static str {
        if self.below(2) == 0 {
            let (heading, holder) = (csv!(heading rooms), super::HOLDER);
            let text = format!("{heading}\n332703,{ACCOUNT},Holder {step},{holder},AUTO{step},true\n");
            self.import(Kind::Rooms, text).await;
            return "room";
        }
        let (heading, cents) = (csv!(heading tariffs), 1 + step);
        let text = format!("{heading}\nBASE-EUR,WEB,Web,EUR,0.0{cents},60,60,2009-05-01\n");
        self.import(Kind::Tariffs, text).await;
        "tariff"
    }

    /// Amounts stay as they are.
    async fn change_codes(&mut self, step: u64, is_undo: bool) -> &'static str {
        let months = ["2009-04", "2009-05"].map(|period| period.parse::<Period>().unwrap());
        let mut before = Vec::new();
        for month in months {
            before.push(self.month(&self.kept, month, None).await.statement.totals);
        }
        let done = if is_undo { self.undo().await } else { self.assign(step).await };
        for (month, before) in months.into_iter().zip(before) {
            assert_eq!(self.month(&self.kept, month, None).await.statement.totals, before, "{done}");
        }
        done
    }

    async fn assign(&mut self, step: u64) -> &'static str {
        let period = if self.below(2) == 0 { "2009-04" } else { "2009-05" };
        let room: RoomNumber = ROOMS[usize::try_from(self.below(3)).unwrap()].parse().unwrap();
        let month = self.month(&self.kept, period.parse().unwrap(), Some(&room)).await;
        let lines = month.statement.lines_of(&room);
        let conferences: Vec<(RoomNumber, ConferenceId)> =
            lines.iter().skip(1).take(3).map(|line| (room.clone(), line.conference_id.clone())).collect();
        if conferences.is_empty() {
            return "nothing to assign";
        }
        let code = Some(format!("CODE{step}").parse().unwrap());
        let order = CodeOrder { conferences, code, seen: month.seen, is_meant: true };
        match assign_codes(&self.context, &self.viewer, &self.access, &order).await.unwrap() {
            CodeOutcome::Changed(changed) => self.sets.extend(changed.map(|(set, _)| set)),
            outcome => panic!("{outcome:?}"),
        }
        "codes"
    }

    async fn undo(&mut self) -> &'static str {
        let set = self.sets.pop().unwrap();
        undo_codes(&self.context, &self.viewer, &self.access, set).await.unwrap();
        "codes taken back"
    }

    pub(super) async fn month(&self, months: &Months, period: Period, room: Option<&RoomNumber>) -> Month {
        months.get(&self.context, &self.access, period, room).await.unwrap()
    }

    /// What is kept against a computation from nothing, and each room's page against the account's.
    async fn compare(&self, period: Period, done: &str) {
        let kept = self.month(&self.kept, period, None).await;
        let anew = self.month(&Months::default(), period, None).await;
        assert_same(&kept.statement, &anew.statement, &format!("{period} after {done}"));
        assert_eq!(kept.shares, anew.shares, "{period} after {done}");
        if !matches!(kept.figures, MonthFigures::Open { .. }) {
            return;
        }
        for room in &kept.statement.rooms {
            let page = self.month(&self.kept, period, Some(&room.number)).await;
            assert_eq!(page.statement.rooms, std::slice::from_ref(room), "{period} after {done}");
            assert_eq!(page.statement.totals, room.totals, "{period} after {done}");
        }
    }

    /// What was once in the archive is there as it was.
    fn compare_files(&mut self, done: &str) {
        let mut now = BTreeMap::new();
        read_revisions(&self.database.folder().join("archive"), &mut now);
        for (path, bytes) in &self.files {
            assert!(now.get(path) == Some(bytes), "{} changed after {done}", path.display());
        }
        self.files = now;
    }

    pub(super) async fn close(&mut self, through: &str) {
        let rule = app::due_rule(&Config::default(), Trigger::Command);
        let selection = Selection { through: Some(through.parse().unwrap()), accounts: Vec::new() };
        // After the end of the month, wherever it ends.
        let clock = Clock::Fixed(self.context.clock.now() + TimeDelta::days(2));
        let context = Context { clock, ..self.context.clone() };
        let report = close_due(&context, &rule, &selection, &|| true).await.unwrap();
        assert_eq!(report.parked, []);
        publish_pending(&context, &|| true).await.unwrap();
    }

    async fn close_and_compare(&mut self, period: &str) {
        let period_id: Period = period.parse().unwrap();
        let live = self.month(&self.kept, period_id, None).await;
        let folder = self.database.folder().join("preview");
        std::fs::create_dir_all(&folder).unwrap();
        preview(&self.context, &ACCOUNT.parse().unwrap(), period_id, None, &folder).await.unwrap();
        let json: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder.join("account.json")).unwrap()).unwrap();
        self.close(period).await;
        let mut tx = self.context.store.read().await.unwrap();
        let closed = tx.statements().current_statement(self.access.account_key(), period_id).await.unwrap().unwrap();
        assert_same(&live.statement, &closed, "closed");
        let charge = json["totals"]["charge"].as_str().unwrap().replace('.', "");
        assert_eq!(charge, closed.totals.charge.0.to_string(), "preview");
    }
}

/// The files of all statements; those of months, which list what there is, are made anew.
fn read_revisions(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_revisions(&path, files);
        } else if path.iter().any(is_revision) {
            let bytes = std::fs::read(&path).unwrap();
            files.insert(path, bytes);
        }
    }
}

/// `r1`, `r2`, …
fn is_revision(part: &OsStr) -> bool {
    part.to_str().and_then(|part| part.strip_prefix('r')).is_some_and(|number| number.parse::<u32>().is_ok())
}

fn assert_same(live: &Statement, other: &Statement, when: &str) {
    assert_eq!(live.rooms, other.rooms, "{when}");
    assert_eq!(live.totals, other.totals, "{when}");
    assert_eq!(live.billing_codes, other.billing_codes, "{when}");
}
