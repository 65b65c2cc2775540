//! What a rerun changed, or would change: in a sentence, as CSV, JSON and a page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::archive::{ArchiveError, rerun_key};
use crate::csv_table::{CsvError, CsvTable};
use crate::digest::Sha256;
use crate::domain::{AccountNumber, Amount, Currency, Line, Period, RerunId, RerunState};
use crate::jobs::rerun::order::RerunOrder;
use crate::jobs::rerun::outcome::{AccountOutcome, RerunVerdict};
use crate::jobs::{Context, JobError};
use crate::render::{RerunAccount, RerunPage};

/// A rerun's result, account by account.
#[derive(Debug, Serialize)]
pub struct Report {
    pub id: RerunId,
    pub period: Period,
    pub reason: String,
    pub state: RerunState,
    pub unchanged: usize,
    pub changed: usize,
    pub parked: usize,
    pub messages: usize,
    /// Named by the rerun, but without a closed month to be done again.
    pub not_closed: Vec<AccountNumber>,
    /// By how much charges grew, as a decimal per currency.
    pub differences: BTreeMap<&'static str, String>,
    /// Those with something to say: unchanged accounts are only counted.
    pub accounts: Vec<AccountOutcome>,
}

/// Of a rerun of every account, in bytes, with room to spare.
const LARGEST_REPORT: u64 = 1 << 30;

/// The CSV has a row per changed line, or one for an account that could not be computed.
const HEADER: [&str; 12] = [
    "account",
    "company",
    "verdict",
    "room",
    "conference_id",
    "service_type",
    "started_at",
    "currency",
    "accumulated_seconds_before",
    "accumulated_seconds_after",
    "charge_before",
    "charge_after",
];

impl Report {
    pub(crate) fn new(order: &RerunOrder, outcomes: Vec<AccountOutcome>, not_closed: Vec<AccountNumber>) -> Self {
        let count = |is: fn(&RerunVerdict) -> bool| outcomes.iter().filter(|outcome| is(&outcome.verdict)).count();
        let mut sums = BTreeMap::<&'static str, (Currency, i64)>::new();
        for outcome in outcomes.iter().filter(|outcome| outcome.difference() != 0) {
            sums.entry(outcome.currency.code()).or_insert((outcome.currency, 0)).1 += outcome.difference();
        }
        let differences = sums.into_iter().map(|(code, (currency, sum))| (code, signed(currency, sum))).collect();
        Self {
            id: order.id.clone(),
            period: order.period,
            reason: order.reason.clone(),
            state: order.state,
            unchanged: count(|verdict| matches!(verdict, RerunVerdict::Unchanged)),
            parked: count(|verdict| matches!(verdict, RerunVerdict::Parked { .. })),
            changed: count(|verdict| !matches!(verdict, RerunVerdict::Unchanged | RerunVerdict::Parked { .. })),
            messages: outcomes.iter().map(|outcome| outcome.messages).sum(),
            not_closed,
            differences,
            accounts: outcomes.into_iter().filter(|outcome| outcome.verdict != RerunVerdict::Unchanged).collect(),
        }
    }

    /// For example `412 unchanged, 3 changed, +4.10 EUR, 6 messages`.
    pub(crate) fn summary(&self) -> String {
        let mut parts = vec![format!("{} unchanged", self.unchanged), format!("{} changed", self.changed)];
        if self.parked > 0 {
            parts.push(format!("{} cannot be computed", self.parked));
        }
        if !self.not_closed.is_empty() {
            let named: Vec<&str> = self.not_closed.iter().map(AccountNumber::as_str).collect();
            parts.push(format!("without a closed {}: {}", self.period, named.join(" ")));
        }
        parts.extend(self.differences.iter().map(|(currency, difference)| format!("{difference} {currency}")));
        parts.push(format!("{} messages", self.messages));
        parts.join(", ")
    }

    fn page<'a>(&'a self, summary: &'a str) -> RerunPage<'a> {
        let accounts = self.accounts.iter().map(|outcome| RerunAccount {
            account: &outcome.account,
            company: &outcome.company,
            currency: outcome.currency,
            verdict: outcome.verdict.sentence(),
            before: outcome.before.charge,
            after: outcome.after.charge,
            changes: outcome.changes.as_ref(),
        });
        RerunPage {
            id: self.id.as_str(),
            period: self.period,
            reason: &self.reason,
            is_applied: self.state == RerunState::Apply,
            summary,
            accounts: accounts.collect(),
        }
    }

    fn csv(&self) -> Result<Vec<u8>, CsvError> {
        let mut table = CsvTable::begin(Vec::new(), HEADER)?;
        for row in self.accounts.iter().flat_map(rows) {
            table.row(row)?;
        }
        table.finish()
    }
}

