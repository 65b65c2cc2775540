//! The state of each source: what came, what waits, what is wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::listing::{self, Seen};
use super::source::UsageSource;
use crate::jobs::{Context, JobError};
use crate::store::{IntakeCount, IntakeFileState, IntakeSource, StoreError, Tx, UntakenIntakeFile, WaitingLegCount};

/// A file that has not been whole for so long never will be unless a person helps.
const INCOMPLETE_FOR: TimeDelta = TimeDelta::hours(1);

/// What waits at one source when it is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingFiles<'a> {
    pub source: &'a str,
    pub files: u64,
    /// How long the oldest of them has been there; `None` if none waits, or if its store does not say.
    pub oldest: Option<Duration>,
}

/// What is known of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SourceOverview {
    pub name: String,
    /// Whole files that were taken.
    pub files: u64,
    pub stored: u64,
    pub duplicates: u64,
    pub rejected: u64,
    /// By reason.
    pub skipped: BTreeMap<String, u64>,
    /// Files that are there and not read yet; `None` if the source was not looked at.
    pub waiting: Option<u64>,
    pub oldest_waiting_seconds: Option<u64>,
    pub last_taken_at: Option<DateTime<Utc>>,
    pub last_taken: Option<String>,
    /// Legs of which one end has come.
    pub open_legs: u64,
    pub oldest_open_since: Option<DateTime<Utc>>,
    /// Nothing has come for so long, which is longer than it may be.
    pub silent_seconds: Option<i64>,
    /// Files that were not taken whole.
    pub untaken: Vec<UntakenFile>,
    /// Why the source cannot be looked at.
    pub fault: Option<String>,
}

/// A file that is not whole, or was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UntakenFile {
    pub name: String,
    pub state: IntakeFileState,
    pub reason: String,
    pub since: DateTime<Utc>,
}

impl SourceOverview {
    /// How many items had which outcome; files are counted separately.
    pub fn outcomes(&self) -> [(&'static str, u64); 5] {
        [
            ("files", self.files),
            ("stored", self.stored),
            ("duplicates", self.duplicates),
            ("skipped", self.skipped.values().sum()),
            ("rejected", self.rejected),
        ]
    }

    /// What a person should look at, in a sentence each.
    pub fn problems(&self, now: DateTime<Utc>) -> Vec<String> {
        let mut problems = Vec::new();
        if let Some(fault) = &self.fault {
            problems.push(format!("cannot be looked at: {fault}"));
        }
        if let Some(seconds) = self.silent_seconds {
            problems.push(format!(
                "is silent since {} h {} min, beyond expect_every",
                seconds / 3600,
                seconds / 60 % 60
            ));
        }
        for file in &self.untaken {
            if file.state != IntakeFileState::Incomplete {
                problems.push(format!("{} is refused: {}", file.name, file.reason));
            } else if now - file.since >= INCOMPLETE_FOR {
                problems.push(format!("{} has not been whole since {}: {}", file.name, file.since, file.reason));
            }
        }
        problems
    }
}

/// All sources that are configured, and those that once were; with `look` also what waits at each.
pub async fn intake_overview(context: &Context, look: bool) -> Result<Vec<SourceOverview>, JobError> {
    let mut tx = context.store.read().await?;
    let mut all = Known::read(&mut tx).await?;
    drop(tx);
    let mut overview = Vec::new();
    for source in &context.settings.intake.sources {
        let mut one = all.overview(&source.name, context.clock.now(), source.expect_every);
        if look && source.place.is_looked_at() {
            (one.waiting, one.oldest_waiting_seconds) = waiting(context, source).await?;
        }
        overview.push(one);
    }
    let others: Vec<String> = all.sources.keys().cloned().collect();
    for name in others {
        overview.push(all.overview(&name, context.clock.now(), None));
    }
    Ok(overview)
}

/// The sources that are configured, as the store knows them.
pub(crate) async fn known_sources(
    tx: &mut Tx,
    context: &Context,
    now: DateTime<Utc>,
) -> Result<Vec<SourceOverview>, StoreError> {
    let mut known = Known::read(tx).await?;
    let sources = context.settings.intake.sources.iter();
    Ok(sources.map(|source| known.overview(&source.name, now, source.expect_every)).collect())
}

/// What a person should look at, by source.
pub(crate) async fn intake_problems(
    tx: &mut Tx,
    context: &Context,
    now: DateTime<Utc>,
) -> Result<Vec<(String, String)>, StoreError> {
    let told = |source: SourceOverview| {
        let problems = source.problems(now);
        problems.into_iter().map(move |problem| (source.name.clone(), problem))
    };
    Ok(known_sources(tx, context, now).await?.into_iter().flat_map(told).collect())
}

/// What the store knows of sources that were not asked for yet.
struct Known {
    sources: BTreeMap<String, IntakeSource>,
    counts: Vec<IntakeCount>,
    untaken: Vec<UntakenIntakeFile>,
    open: Vec<WaitingLegCount>,
}

impl Known {
    async fn read(tx: &mut Tx) -> Result<Self, StoreError> {
        let sources = tx.intake().sources().await?.into_iter();
        Ok(Self {
            sources: sources.map(|source| (source.intake.clone(), source)).collect(),
            counts: tx.intake().counts().await?,
            untaken: tx.intake().untaken_files().await?,
            open: tx.intake().open_legs_by_intake().await?,
        })
    }

    fn overview(&mut self, name: &str, now: DateTime<Utc>, expect_every: Option<TimeDelta>) -> SourceOverview {
        let instant = |seconds| DateTime::from_timestamp(seconds, 0);
        let mut one = SourceOverview { name: name.to_owned(), ..SourceOverview::default() };
        for count in self.counts.iter().filter(|count| count.intake == name) {
            let items = count.items.cast_unsigned();
            match count.outcome.as_str() {
                "files" => one.files = items,
                "stored" => one.stored = items,
                "duplicates" => one.duplicates = items,
                "rejected" => one.rejected = items,
                _ => drop(one.skipped.insert(count.reason.clone(), items)),
            }
        }
        let files = self.untaken.iter().filter(|file| file.intake == name);
        one.untaken = files
            .map(|file| UntakenFile {
                name: super::names::printable(&file.name),
                state: file.state,
                reason: file.reason.clone(),
                since: instant(file.changed_at).unwrap_or_default(),
            })
            .collect();
        if let Some(open) = self.open.iter().find(|open| open.intake == name) {
            (one.open_legs, one.oldest_open_since) = (open.legs.cast_unsigned(), instant(open.oldest));
        }
        if let Some(source) = self.sources.remove(name) {
            one.last_taken_at = source.last_taken_at.and_then(instant);
            one.last_taken = source.last_name.as_deref().map(super::names::printable);
            one.fault = source.fault;
            let silent = now.timestamp() - source.last_taken_at.unwrap_or(source.since);
            let is_silent = |every: &TimeDelta| silent > every.num_seconds();
            one.silent_seconds = expect_every.filter(is_silent).map(|_| silent);
        }
        one
    }
}

async fn waiting(context: &Context, source: &UsageSource) -> Result<(Option<u64>, Option<u64>), JobError> {
    let known = context.store.read().await?.intake().files(&source.name).await?;
    let Ok(found) = listing::list(source, &known).await else { return Ok((None, None)) };
    let look = listing::decide(source, found, known, &mut Seen::default());
    Ok((Some(look.waiting()), look.oldest.map(|age| age.as_secs())))
}
