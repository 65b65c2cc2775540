//! The report of a rerun, for the operator: what changed, or would change, account by account and line by line.

use chrono::SecondsFormat;
use serde::Serialize;
use tera::Context;

use super::{RenderError, Renderer, context};
use crate::domain::{AccountNumber, Amount, Changes, Currency, Line, LocaleTag, Period};
use crate::render::locale;
use crate::render::locale::Formatters;

/// A rerun's result as its report shows it.
#[derive(Debug)]
pub struct RerunPage<'a> {
    pub id: &'a str,
    pub period: Period,
    pub reason: &'a str,
    /// Whether it was done, or only rehearsed.
    pub is_applied: bool,
    /// For example `412 unchanged, 3 changed, +4.10 EUR`.
    pub summary: &'a str,
    pub accounts: Vec<RerunAccount<'a>>,
}

/// An account for which something differs.
#[derive(Debug)]
pub struct RerunAccount<'a> {
    pub account: &'a AccountNumber,
    pub company: &'a str,
    pub currency: Currency,
    /// For example `revision 2`, or what to do.
    pub verdict: String,
    pub before: Amount,
    pub after: Amount,
    pub changes: Option<&'a Changes>,
}

#[derive(Serialize)]
struct AccountView {
    account: String,
    company: String,
    verdict: String,
    before: String,
    after: String,
    difference: String,
    lines: Vec<LineView>,
}

#[derive(Serialize)]
struct LineView {
    room: String,
    conference: String,
    service: String,
    started: String,
    time_before: String,
    time_after: String,
    before: String,
    after: String,
}

/// The operator's own language is not configured.
const LANGUAGE: &str = "en";

impl Renderer {
    pub fn rerun_html(&self, page: &RerunPage<'_>) -> Result<Vec<u8>, RenderError> {
        let tag: LocaleTag = LANGUAGE.parse().map_err(|error| RenderError::Template(format!("{error}")))?;
        let accounts: Vec<_> = page.accounts.iter().map(|account| view(&tag, account)).collect::<Result<_, _>>()?;
        let mut context: Context = context::of_page(self.catalogues.language(LANGUAGE)?, LANGUAGE, &self.brand_value);
        context.insert("id", page.id);
        context.insert("period", &page.period.to_string());
        context.insert("reason", page.reason);
        context.insert("is_applied", &page.is_applied);
        context.insert("summary", page.summary);
        context.insert("accounts", &accounts);
        self.templates.render("rerun.html", &context)
    }
}

fn view(tag: &LocaleTag, account: &RerunAccount<'_>) -> Result<AccountView, RenderError> {
    let format = Formatters::of(tag, account.currency)?;
    let lines = account.changes.map_or(&[][..], |changes| changes.lines.as_slice());
    Ok(AccountView {
        account: account.account.to_string(),
        company: account.company.to_owned(),
        verdict: account.verdict.clone(),
        before: format.money(account.before),
        after: format.money(account.after),
        difference: format.difference(i128::from(account.after.0) - i128::from(account.before.0)),
        lines: lines
            .iter()
            .filter_map(|change| line_view(&format, change.before.as_ref(), change.after.as_ref()))
            .collect(),
    })
}

fn line_view(format: &Formatters, before: Option<&Line>, after: Option<&Line>) -> Option<LineView> {
    let line = after.or(before)?;
    let time = |line: Option<&Line>| line.map(|line| locale::duration(line.accumulated_seconds)).unwrap_or_default();
    let charge = |line: Option<&Line>| line.map(|line| format.money(line.charge)).unwrap_or_default();
    Some(LineView {
        room: line.room.to_string(),
        conference: line.conference_id.to_string(),
        service: line.service_type.to_string(),
        started: line.started_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        time_before: time(before),
        time_after: time(after),
        before: charge(before),
        after: charge(after),
    })
}
