//! Usage that arrives by itself: files in folders and object stores, files that grow, and what is pushed over HTTP.
//!
//! A look at a source decides what is to be done; whatever wakes this job only makes it look sooner. That each leg
//! counts once rests on its `leg_id`; positions in files are committed with the rows, so that nothing is read again
//! in vain. One process at a time is at a source (a claim), and each of its transactions makes sure that it still is.
//!
//! Reading order: `source`, `listing` (what is there, what is to be done), `reading` (the thread that reads),
//! `put_away`, `open_legs`, `push`, `overview` (how sources do).

mod audit;
mod knowledge;
mod listing;
mod names;
mod open_legs;
mod overview;
mod push;
mod put_away;
mod reading;
mod source;
mod trial;

use std::time::Duration;

use tokio::sync::mpsc;

use self::audit::note_files;
use self::knowledge::knowledge;
use self::listing::{Found, Look, Seen, Task};
use self::open_legs::report_expired_open_legs;
use self::put_away::put_away;
use self::reading::{LOOK_EVERY, Taken};
use crate::fault_injection;
use crate::jobs::import::batch::{BatchWriter, PartOutcome};
use crate::jobs::import::bridge::{open_changes, waiting_legs};
use crate::jobs::import::collect::{Collector, columns};
use crate::jobs::import::entry::Knowledge;
use crate::jobs::{Context, JobError};
use crate::store::{IntakeFile, IntakeFileState, StoreError, WorkClaim, WorkKind};

pub use overview::{SourceOverview, UntakenFile, WaitingFiles, intake_overview};
pub(crate) use overview::{intake_problems, known_sources};
pub use push::{Post, PostOutcome, PostQueue, PostWriter, post_queue};
pub use source::{After, IntakeRules, Place, UsageSource};
pub use trial::try_source;

/// Groups between the thread that reads and the task that stores.
const GROUPS_AHEAD: usize = 1;
/// How long a file is remembered after it is gone.
const REMEMBER_FOR_DAYS: i64 = 30;

/// The result of looking at all sources.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct IntakeRound {
    pub stored: u64,
    pub duplicates: u64,
    pub rejected: u64,
    /// When to look again at the latest.
    pub again: Option<Duration>,
}

/// What is remembered between two looks.
#[derive(Debug, Default)]
pub struct Inboxes {
    seen: Seen,
}

