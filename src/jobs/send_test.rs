//! A test message: the whole way to the server, past the ledger.

use std::sync::Arc;

use super::deliver::signer;
use super::message::FILE_DIGITS;
use super::{Context, JobError};
use crate::domain::EmailAddress;
use crate::mail::{Courier, Failure, Letter, Mailbox, Words, message_id_of};

/// Sends a short message to `recipient` now; gives the server's words. `mail.redirect_to` and `mail.only` do not
/// hold: whoever orders a test names its recipient.
pub async fn send_test(context: &Context, recipient: &EmailAddress) -> Result<Result<String, Failure>, JobError> {
    let rules = &context.settings.mail;
    let now = context.clock.now();
    let message_id = message_id_of(&rules.from, &format!("test {} {}", now.to_rfc3339(), recipient.ascii()));
    let to = Mailbox { name: None, address: recipient.clone() };
    let words = "This is a test message of statementd. Its mail settings work.\n";
    let letter = Letter {
        message_id: &message_id,
        date: now,
        from: &rules.from,
        reply_to: rules.reply_to.as_ref(),
        to: &to,
        language: "en",
        subject: "statementd: test message",
        words: &Words::new(words, &format!("<p>{}</p>\n", words.trim_end())),
        attachments: &[],
    };
    let message = letter.compose(format!("test-{}", &message_id[..FILE_DIGITS]), signer(context)?.as_ref())?;
    Ok(Courier::send_one(Arc::clone(&context.transport), message).await)
}
