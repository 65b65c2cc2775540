//! A month in the archive: its own objects, whether they are as they were written, and the month as one file.

use std::sync::Arc;
use std::time::Duration;

use super::office::ArchiveReading;
use super::reading_cache::ReadFuture;
use super::verify;
use super::visit::StaffVisit;
use crate::domain::Period;
use crate::jobs::{Context, MONTH_FILES, has_month_file};
use crate::portal::respond::Refusal;
use crate::render::{StaffLink, StaffSection, staff_instant};

/// How long a page waits for the archive.
const PATIENCE: Duration = Duration::from_secs(2);

fn read(context: &Context, period: Period) -> ReadFuture<ArchiveReading, std::convert::Infallible> {
    let context = context.clone();
    Box::pin(async move {
        let (mut said, taken_at) = (Vec::new(), context.clock.now());
        for name in MONTH_FILES {
            said.push(match has_month_file(&context, period, name).await {
                Ok(true) => (name, true, format!("{name} is as it was written.")),
                Ok(false) => (name, false, format!("{name} is not made yet.")),
                Err(error) => (name, false, error.to_string()),
            });
        }
        Ok(ArchiveReading(said, Some(taken_at)))
    })
}

pub(super) async fn section(visit: &StaffVisit, period: Period) -> Result<StaffSection, Refusal> {
    let reading = visit.shared.staff.archives.soon(period, read(&visit.context, period), PATIENCE).await;
    let waiting =
        || Arc::new(ArchiveReading(vec![("", true, "The archive takes its time to answer.".to_owned())], None));
    let reading = reading.unwrap_or_else(waiting);
    let there = |wanted: &str| reading.0.iter().any(|(name, is_there, _)| *is_there && *name == wanted);
    let is_anything = reading.0.iter().any(|(_, is_there, _)| *is_there);
    let mut said: Vec<String> = reading.1.iter().map(|at| format!("As of {}:", staff_instant(*at))).collect();
    said.extend(reading.0.iter().map(|(_, _, text)| text.clone()));
    said.extend(visit.shared.staff.checks.last(period).map(|check| verify::said(&check)));
    let path = format!("/staff/months/{period}");
    let mut buttons = Vec::new();
    buttons.extend(is_anything.then(|| StaffLink::new("The month as ZIP", format!("{path}.zip"))));
    let names = [("Table of contents", "index.html"), ("As CSV", "index.csv"), ("Manifest", "manifest.json")];
    let files = names.into_iter().filter(|(_, name)| there(name));
    buttons.extend(files.map(|(text, name)| StaffLink::new(text, format!("{path}/{name}"))));
    buttons.extend(is_anything.then(|| StaffLink::new("Does it verify?", format!("{path}/verify"))));
    Ok(StaffSection {
        id: "archive",
        heading: "In the archive".into(),
        text: said.join(" "),
        buttons,
        ..StaffSection::default()
    })
}
