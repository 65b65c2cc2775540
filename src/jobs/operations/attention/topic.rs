//! The kinds of things that can need a person.

use serde::Serialize;

/// What an item is about, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A part that the program depends on does not work: database, archive, mail, disk, clock, a task of the daemon.
    Part,
    /// The configuration files as they are now are not in force.
    Configuration,
    /// Something is due for longer than `operations.overdue_after`.
    Overdue,
    /// An obstacle keeps an account's month from closing.
    Parked,
    /// A month is closed, but could not be put into the archive.
    Failed,
    /// A month's time has come, and no daemon runs that closes it.
    Due,
    /// A person paused all mail.
    Paused,
    /// A statement is beyond the safety bounds.
    Approval,
    /// A source of usage cannot be looked at, is silent, or has files that are not taken.
    Source,
    /// Rows of imported files could not be used.
    Rejected,
    /// A message came back.
    Bounced,
    /// It is not known whether a message arrived.
    Unknown,
    /// Months stay in the archive although their retention is over.
    Kept,
    /// A person holds messages back.
    Held,
}

impl Topic {
    pub const ALL: [Self; 14] = [
        Self::Part,
        Self::Configuration,
        Self::Overdue,
        Self::Parked,
        Self::Failed,
        Self::Due,
        Self::Paused,
        Self::Approval,
        Self::Source,
        Self::Rejected,
        Self::Bounced,
        Self::Unknown,
        Self::Kept,
        Self::Held,
    ];

    /// The name in metrics and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Part => "part",
            Self::Configuration => "configuration",
            Self::Overdue => "overdue",
            Self::Parked => "parked",
            Self::Failed => "failed",
            Self::Due => "due",
            Self::Paused => "paused",
            Self::Approval => "approval",
            Self::Source => "source",
            Self::Rejected => "rejected",
            Self::Bounced => "bounced",
            Self::Unknown => "unknown",
            Self::Kept => "kept",
            Self::Held => "held",
        }
    }

    /// What a person holds back is reported, but is not wrong.
    pub fn needs_a_person(self) -> bool {
        self != Self::Held
    }

    /// Above a list of its items.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Part => "Does not serve",
            Self::Configuration => "Configuration that is not in force",
            Self::Overdue => "Overdue",
            Self::Parked => "Parked: not closed",
            Self::Failed => "Failed: closed, but not in the archive",
            Self::Due => "Due, and no daemon runs",
            Self::Paused => "Mail is paused",
            Self::Approval => "Waiting for approval",
            Self::Source => "Usage that does not arrive",
            Self::Rejected => "Rejected rows",
            Self::Bounced => "Mail that came back",
            Self::Unknown => "Mail of which it is not known whether it arrived",
            Self::Kept => "Older months that stay in the archive although their time is over",
            Self::Held => "Mail that is held",
        }
    }

    /// What to do about all items of a topic, beside what each says.
    pub fn what_to_do(self) -> &'static str {
        match self {
            Self::Part => "See \"statementd check\". What waits for it is done by itself when it is back.",
            Self::Configuration => "Correct the files; the daemon takes them up by itself.",
            Self::Overdue => {
                "See \"statementd status\" and \"statementd check\"; the log says what stands in the way."
            }
            Self::Due => "Start the daemon, or run \"statementd close\".",
            Self::Parked => "Correct what each line names; the next tick closes the month.",
            Self::Failed => "Correct what each line names; every tick tries again.",
            Self::Paused => "\"statementd mail resume\" ends it.",
            Self::Approval => "Look at the statement; if it is right, approve it as the line says.",
            Self::Source => "See \"statementd intake list\", and the manual's page \"Bridges\".",
            Self::Rejected => "See \"statementd import rejects list\".",
            Self::Bounced => "Correct the address by \"statementd import\", then \"statementd mail retry\".",
            Self::Unknown => {
                "Ask the reader or the mail server's log. \"statementd mail retry --state unknown\" sends it again, \"statementd mail dismiss\" leaves it."
            }
            Self::Kept => "Do what each line says; nothing is lost meanwhile.",
            Self::Held => "\"statementd mail release\" sends it.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_listed_in_their_order_and_named_as_json_names_them() {
        assert!(Topic::ALL.is_sorted());
        for topic in Topic::ALL {
            assert_eq!(serde_json::to_value(topic).unwrap(), topic.word());
        }
    }
}
