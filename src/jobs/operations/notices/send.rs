//! One notice on its way to each of the operator's addresses.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::EmailAddress;
use crate::jobs::deliver::signer;
use crate::jobs::operations::operator_message::OwnMessage;
use crate::jobs::{Context, JobError};
use crate::mail::{Attachment, EmailBody, Failure, MailSender};
use crate::store::NoticeKey;

pub(crate) struct Notice {
    pub title: String,
    /// Plain text, its lines at most as wide as a terminal where possible.
    pub text: String,
    pub attachments: Vec<Attachment>,
}

/// The operator's addresses that have not got this notice.
pub(crate) async fn waiting_for(
    context: &Context,
    kind: &'static str,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<Vec<EmailAddress>, JobError> {
    let mut tx = context.store.read().await?;
    let mut waiting = Vec::new();
    for recipient in &context.settings.operations.notify {
        if !tx.notices().has(NoticeKey { kind, subject, recipient }, now).await? {
            waiting.push(recipient.clone());
        }
    }
    Ok(waiting)
}

/// Sends a notice to each of `recipients` that no one else is sending it to.
pub(crate) async fn post(
    context: &Context,
    notice: &Notice,
    (kind, subject): (&'static str, &str),
    recipients: &[EmailAddress],
    now: DateTime<Utc>,
) -> Result<u64, JobError> {
    let mut sent = 0;
    for recipient in recipients {
        let key = NoticeKey { kind, subject, recipient };
        let mut tx = context.store.write().await?;
        let is_ours = tx.notices().claim(key, now).await?;
        tx.commit().await?;
        if !is_ours {
            continue;
        }
        let outcome = send(context, notice, key, now).await?;
        let mut tx = context.store.write().await?;
        match outcome {
            Ok(_) => {
                tx.notices().settle(key, now).await?;
                sent += 1;
                tracing::info!(kind, subject, "The operator was notified");
            }
            Err(failure @ (Failure::Refused(_) | Failure::AnswerLost(_))) => {
                tx.notices().settle(key, now).await?;
                let code = reply_code(&failure);
                tracing::error!(
                    kind,
                    subject,
                    code,
                    "A notice to operations.notify was not taken: check the address"
                );
            }
            Err(failure) => {
                tx.notices().give_back(key).await?;
                let code = reply_code(&failure);
                tracing::warn!(kind, subject, code, "A notice to operations.notify waits for the mail server");
            }
        }
        tx.commit().await?;
    }
    Ok(sent)
}

/// The server's words may hold the address, its code does not.
fn reply_code(failure: &Failure) -> String {
    failure.to_string().chars().take_while(|char| char.is_ascii_digit()).take(3).collect()
}

async fn send(
    context: &Context,
    notice: &Notice,
    key: NoticeKey<'_>,
    now: DateTime<Utc>,
) -> Result<Result<String, Failure>, JobError> {
    let rules = &context.settings.mail;
    let own = OwnMessage {
        identity: format!("notice/{}/{}/{}", key.kind, key.subject, key.recipient.ascii()),
        to: rules.redirect_to.as_ref().unwrap_or(key.recipient),
        subject: &notice.title,
        body: EmailBody::new(&notice.text, &format!("<pre>{}</pre>\n", escaped(&notice.text))),
        attachments: &notice.attachments,
        file_stem: format!("{}-{}", key.kind, key.subject),
    };
    let message = own.compose(context.store.message_key()?, rules, now, signer(context)?.as_ref())?;
    Ok(MailSender::send_one(Arc::clone(&context.transport), message).await)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
