//! A message to the operator, or a test message. In English, and not in the ledger.

use chrono::{DateTime, Utc};

use crate::digest::DigestKey;
use crate::domain::{EmailAddress, Mailbox};
use crate::jobs::MailRules;
use crate::jobs::deliver::compose::FILE_DIGITS;
use crate::mail::{Attachment, EmailBody, EmailContent, MailError, Message, Signer, message_id_of};

pub(crate) struct OwnMessage<'a> {
    /// Identifies it among the sender's messages: the same identity is the same message.
    pub identity: String,
    pub to: &'a EmailAddress,
    pub subject: &'a str,
    pub body: EmailBody,
    pub attachments: &'a [Attachment],
    /// How its file's name begins, where mail goes into a folder.
    pub file_stem: String,
}

impl OwnMessage<'_> {
    pub fn compose(
        self,
        key: &DigestKey,
        rules: &MailRules,
        now: DateTime<Utc>,
        signer: Option<&Signer>,
    ) -> Result<Message, MailError> {
        let message_id = message_id_of(key, &rules.from, &self.identity);
        let to = Mailbox { name: None, address: self.to.clone() };
        let email = EmailContent {
            message_id: &message_id,
            date: now,
            from: &rules.from,
            reply_to: rules.reply_to.as_ref(),
            to: &to,
            language: "en",
            subject: self.subject,
            body: &self.body,
            attachments: self.attachments,
        };
        email.compose(format!("{}-{}", self.file_stem, &message_id[..FILE_DIGITS]), signer)
    }
}
