//! A test message: the whole way to the server, past the ledger; or only so far that nothing is sent.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::deliver::signer;
use super::{Context, JobError, MailRules};
use crate::digest::sha256_hex;
use crate::domain::EmailAddress;
use crate::mail::{Courier, Failure, Letter, Mailbox, Message, Signer, Transport};

/// Sends a short message to `recipient` now; gives the server's words. `mail.redirect_to` and `mail.only` do not
/// hold: whoever orders a test names its recipient.
pub async fn send_test(context: &Context, recipient: &EmailAddress) -> Result<Result<String, Failure>, JobError> {
    let rules = &context.settings.mail;
    let message = test_message(rules, recipient, context.clock.now(), signer(context)?.as_ref())?;
    let mut courier = Courier::new(Arc::clone(&context.transport));
    let sent = async {
        courier.prepare().await?;
        courier.announce(&message).await?;
        courier.hand_over(message).await
    };
    let sent = sent.await;
    courier.finish().await;
    Ok(sent)
}

/// Asks the server whether it would take a message from `mail.from` to `mail.from`, and sends none.
pub async fn rehearse_mail(
    rules: &MailRules,
    transport: Transport,
    now: DateTime<Utc>,
) -> Result<Result<(), Failure>, JobError> {
    let message = test_message(rules, &rules.from.address, now, None)?;
    let mut courier = Courier::new(Arc::new(transport));
    let heard = async {
        courier.prepare().await?;
        courier.rehearse(&message).await
    };
    let heard = heard.await;
    courier.finish().await;
    Ok(heard)
}

fn test_message(
    rules: &MailRules,
    recipient: &EmailAddress,
    now: DateTime<Utc>,
    signer: Option<&Signer>,
) -> Result<Message, JobError> {
    let sender = rules.from.address.ascii();
    let domain = sender.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let digest = sha256_hex(format!("test {} {}", now.to_rfc3339(), recipient.ascii()).as_bytes());
    let to = Mailbox { name: None, address: recipient.clone() };
    let words = "This is a test message of statementd. Its mail settings work.\n";
    let letter = Letter {
        message_id: &format!("{}@{domain}", &digest[..32]),
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
    Ok(letter.compose(format!("test-{}", &digest[..12]), signer)?)
}
