//! A month's table of contents: made again whenever what is published of that month has changed.

use super::{Context, JobError};
use crate::archive::{FileName, StatementFolder, index_key};
use crate::domain::{Period, RoomNumber};
use crate::render::{IndexRow, RenderError};
use crate::store::IndexedStatement;

/// Writes the tables of contents that are stale; returns how many.
pub async fn publish_indexes(context: &Context) -> Result<u64, JobError> {
    let stale = context.store.read().await?.stale_indexes().await?;
    let mut written = 0;
    for index in stale {
        let rows = index_rows(context, index.period).await?;
        let renderer = std::sync::Arc::clone(&context.renderer);
        let period = index.period;
        let pages = tokio::task::spawn_blocking(move || {
            Ok::<_, RenderError>([
                ("csv", renderer.index_csv(period, &rows)?),
                ("html", renderer.index_html(period, &rows)?),
            ])
        });
        for (extension, bytes) in pages.await?? {
            context.archive.put_verified(&index_key(period, extension), bytes).await?;
        }
        let mut tx = context.store.write().await?;
        tx.mark_indexed(&index).await?;
        tx.commit().await?;
        written += 1;
    }
    Ok(written)
}

async fn index_rows(context: &Context, period: Period) -> Result<Vec<IndexRow>, JobError> {
    let statements = context.store.read().await?.indexed_statements(period).await?;
    Ok(statements.iter().flat_map(|statement| rows_of(period, statement)).collect())
}

/// The account's row, then its rooms'.
fn rows_of(period: Period, statement: &IndexedStatement) -> Vec<IndexRow> {
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
        files: file_paths(period, statement, None),
    };
    let rooms = statement.summary.rooms.iter().map(|room| IndexRow {
        room: Some(room.number.clone()),
        cardholder: Some(room.cardholder.clone()),
        conferences: room.totals.conferences,
        accumulated_seconds: room.totals.accumulated_seconds,
        charge: room.totals.charge,
        files: file_paths(period, statement, Some(&room.number)),
        ..account.clone()
    });
    let rooms: Vec<_> = rooms.collect();
    std::iter::once(account).chain(rooms).collect()
}

/// Relative to the month's folder.
fn file_paths(period: Period, statement: &IndexedStatement, room: Option<&RoomNumber>) -> Vec<String> {
    let folder = StatementFolder { period, account: statement.account.clone(), revision: statement.revision };
    let formats = [("xlsx", statement.formats.contains("xlsx")), ("html", statement.formats.contains("html"))];
    let named = formats.into_iter().filter(|(_, there)| *there).map(|(extension, _)| extension);
    let json = room.is_none().then_some("json");
    named
        .chain(json)
        .map(|extension| {
            let name = room.map_or(FileName::Account(extension), |room| FileName::Room(room.clone(), extension));
            folder.within_period(&name.to_string())
        })
        .collect()
}