impl Inboxes {
    /// Looks at every source, and takes what has come.
    ///
    /// If a source cannot be looked at, its row and the log say so, and the others are looked at. `tell` is called
    /// with what waits at each source, and again once it was read.
    pub async fn take_usage(
        &mut self,
        context: &Context,
        keep_going: &(impl Fn() -> bool + Sync),
        tell: &(impl Fn(&WaitingFiles<'_>) + Sync),
    ) -> Result<IntakeRound, JobError> {
        let mut round = IntakeRound { again: Some(LOOK_EVERY), ..IntakeRound::default() };
        let sources = context.settings.intake.sources.iter();
        for source in sources.filter(|source| source.place.is_looked_at()) {
            if !keep_going() {
                break;
            }
            let inbox = Inbox { context, source };
            match inbox.take(&mut self.seen, &mut round, keep_going, tell).await {
                // Another process has taken the source over, and goes on from this one's last commit.
                Err(JobError::Store(StoreError::ClaimLost)) => {}
                other => other?,
            }
        }
        report_expired_open_legs(context).await?;
        Ok(round)
    }
}

struct Inbox<'a> {
    context: &'a Context,
    source: &'a UsageSource,
}

impl Inbox<'_> {
    async fn take(
        &self,
        seen: &mut Seen,
        round: &mut IntakeRound,
        keep_going: &(impl Fn() -> bool + Sync),
        tell: &(impl Fn(&WaitingFiles<'_>) + Sync),
    ) -> Result<(), JobError> {
        let Some(look) = self.look(seen).await? else { return Ok(()) };
        let (source, unsettled) = (self.source.name.as_str(), look.unsettled as u64);
        tell(&WaitingFiles { source, files: look.waiting(), oldest: look.oldest });
        if let Some(again) = look.again {
            round.again = Some(round.again.map_or(again, |other| other.min(again)));
        }
        if look.tasks.is_empty() && look.gone.is_empty() {
            return Ok(());
        }
        let store = &self.context.store;
        let Some(claim) = store.claim(WorkKind::Intake, &self.source.name).await? else { return Ok(()) };
        let taken = self.work(claim, look, round, keep_going).await;
        let mut tx = store.write().await?;
        match tx.work().settle(claim).await {
            Ok(()) | Err(StoreError::ClaimLost) => tx.commit().await?,
            Err(error) => return Err(error.into()),
        }
        if taken.is_ok() {
            tell(&WaitingFiles { source, files: unsettled, oldest: None });
        }
        taken
    }

    /// What is there, and what is to be done about it; `None` if that cannot be known now.
    async fn look(&self, seen: &mut Seen) -> Result<Option<Look>, JobError> {
        let store = &self.context.store;
        let known = store.read().await?.intake().files(&self.source.name).await?;
        let listed = listing::list(self.source, &known).await;
        self.note_fault(listed.as_ref().err().map(String::as_str)).await?;
        Ok(listed.ok().map(|found| listing::decide(self.source, found, known, seen)))
    }

    async fn note_fault(&self, fault: Option<&str>) -> Result<(), JobError> {
        let (store, name) = (&self.context.store, self.source.name.as_str());
        let before = store.read().await?.intake().sources().await?.into_iter().find(|source| source.intake == name);
        let is_known = before.as_ref().is_some_and(|source| source.fault.as_deref() == fault);
        if is_known {
            return Ok(());
        }
        if let Some(fault) = fault {
            tracing::error!(intake = name, "Usage cannot be looked for, which is tried again: {fault}");
        }
        let mut tx = store.write().await?;
        tx.intake().note_fault(name, fault, self.context.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    async fn work(
        &self,
        claim: WorkClaim,
        look: Look,
        round: &mut IntakeRound,
        keep_going: &(impl Fn() -> bool + Sync),
    ) -> Result<(), JobError> {
        let (store, name) = (&self.context.store, self.source.name.as_str());
        // Between the look and the claim another process may have been at work.
        let known = store.read().await?.intake().files(name).await?;
        let is_as_seen = |found: &Found, seen: Option<&IntakeFile>| {
            known.iter().find(|file| file.identity == found.identity) == seen
        };
        let (mut reads, mut done) = (Vec::new(), Vec::new());
        for task in look.tasks {
            match task {
                Task::Read(found, seen) if is_as_seen(&found, seen.as_ref()) => reads.push((found, seen)),
                Task::Read(..) => {}
                Task::PutAway(found) => done.push(found),
            }
        }
        let taken = if reads.is_empty() { Vec::new() } else { self.read(claim, reads, round, keep_going).await? };
        done.extend(taken);
        put_away(self.source, done).await;
        self.forget(&known, &look.gone).await
    }

    /// Reads files and stores their rows; returns those that were taken whole.
    async fn read(
        &self,
        claim: WorkClaim,
        reads: Vec<(Found, Option<IntakeFile>)>,
        round: &mut IntakeRound,
        keep_going: &(impl Fn() -> bool + Sync),
    ) -> Result<Vec<Found>, JobError> {
        let (store, name) = (&self.context.store, self.source.name.as_str());
        let knowledge = knowledge(self.context).await?;
        let waiting = waiting_legs(&mut store.read().await?, name).await?;
        let (sender, mut groups) = mpsc::channel(GROUPS_AHEAD);
        let collector = Collector::new(self.source.shared_reader(), knowledge.clone())?;
        let reading = self.source.reading(collector, waiting, self.context.clock.now(), sender);
        let (tasks, runtime) = (reads.clone(), tokio::runtime::Handle::current());
        let thread = tokio::task::spawn_blocking(move || reading.run(&tasks, &runtime));
        let (mut taken, mut brought) = (Vec::new(), PartOutcome::default());
        while let Some(group) = groups.recv().await {
            fault_injection::point("intake");
            taken.extend(group.files.iter().filter(|file| file.state == IntakeFileState::Taken).cloned());
            let told = self.store(claim, &knowledge, group, &mut brought).await?;
            round.stored += told.stored;
            round.duplicates += told.duplicates;
            round.rejected += told.rejected;
            if !keep_going() {
                break;
            }
        }
        drop(groups);
        thread.await?;
        let was_taken =
            |found: &Found| taken.iter().any(|file| file.identity == found.identity && file.version == found.version);
        Ok(reads.into_iter().map(|(found, _)| found).filter(was_taken).collect())
    }

    /// Stores a group's rows with what is known of their files, all or nothing.
    async fn store(
        &self,
        claim: WorkClaim,
        knowledge: &Knowledge,
        taken: Taken,
        brought: &mut PartOutcome,
    ) -> Result<PartOutcome, JobError> {
        let (store, name, now) = (&self.context.store, self.source.name.as_str(), self.context.clock.now());
        let kind = crate::intake::Kind::Usage;
        let mut writer = BatchWriter::new(store, knowledge.clone(), (kind, name), &columns()?);
        let Taken { group, files, last } = taken;
        let changes = open_changes(&group.waiting)?;
        let skipped: Vec<(String, u64)> = group.parts.iter().flat_map(|part| part.skipped.clone()).collect();
        let has_rows = group.batch.rows() > 0;
        let told = writer.write_group(group).await?;
        let sum = told.parts.iter().fold(PartOutcome::default(), PartOutcome::plus);
        *brought = brought.plus(&sum);
        let whole = files.iter().filter(|file| file.state == IntakeFileState::Taken).count() as u64;
        let mut counts = vec![
            ("files", "", whole),
            ("stored", "", sum.stored),
            ("duplicates", "", sum.duplicates),
            ("rejected", "", sum.rejected),
        ];
        counts.extend(skipped.iter().map(|(reason, items)| ("skipped", reason.as_str(), *items)));
        if let Some(tx) = writer.transaction() {
            tx.work().confirm(claim).await?;
            tx.intake().note_files(name, &files).await?;
            note_files(self.context, tx, (name, &files), brought).await?;
            tx.intake().note_open_legs(name, &changes, now).await?;
            tx.intake().count(name, &counts).await?;
            if let Some(last) = last.filter(|_| has_rows || whole > 0) {
                tx.intake().note(name, &last, now).await?;
            }
        }
        writer.commit(false).await?;
        Ok(sum)
    }

    /// Forgets files that are gone and were not taken, or were taken long ago.
    async fn forget(&self, known: &[IntakeFile], gone: &[String]) -> Result<(), JobError> {
        let before = self.context.clock.now().timestamp() - REMEMBER_FOR_DAYS * 86_400;
        let is_over = |file: &&IntakeFile| {
            let was_taken = file.state == IntakeFileState::Taken || file.state == IntakeFileState::Following;
            gone.contains(&file.identity) && (!was_taken || file.changed_at < before)
        };
        let over: Vec<String> = known.iter().filter(is_over).map(|file| file.identity.clone()).collect();
        if over.is_empty() {
            return Ok(());
        }
        let mut tx = self.context.store.write().await?;
        tx.intake().forget_files(&self.source.name, &over).await?;
        Ok(tx.commit().await?)
    }
}
