//! Sends messages: how one is composed, and how far sending got.
//!
//! Reading order: `email` (what a message is made of, and its bytes), `dkim` (its signature), `transport` (where
//! messages go), `sender` (a folder or a connection, used for many messages), behind it `folder` (files) and `smtp`
//! (the conversation step by step), `outcome` (what can be said of an attempt), `pace` (messages per second). The
//! other way: `bounce_box` (where reports of failure arrive) and `bounce` (what one says).
//!
//! Nothing here logs: addresses and bodies pass through.

mod bounce;
mod bounce_box;
mod dkim;
mod email;
mod error;
mod folder;
mod message_id;
mod outcome;
mod pace;
mod sender;
mod smtp;
mod transport;

pub use bounce::{Bounce, BounceReading, FRONT, read_bounce};
pub use bounce_box::{BounceBox, BoxedMail, Mbox, MboxPlace, mark_seen, read_mail, unique_name};
pub use dkim::{DkimSettings, Signer};
pub use email::{Attachment, EmailBody, EmailContent, Message};
pub use error::MailError;
pub use folder::MailFolder;
pub use message_id::{message_id, message_id_of};
pub use outcome::Failure;
pub use pace::Pace;
pub use sender::MailSender;
pub use smtp::{SmtpSettings, Waits};
pub use transport::Transport;
