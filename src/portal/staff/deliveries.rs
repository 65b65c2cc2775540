//! Messages across months, as a list to work through.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::lists::{Chosen, Parts, counted, file_of_parts, is_file, row_link, searched};
use super::mail_list::{mail_columns, mail_row};
use super::office::{MailPage, MailReading};
use super::reading_cache::ReadFuture;
use super::visit::{Opened, StaffVisit};
use crate::domain::{AccountNumber, Period};
use crate::jobs::Context;
use crate::portal::respond::Refusal;
use crate::portal::visit::Answer;
use crate::render::{
    STAFF_ROWS, StaffChoices, StaffLink, StaffPage, StaffRow, StaffSection, StaffSelect, StaffTable, staff_instant,
};
use crate::store::{DeliveryCount, DeliveryState, Key, MailSearch, StoreError};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Query {
    state: String,
    period: String,
    account: String,
    q: String,
    page: usize,
}

/// What did not reach its reader, or not yet.
const UNDELIVERED: [DeliveryState; 4] =
    [DeliveryState::Bounced, DeliveryState::Unknown, DeliveryState::Held, DeliveryState::Deferred];

/// Rows of a file that are read at once.
const PART: usize = 5_000;

/// What was chosen.
struct Wanted {
    states: Vec<DeliveryState>,
    months: Vec<Period>,
    /// The month that is shown; `None` means all.
    period: Option<Period>,
    account: Option<Key>,
    /// The accounts that the search finds.
    found: Vec<Key>,
    search: String,
    is_open_only: bool,
    /// `None` if they are not counted, since that would be all messages there ever were.
    counts: Option<Vec<DeliveryCount>>,
    /// When they were counted, if not just now.
    counted_at: Option<DateTime<Utc>>,
}

pub(super) async fn deliveries(visit: &StaffVisit) -> Answer {
    let query: Query = visit.query();
    let account: Option<AccountNumber> = query.account.parse().ok();
    let wanted = Wanted::read(visit, &query, account.as_ref()).await?;
    let shown_period = wanted.period.map(|period| period.to_string()).unwrap_or_default();
    let chosen = Chosen {
        path: "/staff/deliveries".into(),
        filters: vec![
            ("state", &query.state),
            ("period", &shown_period),
            ("account", &query.account),
            ("q", &wanted.search),
        ],
        sort: "",
        page: query.page,
    };
    visit
        .note(Opened { account: account.as_ref(), period: wanted.period, what: "deliveries", ..Opened::default() })
        .await?;
    if is_file(visit) {
        return file_of_parts(visit, "deliveries", mail_columns(), async |parts| wanted.all(visit, parts).await)
            .await;
    }
    let page = wanted.page(visit, query.page).await?;
    let rows: Vec<StaffRow> = page.deliveries.iter().map(mail_row).collect();
    let mut table = StaffTable::of("Deliveries", mail_columns(), &rows, &[])?;
    table.paging = chosen.paging(page.all);
    let mut buttons = chosen.downloads();
    buttons.extend(account.as_ref().map(|account| StaffLink::new(format!("Account {account}"), row_link(account))));
    let section = StaffSection {
        id: "list",
        heading: counted(page.all, "message"),
        text: format!("As of {}. {}", staff_instant(page.taken_at), wanted.by_state()).trim_end().to_owned(),
        buttons,
        form: Some(choices(&query, &wanted, &shown_period)),
        table: Some(table),
        nothing: if query.state.is_empty() && wanted.search.is_empty() {
            "No message came back, is held, or waits for another try.".into()
        } else {
            "No message is like this.".into()
        },
        ..StaffSection::default()
    };
    visit.page(&StaffPage { title: "Deliveries".into(), sections: vec![section], ..StaffPage::default() })
}

impl Wanted {
    async fn read(visit: &StaffVisit, query: &Query, account: Option<&AccountNumber>) -> Result<Self, Refusal> {
        let states: Vec<DeliveryState> = match query.state.as_str() {
            "" => UNDELIVERED.to_vec(),
            "all" => Vec::new(),
            state => vec![state.parse().map_err(|_| Refusal::NotFound)?],
        };
        let mut tx = visit.context.store.read_for_people().await?;
        let mut wanted = Self {
            months: tx.statements().statement_periods().await?,
            period: query.period.parse().ok(),
            account: None,
            found: Vec::new(),
            search: searched(&query.q),
            is_open_only: query.state.is_empty(),
            counts: None,
            counted_at: None,
            states,
        };
        if wanted.is_many() && wanted.period.is_none() && account.is_none() {
            // All messages of all months would be too long a list.
            wanted.period = wanted.months.last().copied();
        }
        if let Some(account) = account {
            // A number that no account has finds nothing.
            wanted.account = Some(tx.accounts().account_key(account).await?.unwrap_or_default());
            wanted.counts = Some(tx.reports().delivery_counts(wanted.period, Some(account)).await?);
        }
        if !wanted.search.is_empty() {
            let index = visit.shared.staff.accounts.of(&mut tx).await?;
            wanted.found = index.matching(&wanted.search).into_iter().collect();
        }
        // The next reading may need its connection.
        drop(tx);
        if let (None, Some(period)) = (account, wanted.period) {
            let reading = visit.shared.staff.mail.of(period, || read_counts(&visit.context, period)).await?;
            (wanted.counts, wanted.counted_at) = (Some(reading.0.clone()), Some(reading.1));
        }
        Ok(wanted)
    }

