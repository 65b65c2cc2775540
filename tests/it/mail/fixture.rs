//! A small operator with published statements and mail to send.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use statementd::app;
use statementd::archive::Archive;
use statementd::clock::Clock;
use statementd::config::Config;
use statementd::digest::DigestKey;
use statementd::domain::{Mailbox, Tls, UnknownPolicy};
use statementd::intake::{Kind, Limits};
use statementd::jobs::{
    Actor, Context, DeliverReport, DueRule, MailRules, Selection, Settings, close_due, deliver_due, import_file,
    publish_pending,
};
use statementd::mail::{SmtpSettings, Transport, Waits};
use statementd::render::{RenderOptions, Renderer};
use statementd::store::{Delivery, DeliveryFilter, Store};
use tempfile::TempDir;

use crate::support::csv;

/// The day on which everything happens unless a test moves on.
pub const CLOSING_DAY: &str = "2009-06-03T06:00:00Z";

pub struct Fixture {
    pub context: Context,
    pub root: TempDir,
}

/// What the operator has.
pub struct Plan {
    /// Owner addresses, account by account.
    pub owners: Vec<Vec<String>>,
    /// Whether each account's room has a cardholder with an address.
    pub cardholders: bool,
}

impl Plan {
    pub fn one_owner() -> Self {
        Self { owners: vec![vec!["owner@customer.example".into()]], cardholders: false }
    }

    /// `count` recipients, spread over accounts with up to fifty owners each.
    pub fn recipients(count: usize) -> Self {
        let all: Vec<String> = (0..count).map(|number| format!("r{number}@customer.example")).collect();
        Self { owners: all.chunks(50).map(<[String]>::to_vec).collect(), cardholders: false }
    }
}

impl Fixture {
    /// Closes and publishes May 2009; nothing is sent yet.
    pub async fn published(plan: &Plan, transport: Transport) -> Self {
        let root = tempfile::tempdir().unwrap();
        let url = format!("file:{}", root.path().join("archive").display());
        let archive = Archive::open(&url, &BTreeMap::new()).unwrap();
        Self::published_in(archive, root, plan, transport).await
    }

    /// Like [`Self::published`], into an archive that may be elsewhere.
    pub async fn published_in(archive: Archive, root: TempDir, plan: &Plan, transport: Transport) -> Self {
        let database = format!("sqlite://{}", root.path().join("statementd.db").display());
        let store = Store::open(&database).await.unwrap();
        // Two fixtures of the same plan send the same messages.
        store.migrate_with(|| Ok(DigestKey::known(0))).await.unwrap();
        import(&store, plan, root.path()).await;
        let renderer = Renderer::new(&RenderOptions::default()).unwrap();
        let context = Context {
            store,
            archive,
            renderer: Arc::new(renderer),
            transport: Arc::new(transport),
            clock: Clock::Fixed(closing_day()),
            settings: Arc::new(settings()),
            actor: Actor::Tick,
        };
        let rule = DueRule { grace: TimeDelta::hours(24), revise_at_once: true, schedule: None };
        let closed = close_due(&context, &rule, &Selection::default(), &|| true).await.unwrap();
        assert_eq!(closed.closed, plan.owners.len() as u64, "{closed:?}");
        let published = publish_pending(&context, &|| true).await.unwrap();
        assert_eq!(published.published, plan.owners.len() as u64, "{published:?}");
        Self { context, root }
    }

    /// The same operator with another transport, as after a change of configuration.
    pub fn with_transport(mut self, transport: Transport) -> Self {
        self.context.transport = Arc::new(transport);
        self
    }

    pub fn with_rules(mut self, change: impl FnOnce(&mut MailRules)) -> Self {
        change(&mut Arc::make_mut(&mut self.context.settings).mail);
        self
    }

    /// So that what happens to one worker decides the round.
    pub fn with_one_worker(&mut self) -> &Self {
        Arc::make_mut(&mut self.context.settings).mail.concurrency = 1;
        self
    }

    pub fn with_policy(self, unknown: UnknownPolicy) -> Self {
        self.with_rules(|rules| rules.unknown = unknown)
    }

    /// Moves the clock on.
    pub fn later(&mut self, by: TimeDelta) {
        self.context.clock = Clock::Fixed(self.context.clock.now() + by);
    }

    pub async fn round(&self) -> DeliverReport {
        deliver_due(&self.context, &|| true).await.unwrap()
    }

