//! `mail pause` and `mail resume`: no message to a customer is sent in between, whichever process would send it.

use crate::jobs::audit::audit_overall;
use crate::jobs::{Context, JobError};

/// False if mail was paused before.
pub async fn pause_mail(context: &Context) -> Result<bool, JobError> {
    let mut tx = context.store.write().await?;
    let is_new = tx.deliveries().pause_mail(&context.actor.to_string(), context.clock.now()).await?;
    if is_new {
        audit_overall(context, &mut tx, "mail_paused", None).await?;
    }
    tx.commit().await?;
    Ok(is_new)
}

/// False if mail was not paused.
pub async fn resume_mail(context: &Context) -> Result<bool, JobError> {
    let mut tx = context.store.write().await?;
    let was_paused = tx.deliveries().resume_mail().await?;
    if was_paused {
        audit_overall(context, &mut tx, "mail_resumed", None).await?;
    }
    tx.commit().await?;
    Ok(was_paused)
}
