//! A statement as it would be if its month were closed now: into a folder, storing and sending nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::billing::Obstacle;
use crate::content::Content;
use crate::domain::{AccountNumber, Period, PeriodBounds, RoomNumber, Statement};
use crate::jobs::close::compute::compute;
use crate::jobs::publish::render_thread::RenderJob;
use crate::jobs::{Context, JobError, LateUsage, known_account};
use crate::store::{Key, StoreError, Tx, UsageScope, WaitingLegs};

/// What a preview shows.
#[derive(Debug)]
pub struct Preview {
    pub statement: Statement,
    pub files: Vec<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    #[error(transparent)]
    Job(#[from] JobError),
    #[error("account {account}, {period}: {obstacle}")]
    Obstacle { account: AccountNumber, period: Period, obstacle: Obstacle },
    #[error("account {account} has no room {room} with usage in {period}")]
    NoSuchRoom { account: AccountNumber, room: RoomNumber, period: Period },
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
}

impl From<StoreError> for PreviewError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

/// Computes and renders one account's month, or one room of it, into `folder`.
pub async fn preview(
    context: &Context,
    account: &AccountNumber,
    period: Period,
    room: Option<&RoomNumber>,
    folder: &Path,
) -> Result<Preview, PreviewError> {
    let mut tx = context.store.read().await?;
    let key = known_account(&mut tx, account).await?;
    let scope = scope_of(context, &mut tx, key, period).await?;
    let statement = compute(&mut tx, scope).await?.map_err(|obstacle| PreviewError::Obstacle {
        account: account.clone(),
        period,
        obstacle,
    })?;
    drop(tx);
    if let Some(room) = room
        && !statement.active_rooms().any(|active| active.number == *room)
    {
        return Err(PreviewError::NoSuchRoom { account: account.clone(), room: room.clone(), period });
    }
    let statement = Arc::new(statement);
    let mut rendered = RenderJob::new(context, &statement, scope).files();
    let mut files = Vec::new();
    while let Some(mut file) = rendered.next().await? {
        if room.is_none_or(|room| file.name.room() == Some(room)) {
            let path = folder.join(file.name.to_string());
            write(&path, &mut file.content).map_err(|source| PreviewError::File { path: path.clone(), source })?;
            files.push(path);
        }
    }
    files.sort();
    Ok(Preview { statement: Arc::unwrap_or_clone(statement), files })
}

/// The usage that closing, or revising, the period now would charge.
async fn scope_of(context: &Context, tx: &mut Tx, account: Key, period: Period) -> Result<UsageScope, JobError> {
    let current = tx.statements().current_statement(account, period).await?;
    let waiting = match context.settings.late_usage {
        LateUsage::Carry if tx.voids().has_waiting_voids(account, period).await? => WaitingLegs::Revised,
        LateUsage::Carry if tx.closings().is_closed(account, period).await? => WaitingLegs::LeftOut,
        LateUsage::Carry => WaitingLegs::Carried,
        LateUsage::Revise { .. } => WaitingLegs::Revised,
    };
    let bounds: PeriodBounds = tx.closings().period_bounds(account, period).await?;
    Ok(UsageScope { account, bounds, revision: current.map_or(1, |current| current.revision), waiting })
}

fn write(path: &Path, content: &mut Content) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    content.copy_to(&mut crate::files::create_export(path)?)
}
