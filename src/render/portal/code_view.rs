//! Billing codes on pages: what can be given, what was given, what each code comes to.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::month_shown::{MonthShown, Standing};
use super::table::ListQuery;
use crate::domain::{AccountCode, BillingCode, CodePolicy, CodeShare, Totals};
use crate::render::RenderError;
use crate::render::locale;
use crate::render::view::Reader;

/// How many codes a page lists with their totals; the others share one line.
const MOST_TOTALS: usize = 100;
/// Codes that a page offers to choose from; with more, they are typed.
const MOST_OFFERED: usize = 50;

/// What a page offers about codes.
#[derive(Debug, Clone, Default)]
pub struct CodesOffer {
    pub may_assign: bool,
    pub is_owner: bool,
    pub policy: CodePolicy,
    /// Those that can be given, in order.
    pub known: Vec<AccountCode>,
    /// The newest change that is seen on the page; 0: there was none.
    pub seen: i64,
    /// The result of the last change.
    pub notice: Option<CodeNotice>,
    /// Of one conference, newest first.
    pub history: Vec<CodeChangeView>,
}

/// The result of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeNotice {
    /// `set` names it; `None` if it cannot be taken back any more.
    Given {
        count: u64,
        code: Option<BillingCode>,
        set: Option<i64>,
    },
    /// `left`: those that someone else has changed since.
    TakenBack {
        count: u64,
        left: u64,
        set: Option<i64>,
    },
    Nothing,
}

