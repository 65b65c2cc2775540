//! Choices of the operator that both the configuration and the jobs name.

use serde::{Deserialize, Serialize};

/// What happens to a message of which it is not known whether the server accepted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownPolicy {
    /// The same bytes once more, after servers have had time to finish.
    ResendOnce,
    /// Nothing, until a person decides.
    Hold,
}

/// How the conversation with the mail server is protected. There is no "if the server offers it": that is what an
/// attacker takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// TLS from the first byte (port 465).
    Required,
    /// STARTTLS, and nothing goes on without it (port 587).
    StartTls,
    /// Not at all: for a server on the same machine.
    None,
}

/// How much of a caller's number a statement shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Callers {
    #[default]
    Masked,
    Full,
    None,
}

/// The language of the names of sheets and columns in workbooks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Headings {
    /// The mini-guide's, in English.
    #[default]
    Oai,
    /// The account's language.
    Language,
}

/// How far a rerun goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RerunState {
    /// Report what would change, and do nothing.
    #[default]
    Rehearse,
    Apply,
}

/// What a rerun repeats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RerunWhat {
    /// Compute from the usage and tariffs of now; without a difference, no revision is made.
    #[default]
    Figures,
    /// The same figures with the templates and brand of now.
    Presentation,
    /// Nothing new, only mail.
    Mail,
}

/// Who gets mail after a rerun.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RerunSend {
    None,
    /// The recipients of what changed.
    #[default]
    Changed,
    /// Every recipient of the accounts concerned.
    All,
}