/// Writes `reruns/<id>/report.{json,csv,html}` to the archive.
pub(crate) async fn write_report(context: &Context, report: &Report) -> Result<[Sha256; 3], JobError> {
    let unusable =
        |error: &dyn std::fmt::Display| JobError::BadRerunOutcome(report.id.to_string(), error.to_string());
    let json = serde_json::to_vec_pretty(report).map_err(|error| unusable(&error))?;
    let csv = report.csv()?;
    let html = context.renderer.rerun_html(&report.page(&report.summary()))?;
    let digests = [&json, &csv, &html].map(|bytes| Sha256::of(bytes));
    for (extension, bytes) in [("json", json), ("csv", csv), ("html", html)] {
        context.archive.put_verified(&rerun_key(report.id.as_str(), extension), bytes).await?;
    }
    Ok(digests)
}

/// The report of a rerun in the format that `extension` names (`csv`, `html` or `json`); `None` if there is none yet.
pub async fn rerun_report(context: &Context, id: &str, extension: &str) -> Result<Option<Vec<u8>>, JobError> {
    Ok(context.archive.get(&rerun_key(id, extension), LARGEST_REPORT).await?)
}

/// The accounts of a rerun's report that have something to say; none if there is no report.
pub async fn rerun_accounts(context: &Context, id: &str) -> Result<Vec<AccountOutcome>, JobError> {
    let Some(report) = rerun_report(context, id, "json").await? else { return Ok(Vec::new()) };
    accounts_of(&report, id)
}

fn accounts_of(report: &[u8], id: &str) -> Result<Vec<AccountOutcome>, JobError> {
    #[derive(Deserialize)]
    struct Read {
        accounts: Vec<AccountOutcome>,
    }
    let read: Result<Read, _> = serde_json::from_slice(report);
    read.map(|read| read.accounts).map_err(|error| JobError::BadRerunOutcome(id.to_owned(), error.to_string()))
}

/// A report that a page shows.
#[derive(Debug)]
pub enum ShortReport {
    /// There is none yet.
    Missing,
    /// Longer than a page would show.
    Long,
    /// As it was written, with the accounts that have something to say.
    Read(Vec<u8>, Vec<AccountOutcome>),
}

/// The report of a rerun, unless it has more than `longest` bytes.
pub async fn short_rerun_report(context: &Context, id: &str, longest: u64) -> Result<ShortReport, JobError> {
    match context.archive.get(&rerun_key(id, "json"), longest).await {
        Ok(Some(json)) => {
            let accounts = accounts_of(&json, id)?;
            Ok(ShortReport::Read(json, accounts))
        }
        Ok(None) => Ok(ShortReport::Missing),
        Err(ArchiveError::TooLarge { .. }) => Ok(ShortReport::Long),
        Err(error) => Err(error.into()),
    }
}

/// Where the report of a rerun lies, for people.
pub fn rerun_report_url(context: &Context, id: &str) -> String {
    context.archive.shown(&rerun_key(id, "html"))
}

fn signed(currency: Currency, minor_units: i64) -> String {
    let sign = if minor_units > 0 { "+" } else { "" };
    format!("{sign}{}", currency.decimal(Amount(minor_units)))
}

/// A row per changed line, or one for the account alone.
fn rows(outcome: &AccountOutcome) -> Vec<[String; HEADER.len()]> {
    let lines = outcome.changes.as_ref().map_or(&[][..], |changes| changes.lines.as_slice());
    if lines.is_empty() {
        return vec![row(outcome, None, None)];
    }
    lines.iter().map(|change| row(outcome, change.before.as_ref(), change.after.as_ref())).collect()
}

fn row(outcome: &AccountOutcome, before: Option<&Line>, after: Option<&Line>) -> [String; HEADER.len()] {
    let line = after.or(before);
    let of_line = |text: fn(&Line) -> String| line.map(text).unwrap_or_default();
    let seconds = |line: Option<&Line>| line.map(|line| line.accumulated_seconds.to_string()).unwrap_or_default();
    let charge =
        |line: Option<&Line>| line.map(|line| outcome.currency.decimal(line.charge).to_string()).unwrap_or_default();
    [
        outcome.account.to_string(),
        outcome.company.clone(),
        outcome.verdict.sentence(),
        of_line(|line| line.room.to_string()),
        of_line(|line| line.conference_id.to_string()),
        of_line(|line| line.service_type.to_string()),
        of_line(|line| line.started_at.to_rfc3339()),
        outcome.currency.code().to_owned(),
        seconds(before),
        seconds(after),
        charge(before),
        charge(after),
    ]
}
