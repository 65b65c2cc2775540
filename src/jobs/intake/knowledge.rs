//! What the rows of a source may refer to.

use std::sync::Arc;

use crate::jobs::import::entry::Knowledge;
use crate::jobs::{Context, JobError};

/// What rows may refer to, as of now.
pub(super) async fn knowledge(context: &Context) -> Result<Knowledge, JobError> {
    let directory = Arc::new(context.store.read().await?.master().directory().await?);
    Ok(Knowledge { directory, clock: context.clock, limits: context.settings.intake.limits })
}
