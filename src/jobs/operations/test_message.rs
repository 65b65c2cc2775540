//! A test message: sent to the server without an entry in the ledger, or only so far that nothing is sent.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::digest::DigestKey;
use crate::domain::EmailAddress;
use crate::jobs::deliver::signer;
use crate::jobs::operations::operator_message::OwnMessage;
use crate::jobs::{Context, JobError, MailRules};
use crate::mail::{EmailBody, Failure, MailError, MailSender, Message, Signer, Transport};

/// Sends a short message to `recipient` now; returns the server's words. `mail.redirect_to` and `mail.only` do not
/// hold: anyone who orders a test names its recipient.
pub async fn send_test(context: &Context, recipient: &EmailAddress) -> Result<Result<String, Failure>, JobError> {
    let rules = &context.settings.mail;
    let message = test_message(rules, recipient, context.clock.now(), signer(context)?.as_ref())?;
    Ok(MailSender::send_one(Arc::clone(&context.transport), message).await)
}

/// Asks the server whether it would take a message from `mail.from` to `mail.from`, and sends none.
pub async fn rehearse_mail(
    rules: &MailRules,
    transport: &Transport,
    now: DateTime<Utc>,
) -> Result<Result<(), Failure>, JobError> {
    let message = test_message(rules, &rules.from.address, now, None)?;
    Ok(MailSender::rehearse_one(transport, &message).await)
}

fn test_message(
    rules: &MailRules,
    recipient: &EmailAddress,
    now: DateTime<Utc>,
    signer: Option<&Signer>,
) -> Result<Message, JobError> {
    let said = "This is a test message of statementd. Its mail settings work.\n";
    let test = OwnMessage {
        identity: format!("test {} {}", now.to_rfc3339(), recipient.ascii()),
        to: recipient,
        subject: "statementd: test message",
        body: EmailBody::new(said, &format!("<p>{}</p>\n", said.trim_end())),
        attachments: &[],
        file_stem: "test".into(),
    };
    // There is no second attempt of it, for which the id would have to be the same.
    let key = DigestKey::generate().map_err(|error| MailError::Compose(error.to_string()))?;
    Ok(test.compose(&key, rules, now, signer)?)
}
