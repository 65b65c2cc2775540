//! Rejected rows that a person takes out: footers, half lines, rows that are wrong for good.

use crate::jobs::audit::audit_overall;
use crate::jobs::import::identity::identify_old_rejections;
use crate::jobs::{Context, JobError};
use crate::store::{ListedRejection, RejectsFilter, Store};

/// The chosen rows, those that 0.1.0 kept among them, which knew neither keys nor repetitions.
pub async fn list_rejected(store: &Store, chosen: &RejectsFilter) -> Result<Vec<ListedRejection>, JobError> {
    identify_old_rejections(store).await?;
    Ok(store.read().await?.rejects().listed_rejections(chosen).await?)
}

/// Takes the chosen rows out; returns those that waited. Only `import retry --id` brings one back.
pub async fn dismiss_rejected(
    context: &Context,
    chosen: &RejectsFilter,
    why: Option<&str>,
) -> Result<Vec<ListedRejection>, JobError> {
    identify_old_rejections(&context.store).await?;
    let now = context.clock.now();
    let mut tx = context.store.write().await?;
    let rows = tx.rejects().listed_rejections(chosen).await?;
    if let Some(unknown) = chosen.ids.iter().find(|id| !rows.iter().any(|row| row.id == **id)) {
        return Err(JobError::NoSuchRejection(*unknown));
    }
    for row in &rows {
        tx.rejects().dismiss_rejection(row.id, now).await?;
        let column = row.column.as_deref().map_or(String::new(), |column| format!("{column} "));
        let why = why.map_or(String::new(), |why| format!(" ({why})"));
        let detail =
            format!("rejected row {} of {}, line {}: {column}{}{why}", row.id, row.file, row.line, row.reason);
        audit_overall(context, &mut tx, "dismissed", Some(&detail)).await?;
    }
    tx.commit().await?;
    Ok(rows)
}
