//! Files that the archive has before this database has written any: the database was restored from a backup, and what
//! was published after that backup is unknown to it.
//!
//! Each statement gets a durable note before the first of its files is written. A folder that is there without the
//! note is adopted, and its mail is held, since it may have been sent. With the note, the folder was begun by this
//! database, and left by a process that died: it is completed and mailed as after any crash.

use futures_util::future::join_all;

use crate::archive::{Archive, LARGEST_MANIFEST, MANIFEST, StatementFolder};
use crate::domain::StatementId;
use crate::jobs::audit::{Effect, audit, messages};
use crate::jobs::publish::statement_files::note_writing;
use crate::jobs::{Context, JobError};
use crate::store::{PendingStatement, StoreError, Tx, WorkClaim};

/// Notes for those of the claimed statements that have no folder yet that it is written now: one transaction for all.
///
/// Where the archive cannot be asked the note is left to the statement's own turn, which meets the same error.
pub(crate) async fn note_new_folders(
    context: &Context,
    claimed: &mut [(WorkClaim, PendingStatement)],
) -> Result<(), JobError> {
    let looks = claimed.iter().map(|(_, statement)| is_new(context.archive.clone(), statement.clone()));
    let new = join_all(looks).await;
    let keys: Vec<_> =
        claimed.iter().zip(&new).filter(|(_, new)| **new).map(|((_, statement), _)| statement.key).collect();
    if keys.is_empty() {
        return Ok(());
    }
    note_writing(context, &keys).await?;
    for ((_, statement), _) in claimed.iter_mut().zip(new).filter(|(_, new)| *new) {
        statement.is_begun = true;
    }
    Ok(())
}

/// Whether nothing says that the statement was ever begun: neither the database nor the archive.
async fn is_new(archive: Archive, statement: PendingStatement) -> bool {
    !statement.is_begun
        && matches!(archive.get(&folder_of(&statement).key(MANIFEST), LARGEST_MANIFEST).await, Ok(None))
}

/// Takes the files over and holds the mail, in the transaction that says published.
pub(crate) async fn adopt(context: &Context, tx: &mut Tx, statement: &PendingStatement) -> Result<(), StoreError> {
    let held = tx.statements().adopt(statement.key, context.clock.now()).await?;
    let detail =
        format!("its files were in the archive before: held {}", messages(usize::try_from(held).unwrap_or(0)));
    let (account, period) = (&statement.number, statement.period);
    let effect =
        Effect { action: "adopted", account, period, revision: Some(statement.revision), detail: Some(&detail) };
    audit(context, tx, effect).await?;
    tracing::warn!(
        %account,
        %period,
        messages = held,
        "The archive had this statement before the database did, which was restored from a backup: its files were taken \
         over, and its mail is held, since it may have been sent"
    );
    Ok(())
}

fn folder_of(statement: &PendingStatement) -> StatementFolder {
    let PendingStatement { period, number, revision, .. } = statement;
    StatementId { period: *period, account: number.clone(), revision: *revision }.into()
}
