//! What needs a person, decided once: `status`, the status page, metrics, `/readyz` and the daily mail show the same
//! items in the same words.
//!
//! Reading order: [`Topic`] (the kinds of things that can need a person), [`Item`] (one of them), [`Attention`] (all of
//! them), `reading` (how they are found in the database).

mod months;
mod reading;
mod topic;

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::clock::to_the_minute;
use crate::domain::{AccountNumber, Period};
use crate::jobs::Part;
pub use months::{MonthCounts, OpenMonth};
pub use reading::{NextClosing, Overview};
pub use topic::Topic;

/// One thing that a person should look at. It holds no name and no address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    pub topic: Topic,
    pub account: Option<AccountNumber>,
    pub period: Option<Period>,
    /// What it is about if that is not an account: a part, a kind of file.
    pub subject: Option<String>,
    pub since: Option<DateTime<Utc>>,
    /// What happened and what to do; several lines where something is to be pasted.
    pub detail: String,
}

/// Everything that needs a person, the most urgent first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Attention {
    pub items: Vec<Item>,
    /// Since when the oldest work is due that is not done: closing (parked or not), publishing, sending.
    pub unfinished_since: Option<DateTime<Utc>>,
    /// Whether that is longer than `operations.overdue_after`.
    pub is_overdue: bool,
}

impl Item {
    /// An item about a part, a file or the configuration.
    pub fn about(topic: Topic, subject: impl Into<String>, detail: impl Into<String>) -> Self {
        let subject = Some(subject.into());
        Self { topic, account: None, period: None, subject, since: None, detail: detail.into() }
    }

    pub fn of_account(topic: Topic, account: AccountNumber, period: Option<Period>, detail: String) -> Self {
        Self { topic, account: Some(account), period, subject: None, since: None, detail }
    }

    pub fn since(self, since: DateTime<Utc>) -> Self {
        Self { since: Some(since), ..self }
    }

    /// As one entry of a list, for example `account 602127, 2009-05, parked: tariff X does not exist`.
    pub fn line(&self) -> String {
        let mut what = match (&self.account, &self.subject) {
            (Some(account), _) => format!("account {account}"),
            (None, subject) => subject.clone().unwrap_or_default(),
        };
        if let Some(period) = self.period {
            // Writing to a String does not fail.
            let _ = write!(what, ", {period}");
        }
        if self.account.is_some() {
            let _ = write!(what, ", {}", self.topic.word());
        }
        let since = self.since.map(|since| format!(" (since {})", to_the_minute(since)));
        format!("{what}: {}{}", self.detail, since.unwrap_or_default())
    }
}

impl Attention {
    /// Whether a person has to do something. What a person holds back is only reported.
    pub fn needs_a_person(&self) -> bool {
        self.items.iter().any(|item| item.topic.needs_a_person())
    }

    /// Adds `item` in its place.
    pub fn add(&mut self, item: Item) {
        let place = self.items.partition_point(|known| known.topic <= item.topic);
        self.items.insert(place, item);
    }

    /// Adds the parts that do not serve.
    pub fn add_parts<'a>(&mut self, parts: impl IntoIterator<Item = &'a Part>) {
        for Part { name, fault } in parts {
            if let Some(fault) = fault {
                self.add(Item::about(Topic::Part, *name, fault.as_str()));
            }
        }
    }

    /// Keeps what concerns `period` and `account`, where they are named, and what is about no month or account at
    /// all.
    pub fn only(&mut self, period: Option<Period>, account: Option<&AccountNumber>) {
        let concerns = |item: &Item| {
            item.period.is_none_or(|of| period.is_none_or(|period| of == period))
                && item.account.as_ref().is_none_or(|of| account.is_none_or(|account| of == account))
        };
        self.items.retain(concerns);
    }

    /// How many items each topic has; those without any as well.
    pub fn counts(&self) -> BTreeMap<Topic, u64> {
        let mut counts: BTreeMap<_, _> = Topic::ALL.into_iter().map(|topic| (topic, 0)).collect();
        for item in &self.items {
            *counts.entry(item.topic).or_default() += 1;
        }
        counts
    }

    /// Words for work that is overdue, if any is.
    pub fn overdue(&self) -> Option<String> {
        let since = self.unfinished_since.filter(|_| self.is_overdue)?;
        let since = since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        Some(format!("something has been due since {since} and is not done: see \"statementd status\""))
    }

    /// Items of one topic longest first, and topics by how urgent they are.
    fn sort(&mut self) {
        self.items
            .sort_by(|a, b| (a.topic, a.since, &a.account, a.period).cmp(&(b.topic, b.since, &b.account, b.period)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(topic: Topic, account: &str, period: &str) -> Item {
        Item::of_account(topic, account.parse().unwrap(), Some(period.parse().unwrap()), "why".into())
    }

    #[test]
    fn an_entry_says_whom_it_concerns_what_it_is_and_since_when() {
        let parked = item(Topic::Parked, "602127", "2009-05");
        assert_eq!(parked.line(), "account 602127, 2009-05, parked: why");
        let since = parked.since("2009-06-02T06:00:00Z".parse().unwrap());
        assert_eq!(since.line(), "account 602127, 2009-05, parked: why (since 2009-06-02 06:00 UTC)");
        assert_eq!(Item::about(Topic::Rejected, "usage", "3 rows").line(), "usage: 3 rows");
    }

    #[test]
    fn the_most_urgent_comes_first_and_what_a_person_holds_needs_no_one() {
        let mut attention = Attention::default();
        attention.add(item(Topic::Held, "1", "2009-05"));
        assert!(!attention.needs_a_person());
        attention.add(item(Topic::Failed, "1", "2009-05"));
        attention
            .add_parts(&[Part { name: "mail", fault: None }, Part { name: "archive", fault: Some("away".into()) }]);
        assert!(attention.needs_a_person());
        let topics: Vec<_> = attention.items.iter().map(|item| item.topic).collect();
        assert_eq!(topics, [Topic::Part, Topic::Failed, Topic::Held]);
        assert_eq!(attention.counts()[&Topic::Parked], 0);
        attention.only(Some("2009-04".parse().unwrap()), None);
        assert_eq!(attention.items.len(), 1);
    }
}
