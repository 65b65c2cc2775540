//! The audit entries of a source: whole files as an import notes them, and each refused file.
//!
//! Files that grow and posts bring something every second: of them the counts of the source tell.

use std::fmt::Write as _;

use super::names::printable;
use crate::jobs::Context;
use crate::jobs::audit::audit_overall;
use crate::jobs::import::batch::PartOutcome;
use crate::store::{IntakeFile, IntakeFileState, StoreError, Tx};

/// Writes down what became of `files`, in the transaction that brings it about; `brought` is what came since files
/// were last written down; it is reset.
pub(super) async fn note_files(
    context: &Context,
    tx: &mut Tx,
    (source, files): (&str, &[IntakeFile]),
    brought: &mut PartOutcome,
) -> Result<(), StoreError> {
    let taken: Vec<&str> =
        files.iter().filter(|file| file.state == IntakeFileState::Taken).map(|file| file.name.as_str()).collect();
    if !taken.is_empty() {
        let brought = std::mem::take(brought);
        audit_overall(context, tx, "taken", Some(&detail(source, &taken, brought))).await?;
    }
    for file in files.iter().filter(|file| file.state == IntakeFileState::Refused) {
        let detail = format!("{source}: {}: {}", printable(&file.name), file.reason);
        audit_overall(context, tx, "refused", Some(&detail)).await?;
    }
    Ok(())
}

fn detail(source: &str, names: &[&str], brought: PartOutcome) -> String {
    let mut detail = match names {
        [one] => format!("{source}: {}", printable(one)),
        names => {
            let (first, last) =
                (names.first().copied().unwrap_or_default(), names.last().copied().unwrap_or_default());
            format!("{source}: {} files, {} to {}", names.len(), printable(first), printable(last))
        }
    };
    let PartOutcome { stored, duplicates, rejected } = brought;
    // Writing to a String does not fail.
    let _ = write!(detail, ": {stored} stored");
    for (count, what) in [(duplicates, "already there"), (rejected, "rejected")] {
        if count > 0 {
            let _ = write!(detail, ", {count} {what}");
        }
    }
    detail
}