    /// Whether the filter matches nearly all messages.
    fn is_many(&self) -> bool {
        self.states.is_empty() || self.states.contains(&DeliveryState::Accepted)
    }

    fn search(&self) -> MailSearch<'_> {
        MailSearch {
            states: &self.states,
            period: self.period,
            account: self.account,
            found: (!self.search.is_empty()).then_some((self.found.as_slice(), &self.search)),
            open_only: self.is_open_only,
        }
    }

    /// How many there are, if that is known and counting would read nearly all messages.
    fn known(&self) -> Option<usize> {
        let counts = self.counts.as_ref().filter(|_| self.is_many() && self.search.is_empty())?;
        let wanted = counts.iter().filter(|count| self.states.is_empty() || self.states.contains(&count.state));
        usize::try_from(wanted.map(|count| count.deliveries).sum::<i64>()).ok()
    }

    /// A page; one behind the last shows the last. The page that people work through is read once for all of them.
    async fn page(&self, visit: &StaffVisit, page: usize) -> Result<Arc<MailPage>, Refusal> {
        if self.is_open_only && self.search.is_empty() && self.account.is_none() {
            let read = || read_undelivered(&visit.context, self.period, page);
            return Ok(visit.shared.staff.undelivered.of((self.period, page.max(1)), read).await?);
        }
        Ok(Arc::new(read_page(&visit.context, &self.search(), page, self.known()).await?))
    }

    /// All of them, part by part.
    async fn all(&self, visit: &StaffVisit, parts: &Parts) -> Result<(), Refusal> {
        let mut tx = visit.context.store.read_for_people().await?;
        let mut first = 0;
        loop {
            let (_, deliveries) = tx.staff().mail_page(&self.search(), (first, PART), Some(0)).await?;
            parts.add(deliveries.iter().map(mail_row).collect()).await;
            first += PART;
            if deliveries.len() < PART {
                return Ok(());
            }
        }
    }

    /// For example `By state: queued 3, accepted 12.` or `By state, as of 2026-05-20 12:00 UTC: accepted 12.`
    fn by_state(&self) -> String {
        let Some(counts) = &self.counts else { return String::new() };
        let counts: Vec<String> =
            counts.iter().map(|count| format!("{} {}", count.state, count.deliveries)).collect();
        let as_of = self.counted_at.map(|at| format!(", as of {}", staff_instant(at))).unwrap_or_default();
        format!("By state{as_of}: {}.", if counts.is_empty() { "none".to_owned() } else { counts.join(", ") })
    }
}

async fn read_page(
    context: &Context,
    search: &MailSearch<'_>,
    page: usize,
    known: Option<usize>,
) -> Result<MailPage, StoreError> {
    let taken_at = context.clock.now();
    let mut tx = context.store.read_for_people().await?;
    let (mut all, mut deliveries) = tx.staff().mail_page(search, first_of(page), known).await?;
    if deliveries.is_empty() && all > 0 {
        (all, deliveries) = tx.staff().mail_page(search, first_of(all.div_ceil(STAFF_ROWS)), Some(all)).await?;
    }
    Ok(MailPage { all, deliveries, taken_at })
}

fn read_undelivered(context: &Context, period: Option<Period>, page: usize) -> ReadFuture<MailPage, StoreError> {
    let context = context.clone();
    Box::pin(async move {
        let search = MailSearch { states: &UNDELIVERED, period, open_only: true, ..MailSearch::default() };
        read_page(&context, &search, page, None).await
    })
}

fn read_counts(context: &Context, period: Period) -> ReadFuture<MailReading, StoreError> {
    let context = context.clone();
    Box::pin(async move {
        let taken_at = context.clock.now();
        let mut tx = context.store.read_for_people().await?;
        Ok(MailReading(tx.reports().delivery_counts(Some(period), None).await?, taken_at))
    })
}

/// The rows of a page, counted from 1: the first, and how many.
fn first_of(page: usize) -> (usize, usize) {
    (page.max(1).saturating_sub(1).saturating_mul(STAFF_ROWS), STAFF_ROWS)
}

fn choices(query: &Query, wanted: &Wanted, shown_period: &str) -> StaffChoices {
    let month = |period: &Period| (period.to_string(), period.to_string(), period.to_string() == shown_period);
    let months = std::iter::once((String::new(), "All months".to_owned(), shown_period.is_empty()));
    StaffChoices {
        action: "/staff/deliveries".into(),
        search: Some(wanted.search.clone()),
        selects: vec![
            StaffSelect { name: "state", label: "State", options: states_of(&query.state) },
            StaffSelect {
                name: "period",
                label: "Month",
                options: months.chain(wanted.months.iter().rev().map(month)).collect(),
            },
        ],
        hidden: vec![("account".to_owned(), query.account.clone())],
    }
}

fn states_of(chosen: &str) -> Vec<(String, String, bool)> {
    let first = [("", "Did not reach its reader"), ("all", "All")];
    let first = first.map(|(value, text)| (value.to_owned(), text.to_owned(), value == chosen));
    let states = DeliveryState::ALL.into_iter().map(|state| {
        let name = state.as_str().to_owned();
        (name.clone(), name.clone(), name == chosen)
    });
    first.into_iter().chain(states).collect()
}
