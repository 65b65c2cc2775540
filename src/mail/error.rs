//! Why an email cannot become a message.

/// Why an email cannot become a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    #[error("an address cannot be written in an SMTP command: {0}")]
    Address(String),
    #[error("attachment {name}: media type {media_type:?} is not one")]
    MediaType { name: String, media_type: &'static str },
    #[error("the message cannot be composed: {0}")]
    Compose(String),
    #[error("{0}")]
    Dkim(String),
}
