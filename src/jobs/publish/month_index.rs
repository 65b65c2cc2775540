//! A month's own objects: the table of contents as CSV and HTML, the month's manifest, the log of what has left.
//!
//! Made again whenever what is published of the month has changed, from summaries that are stored beside the
//! statements: one account's revision reads no other account's files or documents. States of delivery follow at a
//! slower pace, in one go for all messages.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::archive::{ArchiveError, EXPIRED, MonthManifest, MonthObject, PinnedStatement, StatementFolder};
use crate::digest::Sha256;
use crate::domain::{FileName, Period, RoomNumber, StatementId};
use crate::jobs::publish::statement_files::still_held;
use crate::jobs::{Context, JobError};
use crate::pause_points;
use crate::render::{IndexFiles, IndexRow};
use crate::store::{
    ArchiveMonth, DeliveryStates, ExpiredStatement, IndexedStatement, MonthDigests, Stage, StatementFilter,
    StatementRow, StoreError, Tx, WorkClaim, WorkKind,
};

/// While mail is on its way, its states are shown no more often than this.
const DELIVERY_REFRESH: TimeDelta = TimeDelta::minutes(10);

/// Statements of a month's table of contents that are in memory together.
const PIECE: u32 = 500;

/// A month's objects as they should be; `None` if there should be none.
struct MonthPage {
    csv: Option<Vec<u8>>,
    html: Option<Vec<u8>>,
    manifest: Option<Vec<u8>>,
    expired: Option<Vec<u8>>,
}

/// Writes the months' objects that are stale; returns how many months that were.
pub async fn publish_indexes(context: &Context) -> Result<u64, JobError> {
    context.store.abandon_claims(WorkKind::Index).await?;
    collect_delivery_changes(context).await?;
    let now = context.clock.now();
    let mut written = 0;
    let months = context.store.read().await?.archive_months().list().await?;
    for month in months {
        if is_due(context, &month, now).await? {
            written += u64::from(write_if_free(context, &month, &month.digests).await?);
        }
    }
    Ok(written)
}

/// Writes the objects of `period`, or of every month, whatever is there; returns how many months that were.
pub async fn rebuild_indexes(context: &Context, period: Option<Period>) -> Result<u64, JobError> {
    collect_delivery_changes(context).await?;
    let mut written = 0;
    let months = context.store.read().await?.archive_months().list().await?;
    for month in months {
        if period.is_none_or(|period| period == month.period) {
            written += u64::from(write_if_free(context, &month, &MonthDigests::default()).await?);
        }
    }
    Ok(written)
}

