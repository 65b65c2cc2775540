//! Bounces come home: reports of failure in the mailbox that `mail.bounces` names become states of the ledger.

use std::path::Path;

use crate::digest::sha256_hex;
use crate::jobs::{Context, JobError};
use crate::mail::{Bounce, MailPlace, read_bounce, read_box};
use crate::store::BounceOutcome;

/// Messages read from a maildir per round: what is marked as seen makes room for the next ones.
const MESSAGES_PER_ROUND: usize = 10_000;

/// A message of the mailbox, without its bytes.
struct BounceReport {
    place: MailPlace,
    sha256: String,
    bounce: Option<Bounce>,
}

/// Reads what is new; gives the number of deliveries that are bounced now.
pub(crate) async fn read_bounces(context: &Context) -> Result<u64, JobError> {
    let Some(path) = context.settings.mail.bounces.clone() else { return Ok(0) };
    let reports = tokio::task::spawn_blocking(move || read(&path)).await??;
    if reports.is_empty() {
        return Ok(0);
    }
    let now = context.clock.now();
    let mut tx = context.store.write().await?;
    let mut bounced = 0;
    let mut done = Vec::with_capacity(reports.len());
    for report in reports {
        let outcome = match &report.bounce {
            Some(bounce) => tx.note_bounce(&bounce.message_id, &report.sha256, &bounce.words, now).await?,
            None => BounceOutcome::Unknown,
        };
        bounced += u64::from(outcome == BounceOutcome::Bounced);
        if outcome != BounceOutcome::Later {
            done.push(report.place);
        }
    }
    tx.commit().await?;
    if bounced > 0 {
        tracing::warn!(deliveries = bounced, "Mail that had been accepted came back");
    }
    mark_seen(done).await?;
    Ok(bounced)
}

/// Every message of a maildir, so that others are marked too; of an mbox, which cannot be marked, only bounces.
fn read(path: &Path) -> Result<Vec<BounceReport>, JobError> {
    let error = |error| JobError::Bounces { path: path.to_path_buf(), source: error };
    let mut reports = Vec::new();
    for mail in read_box(path).map_err(error)? {
        let mail = mail.map_err(error)?;
        let report =
            BounceReport { sha256: sha256_hex(&mail.bytes), bounce: read_bounce(&mail.bytes), place: mail.place };
        if report.bounce.is_some() || report.place.is_file() {
            reports.push(report);
        }
        if reports.len() >= MESSAGES_PER_ROUND {
            break;
        }
    }
    Ok(reports)
}

/// Only a convenience: a report counts once whether it is marked or not.
async fn mark_seen(places: Vec<MailPlace>) -> Result<(), JobError> {
    let marking =
        tokio::task::spawn_blocking(move || places.iter().filter(|place| place.mark_seen().is_err()).count());
    let failed = marking.await?;
    if failed > 0 {
        tracing::warn!(failed, "Messages in mail.bounces could not be marked as seen and are read again each time");
    }
    Ok(())
}
