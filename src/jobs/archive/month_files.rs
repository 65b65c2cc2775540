//! A month's own files, each handed out only as it was written.
//!
//! A file is replaced before its digest is written down. One that differs while that is under way, or has been done
//! meanwhile, is not damaged: it is read again.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

use super::fetch::FetchError;
use crate::archive::{Archive, ArchiveError, FileEntry, KnownContent, MonthObject};
use crate::digest::Sha256;
use crate::domain::Period;
use crate::jobs::Context;
use crate::store::{ArchiveMonth, StoreError, Tx, WorkKind};

/// What a month has besides its statements, by name.
pub const MONTH_FILES: [&str; 3] = ["index.csv", "index.html", "manifest.json"];

/// How long a file that is being made anew is waited for, and the pause between two looks.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(50);

/// What has happened to a month's own files since its row was read.
pub(crate) enum Since {
    Nothing,
    /// A process is making them.
    BeingMade,
    /// They were made anew, or are to be.
    Changed,
}

/// One of [`MONTH_FILES`] as it was written; `None` if it was never made.
pub async fn month_file(context: &Context, period: Period, name: &str) -> Result<Option<Vec<u8>>, FetchError> {
    let read: Read<Vec<u8>> = |archive, file| {
        Box::pin(async move {
            let read = archive.get(&file.name, file.size).await?;
            Ok(read.filter(|bytes| Sha256::of(bytes) == file.sha256))
        })
    };
    as_written(context, period, name, read).await
}

/// One of [`MONTH_FILES`] as it was written, of any size, without holding it in memory; `None` if it was never made.
pub async fn large_month_file(
    context: &Context,
    period: Period,
    name: &str,
) -> Result<Option<(String, KnownContent)>, FetchError> {
    let read: Read<(String, KnownContent)> = |archive, file| {
        Box::pin(async move {
            let read = archive.read_large(&file.name, file.size).await?;
            Ok(read.filter(|read| read.sha256 == file.sha256).map(|read| (file.name, read)))
        })
    };
    as_written(context, period, name, read).await
}

/// Whether one of [`MONTH_FILES`] is as it was written, without its bytes; false: it was never made.
pub async fn has_month_file(context: &Context, period: Period, name: &str) -> Result<bool, FetchError> {
    Ok(as_written(context, period, name, |_, _| Box::pin(async { Ok(Some(())) })).await?.is_some())
}

/// Reads a file whose `name` is its key; `None` if it is no longer as the entry says.
type Read<T> = for<'a> fn(&'a Archive, FileEntry) -> BoxFuture<'a, Result<Option<T>, ArchiveError>>;

/// What `read` returns for a file that is as it was written. It is hashed piece by piece before, since what was changed
/// may be of any size.
async fn as_written<T>(
    context: &Context,
    period: Period,
    name: &str,
    read: Read<T>,
) -> Result<Option<T>, FetchError> {
    let begun = Instant::now();
    loop {
        let mut tx = context.store.read_for_people().await?;
        let Some(month) = month_row(&mut tx, period).await? else { return Ok(None) };
        drop(tx);
        let (object, written) = match name {
            "index.csv" => (MonthObject::Csv, month.digests.csv),
            "index.html" => (MonthObject::Html, month.digests.html),
            "manifest.json" => (MonthObject::Manifest, month.digests.manifest),
            _ => return Ok(None),
        };
        let Some(written) = written else { return Ok(None) };
        let key = object.key(period);
        let stored = context.archive.digest(&key).await?;
        let what = if stored.is_some() { "was changed since it was written" } else { "is missing" };
        if let Some(file) = stored.filter(|stored| stored.sha256 == written)
            && let Some(read) = read(&context.archive, file).await?
        {
            return Ok(Some(read));
        }
        if matches!(since(context, &month).await?, Since::Nothing) {
            return Err(FetchError::MonthDamaged { period, key, what });
        }
        if begun.elapsed() > PATIENCE {
            return Err(FetchError::MonthBeingMade { period, key });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn month_row(tx: &mut Tx, period: Period) -> Result<Option<ArchiveMonth>, StoreError> {
    Ok(tx.archive_months().list().await?.into_iter().find(|month| month.period == period))
}

/// Whether a month's own files may differ from what `seen`, a row that was read before them, says of them.
pub(crate) async fn since(context: &Context, seen: &ArchiveMonth) -> Result<Since, StoreError> {
    let mut tx = context.store.read_for_people().await?;
    let is_being_made = tx.work().is_claimed(WorkKind::Index, &seen.period.to_string()).await?;
    // Read last: a process that has let go of its claim has changed the row with it.
    Ok(match month_row(&mut tx, seen.period).await? {
        now if now.as_ref() != Some(seen) => Since::Changed,
        _ if is_being_made => Since::BeingMade,
        _ => Since::Nothing,
    })
}
