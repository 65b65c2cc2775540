//! A test message: the whole way to the server, past the ledger.

use super::deliver::signer;
use super::{Context, JobError};
use crate::digest::sha256_hex;
use crate::domain::EmailAddress;
use crate::mail::{Courier, Failure, Letter, Mailbox};

/// Sends a short message to `recipient` now; gives the server's words. `mail.redirect_to` and `mail.only` do not
/// hold: whoever orders a test names its recipient.
pub async fn send_test(context: &Context, recipient: &EmailAddress) -> Result<Result<String, Failure>, JobError> {
    let rules = &context.settings.mail;
    let now = context.clock.now();
    let sender = rules.from.address.ascii();
    let domain = sender.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let digest = sha256_hex(format!("test {} {}", now.to_rfc3339(), recipient.ascii()).as_bytes());
    let message_id = format!("{}@{domain}", &digest[..32]);
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
        text: words.into(),
        html: format!("<p>{}</p>\n", words.trim_end()),
        attachments: Vec::new(),
    };
    let message = letter.compose(format!("test-{}", &digest[..12]), signer(context)?.as_ref())?;
    let mut courier = Courier::new(std::sync::Arc::clone(&context.transport));
    let sent = async {
        courier.prepare().await?;
        courier.announce(&message).await?;
        courier.hand_over(message).await
    };
    let sent = sent.await;
    courier.finish().await;
    Ok(sent)
}