async fn collect_delivery_changes(context: &Context) -> Result<(), JobError> {
    // Nothing is written if nothing has changed, which is so at most ticks of a daemon.
    if context.store.read().await?.archive_months().has_delivery_changes().await? {
        let mut tx = context.store.write().await?;
        tx.archive_months().collect_delivery_changes().await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn is_due(context: &Context, month: &ArchiveMonth, now: DateTime<Utc>) -> Result<bool, JobError> {
    if month.generation > month.shown_generation {
        return Ok(true);
    }
    if month.deliveries_changed <= month.deliveries_shown {
        return Ok(false);
    }
    // One that was made in the future, by a clock that was ahead, is of no known age.
    let age = now.timestamp() - month.shown_at.unwrap_or(0);
    let is_fresh = (0..DELIVERY_REFRESH.num_seconds()).contains(&age);
    Ok(!is_fresh || !context.store.read().await?.archive_months().has_mail_in_motion(month.period).await?)
}

/// Claims the month and writes its objects; false if another process is at it, or has taken it over.
async fn write_if_free(context: &Context, month: &ArchiveMonth, standing: &MonthDigests) -> Result<bool, JobError> {
    let Some(claim) = context.store.claim(WorkKind::Index, &month.period.to_string()).await? else {
        return Ok(false);
    };
    let written = write_month(context, claim, month, standing).await;
    pause_points::reach("before-a-month-is-noted").await;
    let mut tx = context.store.write().await?;
    match (tx.work().settle(claim).await, written) {
        (Ok(()), Ok(digests)) => {
            tx.archive_months().mark_shown(month, &digests, context.clock.now()).await?;
            tx.commit().await?;
            Ok(true)
        }
        (Ok(()), Err(error)) => {
            tx.commit().await?;
            if matches!(error, JobError::Store(StoreError::ClaimLost)) { Ok(false) } else { Err(error) }
        }
        (Err(StoreError::ClaimLost), _) => {
            tx.roll_back().await?;
            // These pages may have replaced newer ones just now.
            let mut tx = context.store.write().await?;
            tx.archive_months().mark_index_stale(month.period).await?;
            tx.commit().await?;
            Ok(false)
        }
        (Err(error), _) => Err(error.into()),
    }
}

/// Writes what differs from `standing`, and deletes what should not be there any more.
async fn write_month(
    context: &Context,
    claim: WorkClaim,
    month: &ArchiveMonth,
    standing: &MonthDigests,
) -> Result<MonthDigests, JobError> {
    let page = render_month(context, month.period).await?;
    context.archive.sweep(&month.period.to_string()).await?;
    context.archive.sweep(EXPIRED).await?;
    let put = async |object: MonthObject, bytes: Option<Vec<u8>>, standing: Option<Sha256>| {
        let key = object.key(month.period);
        still_held(context, claim)?;
        let Some(bytes) = bytes else {
            match context.archive.delete(&key).await {
                // The object stays, and the rest goes on. This is logged here, once, since the month then counts as
                // written.
                Err(error @ ArchiveError::MayNotDelete { .. }) => tracing::warn!("{error}"),
                deleted => deleted?,
            }
            return Ok::<_, JobError>(None);
        };
        let sha256 = Sha256::of(&bytes);
        if standing != Some(sha256) {
            context.archive.put_verified(&key, bytes).await?;
        }
        Ok(Some(sha256))
    };
    let written = MonthDigests {
        expired: put(MonthObject::Expired, page.expired, standing.expired).await?,
        csv: put(MonthObject::Csv, page.csv, standing.csv).await?,
        html: put(MonthObject::Html, page.html, standing.html).await?,
        // Last, as with statements: it vouches for what is there.
        manifest: put(MonthObject::Manifest, page.manifest, standing.manifest).await?,
    };
    context.archive.remove_empty(&month.period.to_string()).await?;
    Ok(written)
}

async fn render_month(context: &Context, period: Period) -> Result<MonthPage, JobError> {
    let mut tx = context.store.read().await?;
    let pinned = pinned_statements(
        &tx.statements().statement_rows(&StatementFilter { period: Some(period), account: None }).await?,
    );
    let expired = tx.retention().expired_statements(period).await?;
    let expired = (!expired.is_empty()).then(|| expired_csv(&expired));
    if pinned.is_empty() {
        return Ok(MonthPage { csv: None, html: None, manifest: None, expired });
    }
    let index = write_index(context, &mut tx, period).await?;
    let manifest =
        MonthManifest::new(period, pinned).to_bytes().map_err(|error| bad_month_manifest(period, &error))?;
    Ok(MonthPage { csv: Some(index.csv), html: Some(index.html), manifest: Some(manifest), expired })
}

/// A month's table of contents as it would be written now: CSV and page.
pub(crate) async fn index_files(context: &Context, period: Period) -> Result<(Vec<u8>, Vec<u8>), JobError> {
    let index = write_index(context, &mut context.store.read().await?, period).await?;
    Ok((index.csv, index.html))
}

/// Read and written in pieces, all of one moment.
async fn write_index(context: &Context, tx: &mut Tx, period: Period) -> Result<IndexFiles, JobError> {
    let mut index = context.renderer.index(period)?;
    let mut last = None;
    loop {
        let statements = tx.archive_months().indexed_statements(period, last.as_ref(), PIECE).await?;
        let Some(end) = statements.last() else { return Ok(index.finish()?) };
        last = Some(end.account.clone());
        let deliveries = tx.archive_months().delivery_states(&statements).await?;
        for statement in &statements {
            rows_of(period, statement, &deliveries).iter().try_for_each(|row| index.add(row))?;
        }
    }
}

pub(crate) fn bad_month_manifest(period: Period, error: &serde_json::Error) -> ArchiveError {
    ArchiveError::BadManifest { key: MonthObject::Manifest.key(period), why: error.to_string() }
}

/// Every revision of a month that is in the archive.
pub(crate) fn pinned_statements(rows: &[StatementRow]) -> Vec<PinnedStatement> {
    let published = rows.iter().filter(|row| row.stage == Stage::Published);
    published
        .filter_map(|row| {
            let manifest_sha256 = row.publication.as_ref()?.manifest_sha256;
            Some(PinnedStatement { account: row.account.clone(), revision: row.revision, manifest_sha256 })
        })
        .collect()
}

/// The account's row, then its rooms'.
fn rows_of(period: Period, statement: &IndexedStatement, deliveries: &DeliveryStates) -> Vec<IndexRow> {
    let delivery = |room: Option<&RoomNumber>| deliveries.get(&(statement.key, room.cloned())).map(|it| state_of(it));
    let account = IndexRow {
        account: statement.account.clone(),
        company: statement.summary.company.clone(),
        room: None,
        cardholder: None,
        conferences: statement.totals.conferences,
        accumulated_seconds: statement.totals.accumulated_seconds,
        charge: statement.totals.charge,
        currency: statement.currency,
        revision: statement.revision,
        delivery: delivery(None),
        files: file_paths(period, statement, None),
    };
    let rooms = statement.summary.rooms.iter().map(|room| IndexRow {
        room: Some(room.number.clone()),
        cardholder: Some(room.cardholder.clone()),
        conferences: room.totals.conferences,
        accumulated_seconds: room.totals.accumulated_seconds,
        charge: room.totals.charge,
        delivery: delivery(Some(&room.number)),
        files: file_paths(period, statement, Some(&room.number)),
        ..account.clone()
    });
    let rooms: Vec<_> = rooms.collect();
    std::iter::once(account).chain(rooms).collect()
}

/// `accepted`, or where messages fare differently `accepted 2, bounced 1`.
fn state_of(counts: &[(String, i64)]) -> String {
    match counts {
        [(state, _)] => state.clone(),
        several => several.iter().map(|(state, count)| format!("{state} {count}")).collect::<Vec<_>>().join(", "),
    }
}

/// Relative to the month's folder.
fn file_paths(period: Period, statement: &IndexedStatement, room: Option<&RoomNumber>) -> Vec<String> {
    let id = StatementId { period, account: statement.account.clone(), revision: statement.revision };
    let folder = StatementFolder::from(id);
    let formats = statement.formats.iter().map(|format| FileName::of(room, format));
    let json = room.is_none().then_some(FileName::AccountJson);
    formats.chain(json).map(|name| folder.within_period(&name.to_string())).collect()
}

/// What has left of a month; no field can hold a separator.
fn expired_csv(statements: &[ExpiredStatement]) -> Vec<u8> {
    let mut csv = String::from("account_number,revision,charge,currency,manifest_sha256,expired_at,objects,bytes\n");
    for statement in statements {
        let (objects, bytes) = statement
            .deleted
            .map_or_else(Default::default, |deleted| (deleted.objects.to_string(), deleted.bytes.to_string()));
        let _ = writeln!(
            csv,
            "{},{},{},{},{},{},{objects},{bytes}",
            statement.account,
            statement.revision,
            statement.currency.decimal(statement.charge),
            statement.currency.code(),
            statement.manifest_sha256.map(|digest| digest.to_string()).unwrap_or_default(),
            statement.expired_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        );
    }
    csv.into_bytes()
}
