//! Open legs: one end has come, and the other has not for longer than any leg lasts. A beginning is usage that would
//! be lost in silence, so it is kept as a rejected row.

use super::knowledge::knowledge;
use crate::intake::readers::UsageRecord;
use crate::intake::{Kind, Refusal};
use crate::jobs::import::batch::BatchWriter;
use crate::jobs::import::collect::{Collector, columns};
use crate::jobs::{Context, JobError};
use crate::store::WorkKind;

/// Keys that are looked at in one transaction.
const KEYS_AT_ONCE: u32 = 1000;

/// Reports what has waited for too long, source by source; also of sources that only commands read.
pub(super) async fn report_expired_open_legs(context: &Context) -> Result<(), JobError> {
    for source in context.store.read().await?.intake().open_legs_by_intake().await? {
        while tell_some(context, &source.intake).await? {}
    }
    Ok(())
}

/// False if nothing more has waited for so long.
async fn tell_some(context: &Context, intake: &str) -> Result<bool, JobError> {
    let (store, now, limits) = (&context.store, context.clock.now(), context.settings.intake.limits);
    let before = now - limits.longest_leg;
    if store.read().await?.intake().open_legs_past_retention(intake, before, 1).await?.is_empty() {
        return Ok(false);
    }
    // Not while another process reads the source: the end may just have come.
    let Some(claim) = store.claim(WorkKind::Intake, intake).await? else { return Ok(false) };
    let expired = store.read().await?.intake().open_legs_past_retention(intake, before, KEYS_AT_ONCE).await?;
    let legs: Vec<UsageRecord> = expired
        .iter()
        .flat_map(|open| serde_json::from_str::<Vec<UsageRecord>>(&open.legs).unwrap_or_default())
        .collect();
    let begun: Vec<&UsageRecord> =
        legs.iter().filter(|leg| !leg.leg_id.is_empty() && leg.left_at.is_empty()).collect();
    let ids: Vec<&str> = begun.iter().map(|leg| leg.leg_id.as_str()).collect();
    // A file that came again brings beginnings of legs that are stored.
    let stored = store.read().await?.intake().stored_leg_ids(&ids).await?;
    let lost: Vec<UsageRecord> = begun.into_iter().filter(|leg| !stored.contains(&leg.leg_id)).cloned().collect();
    let ends = legs.iter().filter(|leg| leg.leg_id.is_empty()).count() as u64;
    let hours = limits.longest_leg.num_hours();
    let why = format!(
        "no end of this leg was seen within {hours} h (billing.longest_leg): if the file that has it comes yet, import it \
         again with the one that has the beginning; else ask the bridge, and dismiss this row"
    );
    let source = context.settings.intake.sources.iter().find(|source| source.name == intake);
    let knowledge = knowledge(context).await?;
    let reader = match source {
        Some(source) => source.shared_reader(),
        None => no_reader()?,
    };
    let mut collector = Collector::new(reader, knowledge.clone())?;
    collector.add_refused(intake, &lost, &Refusal::column("left_at", why));
    let mut writer = BatchWriter::new(store, knowledge, (Kind::Usage, intake), &columns()?);
    writer.write_group(collector.take()).await?;
    if let Some(tx) = writer.transaction() {
        tx.work().settle(claim).await?;
        let gone: Vec<(String, Option<String>)> = expired.into_iter().map(|open| (open.open_key, None)).collect();
        tx.intake().note_open_legs(intake, &gone, now).await?;
        let counts = [("skipped", "end without a beginning", ends), ("rejected", "", lost.len() as u64)];
        tx.intake().count(intake, &counts).await?;
    }
    writer.commit(false).await?;
    if !lost.is_empty() {
        tracing::warn!(intake, legs = lost.len(), "Legs have no end: see \"statementd import rejects list\"");
    }
    Ok(true)
}

/// For a source that is no longer configured: there is no default service type.
fn no_reader() -> Result<std::sync::Arc<crate::intake::readers::Reader>, JobError> {
    use crate::intake::readers::{Reader, ReaderError, ReaderSettings};
    let settings = ReaderSettings { reader: "asterisk-cel".into(), ..ReaderSettings::default() };
    let reader = Reader::new(&settings).map_err(|why| crate::intake::FileError::Reader {
        path: std::path::PathBuf::new(),
        source: ReaderError::Refused(why),
    });
    Ok(std::sync::Arc::new(reader?))
}
