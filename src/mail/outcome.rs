//! What is known of an attempt that did not end with the server's acceptance.

/// Why a message is not known to be accepted. The words are the server's, or say what happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The server could not be reached, or refused the conversation or the sender: nothing was said about the message.
    #[error("{0}")]
    Unreachable(String),
    /// The conversation broke off before the message was complete: the server cannot have taken it.
    #[error("{0}")]
    BrokenOff(String),
    /// 4xx: may succeed another time.
    #[error("{0}")]
    NotNow(String),
    /// 4xx about the sender (a quota, a rate): tried again however long it takes, since no recipient is at fault.
    #[error("{0}")]
    SenderNotNow(String),
    /// 5xx: will not succeed.
    #[error("{0}")]
    Refused(String),
    /// The message was complete, and the answer did not come: it is not known.
    #[error("{0}")]
    AnswerLost(String),
}
