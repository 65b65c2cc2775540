//! The audit entry of an imported file.

use std::fmt::Write;
use std::path::Path;

use crate::jobs::audit::audit_overall;
use crate::jobs::import::report::ImportReport;
use crate::jobs::{Context, JobError};

/// Writes down what a file brought. The file's name only: the folders above it may name a person.
pub async fn note_import(context: &Context, report: &ImportReport) -> Result<(), JobError> {
    let mut tx = context.store.write().await?;
    audit_overall(context, &mut tx, "imported", Some(&detail(report))).await?;
    tx.commit().await?;
    Ok(())
}

fn detail(report: &ImportReport) -> String {
    let ImportReport { kind, file, rows, stored, .. } = report;
    let mut detail = format!("{} {}: {rows} rows, {stored} stored", kind.as_str(), name(file));
    let others = [(report.duplicates, "already there"), (report.late, "late"), (report.rejected, "rejected")];
    for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
        // Writing to a String does not fail.
        let _ = write!(detail, ", {count} {what}");
    }
    detail
}

fn name(file: &Path) -> String {
    file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned())
}
