//! Kept revisions and their files, each handed out only as its manifest says.

use crate::domain::{Amount, Currency, FileName, Format, Formats, Period, RoomNumber};
use crate::jobs::archive::fetch::{FetchError, FetchedStatement};
use crate::jobs::{Context, JobError};
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
    /// Codes of the month were changed since.
    pub is_recoded: bool,
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
    for row in tx.statements().statement_rows(&filter).await? {
        if row.stage != Stage::Published || tx.portal().awaits_approval(row.key).await? {
            continue;
        }
        let rooms = tx.portal().rooms_in_closed_month(access, row.period).await?;
        let files = files_of(&row, rooms.as_deref());
        if !files.is_empty() {
            let recoded = tx.codes().code_revision(access.account_key(), row.period).await?;
            let is_recoded = row.is_current && recoded.changed_at.is_some() && recoded.asked_at.is_none();
            kept.push(KeptRevision {
                period: row.period,
                revision: row.revision,
                is_current: row.is_current,
                charge: rooms.is_none().then_some((row.charge, row.currency)),
                files,
                is_recoded,
            });
        }
    }
    kept.reverse();
    Ok(kept)
}

fn files_of(row: &StatementRow, rooms: Option<&[RoomNumber]>) -> Vec<String> {
    let formats = row.publication.as_ref().map_or_else(Formats::default, |publication| publication.formats);
    let named =
        |stem: &str| formats.iter().map(|format| format!("{stem}.{}", format.extension())).collect::<Vec<_>>();
    match rooms {
        None => named("account"),
        Some(rooms) => rooms.iter().flat_map(|room| named(room.as_str())).collect(),
    }
}

/// `None` if there is no such file, or if it may not be seen.
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
        let rows = tx.statements().statement_rows(&filter).await?;
        let Some(row) = rows.into_iter().find(|row| row.revision == revision && row.stage == Stage::Published) else {
            return Ok(None);
        };
        if tx.portal().awaits_approval(row.key).await? {
            return Ok(None);
        }
        match (&name, tx.portal().rooms_in_closed_month(access, period).await?) {
            (_, None) => {}
            (FileName::Room(room, _), Some(rooms)) if rooms.contains(room) => {}
            _ => return Ok(None),
        }
        row
    };
    let read = match FetchedStatement::open(context, &row).await {
        Ok(statement) => statement.file(context, &name.to_string()).await,
        Err(error) => Err(error),
    };
    match read {
        Ok(bytes) => Ok(Some(RevisionFile { bytes, extension })),
        Err(FetchError::NoSuchFile(_) | FetchError::Expired(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn named(file: &str) -> Option<(FileName, &'static str)> {
    let (stem, extension) = file.rsplit_once('.')?;
    if (stem, extension) == ("account", "json") {
        return Some((FileName::AccountJson, "json"));
    }
    let format: Format = extension.parse().ok()?;
    let room = if stem == "account" { None } else { Some(stem.parse::<RoomNumber>().ok()?) };
    Some((FileName::of(room.as_ref(), format), format.extension()))
}
