//! Kept revisions and their files, each handed out only as its manifest says.

use crate::archive::{ArchiveError, FileName};
use crate::digest::sha256_hex;
use crate::domain::{Amount, Currency, Period, RoomNumber};
use crate::jobs::{Context, JobError, statement_folder};
use crate::store::{AccountAccess, Stage, StatementFilter, StatementRow};

/// A revision in the archive, with the files of it that may be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRevision {
    pub period: Period,
    pub revision: u32,
    pub is_current: bool,
    /// None for a cardholder, who sees their rooms only.
    pub charge: Option<(Amount, Currency)>,
    /// As [`revision_file`] takes them: `account.xlsx`, `332703.html`.
    pub files: Vec<String>,
}

/// A file of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionFile {
    pub bytes: Vec<u8>,
    /// `xlsx`, `html` or `json`.
    pub extension: &'static str,
}

/// Newest first; statements that safety bounds hold are left out.
pub async fn kept_revisions(context: &Context, access: &AccountAccess) -> Result<Vec<KeptRevision>, JobError> {
    let mut tx = context.store.read().await?;
    let filter = StatementFilter { account: Some(access.number().clone()), period: None };
    let mut kept = Vec::new();
    for row in tx.statement_rows(&filter).await? {
        if row.stage != Stage::Published || tx.awaits_approval(row.key).await? {
            continue;
        }
        let rooms = tx.rooms_in_closed_month(access, row.period).await?;
        let files = files_of(&row, rooms.as_deref());
        if !files.is_empty() {
            kept.push(KeptRevision {
                period: row.period,
                revision: row.revision,
                is_current: row.is_current,
                charge: rooms.is_none().then_some((row.charge, row.currency)),
                files,
            });
        }
    }
    kept.reverse();
    Ok(kept)
}

fn files_of(row: &StatementRow, rooms: Option<&[RoomNumber]>) -> Vec<String> {
    let formats = row.publication.as_ref().map_or("", |publication| publication.formats.as_str());
    let formats = || formats.split(',').filter(|format| ["xlsx", "html"].contains(format));
    match rooms {
        None => formats().map(|format| format!("account.{format}")).collect(),
        Some(rooms) => {
            rooms.iter().flat_map(|room| formats().map(move |format| format!("{room}.{format}"))).collect()
        }
    }
}

/// None where there is no such file, or where it may not be seen.
pub async fn revision_file(
    context: &Context,
    access: &AccountAccess,
    (period, revision): (Period, u32),
    file: &str,
) -> Result<Option<RevisionFile>, JobError> {
    let Some((name, extension)) = named(file) else { return Ok(None) };
    let row = {
        let mut tx = context.store.read().await?;
        let filter = StatementFilter { account: Some(access.number().clone()), period: Some(period) };
        let rows = tx.statement_rows(&filter).await?;
        let Some(row) = rows.into_iter().find(|row| row.revision == revision && row.stage == Stage::Published) else {
            return Ok(None);
        };
        if tx.awaits_approval(row.key).await? {
            return Ok(None);
        }
        match (&name, tx.rooms_in_closed_month(access, period).await?) {
            (_, None) => {}
            (FileName::Room(room, _), Some(rooms)) if rooms.contains(room) => {}
            _ => return Ok(None),
        }
        row
    };
    fetch(context, &row, &name.to_string()).await.map(|bytes| bytes.map(|bytes| RevisionFile { bytes, extension }))
}

fn named(file: &str) -> Option<(FileName, &'static str)> {
    let (stem, suffix) = file.rsplit_once('.')?;
    let extension = ["xlsx", "html", "json"].into_iter().find(|known| *known == suffix)?;
    match stem {
        "account" => Some((FileName::Account(extension), extension)),
        _ if extension == "json" => None,
        room => Some((FileName::Room(room.parse().ok()?, extension), extension)),
    }
}

/// As the manifest says, which must be the one that the database remembers; None: the statement has no such file.
async fn fetch(context: &Context, row: &StatementRow, name: &str) -> Result<Option<Vec<u8>>, JobError> {
    let folder = statement_folder(row);
    let differs = |key: String| JobError::from(ArchiveError::ReadBackDiffers { key });
    let promised = row.publication.as_ref().map(|publication| publication.manifest_sha256.as_str());
    let manifest = match context.archive.manifest(&folder).await? {
        Some((manifest, bytes)) if promised == Some(sha256_hex(&bytes).as_str()) => manifest,
        _ => return Err(differs(folder.key(crate::archive::MANIFEST))),
    };
    let Some(entry) = manifest.files.iter().find(|entry| entry.name == name) else { return Ok(None) };
    let key = folder.key(name);
    match context.archive.get(&key).await? {
        Some(bytes) if sha256_hex(&bytes) == entry.sha256 => Ok(Some(bytes)),
        _ => Err(differs(key)),
    }
}