/// One change of a conference's code.
#[derive(Debug, Clone)]
pub struct CodeChangeView {
    pub at: DateTime<Utc>,
    pub by: String,
    pub before: Option<BillingCode>,
    pub after: Option<BillingCode>,
    /// The statement that was current then.
    pub revision: Option<i64>,
    pub is_undo: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct OfferView {
    /// Where the form goes.
    action: String,
    seen: i64,
    is_listed: bool,
    /// (code, its name); empty where there are too many.
    known: Vec<(String, String)>,
    /// The text of the button that chooses all rows; `None` if there is nothing to choose.
    all: Option<String>,
    /// A link that ticks all rows of the page.
    tick: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct NoticeView {
    text: String,
    /// Where the change is taken back.
    undo: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct HistoryView {
    at: String,
    by: String,
    change: String,
    revision: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct CodeTotalView {
    label: String,
    time: String,
    charge: String,
    /// The code on the statement, if it differs.
    on_statement: Option<String>,
    /// Of the charge, or of the time where nothing is charged: how long a bar is, in percent.
    percent: u64,
}

impl CodesOffer {
    /// The form by which codes are given; `query` names the list that it belongs to.
    pub(super) fn form(
        &self,
        reader: &Reader<'_>,
        account_path: &str,
        query: &str,
        (all, tick): (Option<usize>, Option<String>),
    ) -> Result<Option<OfferView>, RenderError> {
        if !self.may_assign {
            return Ok(None);
        }
        let named = |known: &AccountCode| {
            let label = known.label.as_ref().map(|label| format!("{} · {label}", known.code));
            (known.code.to_string(), label.unwrap_or_else(|| known.code.to_string()))
        };
        let is_short = self.known.len() <= MOST_OFFERED || self.policy.is_listed;
        let all = all.map(|count| {
            let count = reader.format.count(count as u64);
            reader.catalogue.phrase("portal-code-all", &[("count", &count)])
        });
        Ok(Some(OfferView {
            action: format!("{account_path}/codes/assign?{query}"),
            seen: self.seen,
            is_listed: self.policy.is_listed,
            known: if is_short { self.known.iter().map(named).collect() } else { Vec::new() },
            all: all.transpose()?,
            tick,
        }))
    }

    pub(super) fn notice(
        &self,
        reader: &Reader<'_>,
        account_path: &str,
        query: &str,
    ) -> Result<Option<NoticeView>, RenderError> {
        let Some(notice) = &self.notice else { return Ok(None) };
        let catalogue = reader.catalogue;
        let count = |count: u64| reader.format.count(count);
        let (text, set) = match notice {
            CodeNotice::Nothing => (catalogue.word("portal-code-nothing")?, None),
            CodeNotice::Given { count: many, code: Some(code), set } => {
                let texts = [("count", count(*many)), ("code", code.to_string())];
                let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
                (catalogue.phrase("portal-code-given", &texts)?, *set)
            }
            CodeNotice::Given { count: many, code: None, set } => {
                (catalogue.phrase("portal-code-taken", &[("count", &count(*many))])?, *set)
            }
            CodeNotice::TakenBack { count: many, left, set } => {
                let back = catalogue.phrase("portal-code-back", &[("count", &count(*many))])?;
                let left = (*left > 0)
                    .then(|| catalogue.phrase("portal-code-left", &[("count", &count(*left))]))
                    .transpose()?;
                (left.map_or_else(|| back.clone(), |left| format!("{back} {left}")), *set)
            }
        };
        let undo = set.map(|set| format!("{account_path}/codes/changes/{set}/undo?{query}"));
        Ok(Some(NoticeView { text, undo }))
    }

    pub(super) fn history(&self, reader: &Reader<'_>) -> Result<Vec<HistoryView>, RenderError> {
        let unallocated = reader.catalogue.word("portal-code-own")?;
        let code =
            |code: &Option<BillingCode>| code.as_ref().map_or_else(|| unallocated.clone(), ToString::to_string);
        let zone = reader.statement.account.time_zone;
        let shown = |change: &CodeChangeView| {
            let at = change.at.with_timezone(&zone);
            let revision = change.revision.map(|revision| {
                reader.catalogue.phrase("portal-statement-revision", &[("number", &revision.to_string())])
            });
            let undo = if change.is_undo { reader.catalogue.word("portal-code-undone")? } else { String::new() };
            Ok(HistoryView {
                at: format!("{} {}", reader.format.date(at.date_naive()), reader.format.time(&at)),
                by: change.by.clone(),
                change: format!("{} → {} {undo}", code(&change.before), code(&change.after)).trim_end().to_owned(),
                revision: revision.transpose()?,
            })
        };
        self.history.iter().map(shown).collect()
    }
}

/// The totals of each code, by the codes of now; conferences without a code come last.
pub(super) fn totals<'a>(
    reader: &Reader<'_>,
    month: &MonthShown<'a>,
    shares: impl Iterator<Item = &'a CodeShare>,
) -> Result<Vec<CodeTotalView>, RenderError> {
    let mut now = BTreeMap::<Option<&BillingCode>, Totals>::new();
    let mut then = BTreeMap::<Option<&BillingCode>, Totals>::new();
    for share in shares {
        let (accumulated_seconds, charge) = (share.accumulated_seconds, share.charge);
        let part = Totals { accumulated_seconds, charge, ..Totals::default() };
        // Cannot overflow: the statement's own checks have added these up.
        let _ = now.entry(share.now.as_ref()).or_default().add(&part);
        let _ = then.entry(share.then.as_ref()).or_default().add(&part);
    }
    let all: Vec<&Totals> = now.values().collect();
    let (charge, seconds) = (
        all.iter().map(|part| part.charge.0).sum::<i64>(),
        all.iter().map(|part| part.accumulated_seconds).sum::<u64>(),
    );
    let is_recoded = now != then && month.standing == Standing::Statement;
    let unallocated = reader.catalogue.word("unallocated")?;
    let codes = now.keys().chain(then.keys()).copied().collect::<std::collections::BTreeSet<_>>();
    let (without, with): (Vec<_>, Vec<_>) = codes.into_iter().partition(Option::is_none);
    let (most, others) = most_and_others(with, &now, MOST_TOTALS);
    let sum = |parts: &BTreeMap<Option<&BillingCode>, Totals>, codes: &[Option<&BillingCode>]| {
        let mut sum = Totals::default();
        for part in codes.iter().filter_map(|code| parts.get(code)) {
            let _ = sum.add(part);
        }
        sum
    };
    let view = |label: String, codes: &[Option<&BillingCode>]| {
        let (part, before) = (sum(&now, codes), sum(&then, codes));
        let whole = if charge > 0 { charge.unsigned_abs() } else { seconds };
        let share = if charge > 0 { part.charge.0.unsigned_abs() } else { part.accumulated_seconds };
        CodeTotalView {
            label,
            time: locale::duration(part.accumulated_seconds),
            charge: reader.format.money(part.charge),
            on_statement: is_recoded.then(|| reader.format.money(before.charge)),
            percent: (share * 100 / whole.max(1)).min(100),
        }
    };
    let one =
        |code: Option<&BillingCode>| view(code.map_or_else(|| unallocated.clone(), ToString::to_string), &[code]);
    let mut views: Vec<_> = most.into_iter().map(one).collect();
    if !others.is_empty() {
        let count = reader.format.count(others.len() as u64);
        views.push(view(reader.catalogue.phrase("portal-code-others", &[("count", &count)])?, &others));
    }
    views.extend(without.into_iter().map(one));
    Ok(views)
}

/// The codes with the largest totals, in their order, and the others; all of them if there are few.
fn most_and_others<'a>(
    codes: Vec<Option<&'a BillingCode>>,
    now: &BTreeMap<Option<&'a BillingCode>, Totals>,
    most: usize,
) -> (Vec<Option<&'a BillingCode>>, Vec<Option<&'a BillingCode>>) {
    if codes.len() <= most {
        return (codes, Vec::new());
    }
    let comes_to = |code: Option<&BillingCode>| {
        let part = now.get(&code).copied().unwrap_or_default();
        std::cmp::Reverse((part.charge.0, part.accumulated_seconds))
    };
    let mut shown = codes;
    shown.sort_by_key(|code| comes_to(*code));
    let others = shown.split_off(most);
    shown.sort_unstable();
    (shown, others)
}

/// How many conferences of a list have no code.
pub(super) fn without_code<'a>(shares: impl Iterator<Item = &'a CodeShare>) -> (u64, u64) {
    let (mut lacking, mut all) = (0, 0);
    for share in shares {
        all += share.conferences;
        lacking += if share.now.is_none() { share.conferences } else { 0 };
    }
    (lacking, all)
}

/// The part of a list's query that the form about codes includes.
pub(super) fn list_query(query: &ListQuery, pairs: &[(&str, &str)]) -> String {
    let mut all: Vec<(&str, String)> = pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    if !query.search.is_empty() {
        all.push(("q", query.search.clone()));
    }
    all.extend(query.code.clone().map(|code| ("code", code)));
    all.extend(query.sort.clone().map(|sort| ("sort", sort)));
    if query.page > 1 {
        all.push(("page", query.page.to_string()));
    }
    serde_urlencoded::to_string(all).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Amount;

    #[test]
    fn of_many_codes_those_that_come_to_most_are_listed_in_their_order() {
        let codes = ["A", "B", "C", "D"].map(|code| code.parse::<BillingCode>().unwrap());
        let part = |charge| Totals { charge: Amount(charge), ..Totals::default() };
        let now: BTreeMap<_, _> = codes.iter().map(Some).zip([3, 1, 4, 2].map(part)).collect();
        let all: Vec<_> = codes.iter().map(Some).collect();
        let (most, others) = most_and_others(all.clone(), &now, 2);
        assert_eq!((most, others), (vec![all[0], all[2]], vec![all[3], all[1]]));
        assert_eq!(most_and_others(all.clone(), &now, 4), (all, Vec::new()));
    }
}