    /// Rounds with time passing in between, until nothing is left that is tried by itself.
    pub async fn rounds_until_quiet(&mut self) {
        for _ in 0..200 {
            self.round().await;
            let waiting = self.deliveries().await.into_iter().filter_map(|delivery| delivery.next_attempt_at).min();
            let Some(next) = waiting else { return };
            let now = self.context.clock.now();
            self.context.clock = Clock::Fixed(next.max(now + TimeDelta::seconds(1)));
        }
        unreachable!("deliveries still wait after 200 rounds");
    }

    pub async fn deliveries(&self) -> Vec<Delivery> {
        let mut tx = self.context.store.read().await.unwrap();
        tx.deliveries().list(&DeliveryFilter::default()).await.unwrap()
    }

    /// The one delivery there is.
    pub async fn delivery(&self) -> Delivery {
        let mut deliveries = self.deliveries().await;
        assert_eq!(deliveries.len(), 1);
        deliveries.remove(0)
    }

    pub async fn states(&self) -> HashMap<&'static str, usize> {
        let mut states = HashMap::new();
        for delivery in self.deliveries().await {
            *states.entry(delivery.state.as_str()).or_default() += 1;
        }
        states
    }

    pub fn mail_dir(&self) -> PathBuf {
        self.root.path().join("mail")
    }
}

/// `.eml` files of a folder by name.
pub fn messages_in(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(dir) else { return BTreeMap::new() };
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect()
}

/// A plain server on this machine; waits are short, so that a test of patience has little of it.
pub fn smtp(port: u16) -> SmtpSettings {
    let short = Duration::from_millis(700);
    SmtpSettings {
        host: "127.0.0.1".parse().unwrap(),
        port,
        tls: Tls::None,
        username: None,
        password: None,
        ca_file: None,
        helo: None,
        waits: Waits { connect: short, command: short, data: short, block: short, after_dot: short },
    }
}

fn closing_day() -> DateTime<Utc> {
    CLOSING_DAY.parse().unwrap()
}

fn settings() -> Settings {
    let mailbox =
        |name: &str, address: &str| Mailbox { name: Some(name.parse().unwrap()), address: address.parse().unwrap() };
    Settings {
        mail: MailRules {
            from: mailbox("Facturation Été", "billing@operator.example"),
            reply_to: Some(mailbox("Support", "support@operator.example")),
            unknown: UnknownPolicy::ResendOnce,
            concurrency: 2,
            per_second: None,
            max_attachment: 10 << 20,
            redirect_to: None,
            only: Vec::new(),
            dkim: None,
            bounces: None,
        },
        ..app::settings(&Config::default())
    }
}

/// One room per account, with one conference of two minutes in May.
async fn import(store: &Store, plan: &Plan, folder: &Path) {
    let tariff = "BASE,LOCAL,Local access,EUR,0.09,1,0,2009-01-01\n".to_owned();
    let (mut accounts, mut rooms, mut usage) = (String::new(), String::new(), String::new());
    for (position, owners) in plan.owners.iter().enumerate() {
        let (account, room, owners) = (600_000 + position, 330_000 + position, owners.join(";"));
        let holder = if plan.cardholders { format!("holder{position}@customer.example") } else { String::new() };
        writeln!(
            accounts,
            "{account},Société n° {position},EUR,Europe/Paris,fr-FR,BASE,Service comptabilité,{owners}"
        )
        .unwrap();
        writeln!(rooms, "{room},{account},Mariline BALLESTER,{holder},,true").unwrap();
        writeln!(usage, "L{position},C{position},{room},LOCAL,2009-05-06T10:00:00Z,2009-05-06T10:02:00Z,,").unwrap();
    }
    for (kind, header, rows) in [
        (Kind::Tariffs, csv!(heading tariffs), tariff),
        (Kind::Accounts, csv!(heading accounts), accounts),
        (Kind::Rooms, csv!(heading rooms), rooms),
        (Kind::Usage, csv!(heading usage), usage),
    ] {
        let file = folder.join(format!("{kind:?}.csv"));
        std::fs::write(&file, format!("{header}\n{rows}")).unwrap();
        let limits = Limits::default();
        let clock = Clock::Fixed(closing_day());
        let report = import_file(store, clock, limits, (kind, &file), &|_| {}).await.unwrap();
        assert_eq!(report.stored, report.rows, "{report:?}");
    }
}
