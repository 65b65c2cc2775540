//! Messages across months, as a list to work through.

use serde::Deserialize;

use super::account::{mail_columns, mail_row};
use super::lists::{Chosen, counted, file, is_file, row_link, searched};
use super::visit::{Opened, StaffVisit};
use crate::domain::{AccountNumber, Period};
use crate::portal::respond::Refusal;
use crate::portal::visit::Answer;
use crate::render::{
    STAFF_ROWS, StaffChoices, StaffLink, StaffPage, StaffRow, StaffSection, StaffSelect, StaffTable,
};
use crate::store::{Delivery, DeliveryState, MailSearch};

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

/// What was chosen, and what it finds.
struct Found {
    deliveries: Vec<Delivery>,
    /// On all pages.
    all: usize,
    months: Vec<Period>,
    /// The month that is shown; None: all.
    period: Option<Period>,
    /// As `queued 3, accepted 12`; empty: nobody counted, since it would be all messages there ever were.
    counted: String,
}

pub(super) async fn deliveries(visit: &StaffVisit) -> Answer {
    let query: Query = visit.query();
    let search = searched(&query.q);
    let account: Option<AccountNumber> = query.account.parse().ok();
    let found = find(visit, &query, account.as_ref(), &search).await?;
    let shown_period = found.period.map(|period| period.to_string()).unwrap_or_default();
    let chosen = Chosen {
        path: "/staff/deliveries".into(),
        filters: vec![
            ("state", &query.state),
            ("period", &shown_period),
            ("account", &query.account),
            ("q", &search),
        ],
        sort: "",
        page: query.page,
    };
    visit
        .note(Opened { account: account.as_ref(), period: found.period, what: "deliveries", ..Opened::default() })
        .await?;
    let rows: Vec<StaffRow> = found.deliveries.iter().map(mail_row).collect();
    if is_file(visit) {
        return file(visit, "deliveries", mail_columns(), rows).await;
    }
    let mut table = StaffTable::of("Deliveries", mail_columns(), &rows, &[])?;
    table.paging = chosen.paging(found.all);
    let mut buttons = chosen.downloads();
    buttons.extend(account.as_ref().map(|account| StaffLink::new(format!("Account {account}"), row_link(account))));
    let section = StaffSection {
        id: "list",
        heading: counted(found.all, "message"),
        text: if found.counted.is_empty() { String::new() } else { format!("By state: {}.", found.counted) },
        buttons,
        form: Some(choices(&query, &search, &found, &shown_period)),
        table: Some(table),
        nothing: if query.state.is_empty() && search.is_empty() {
            "No message came back, is held, or waits for another try.".into()
        } else {
            "No message is like this.".into()
        },
        ..StaffSection::default()
    };
    visit.page(&StaffPage { title: "Deliveries".into(), sections: vec![section], ..StaffPage::default() })
}

async fn find(
    visit: &StaffVisit,
    query: &Query,
    account: Option<&AccountNumber>,
    search: &str,
) -> Result<Found, Refusal> {
    let states: Vec<DeliveryState> = match query.state.as_str() {
        "" => UNDELIVERED.to_vec(),
        "all" => Vec::new(),
        state => vec![state.parse().map_err(|_| Refusal::NotFound)?],
    };
    let mut tx = visit.context.store.read_for_people().await?;
    let months = tx.statement_periods().await?;
    let mut period: Option<Period> = query.period.parse().ok();
    let is_many = states.is_empty() || states.contains(&DeliveryState::Accepted);
    if is_many && period.is_none() && account.is_none() {
        // All of every month would be a list for no one.
        period = months.last().copied();
    }
    let counted = if period.is_some() || account.is_some() {
        let counts = tx.delivery_counts(period, account).await?;
        let counts: Vec<String> =
            counts.iter().map(|count| format!("{} {}", count.state, count.deliveries)).collect();
        if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
    } else {
        String::new()
    };
    let account_key = match account {
        // A number that no account has finds nothing.
        Some(account) => Some(tx.account_key(account).await?.unwrap_or_default()),
        None => None,
    };
    let accounts: Vec<_> = match search {
        "" => Vec::new(),
        search => tx.accounts_matching(search).await?.into_iter().collect(),
    };
    let wanted = MailSearch {
        states: &states,
        period,
        account: account_key,
        found: (!search.is_empty()).then_some((accounts.as_slice(), search)),
        open_only: query.state.is_empty(),
    };
    let window = if is_file(visit) { (0, usize::MAX) } else { first_of(query.page) };
    let (all, mut deliveries) = tx.mail_page(&wanted, window).await?;
    if deliveries.is_empty() && all > 0 {
        // A page behind the last one shows the last one.
        deliveries = tx.mail_page(&wanted, first_of(all.div_ceil(STAFF_ROWS))).await?.1;
    }
    Ok(Found { deliveries, all, months, period, counted })
}

/// The rows of a page, counted from 1: the first, and how many.
fn first_of(page: usize) -> (usize, usize) {
    (page.max(1).saturating_sub(1).saturating_mul(STAFF_ROWS), STAFF_ROWS)
}

fn choices(query: &Query, search: &str, found: &Found, shown_period: &str) -> StaffChoices {
    let month = |period: &Period| (period.to_string(), period.to_string(), period.to_string() == shown_period);
    let months = std::iter::once((String::new(), "All months".to_owned(), shown_period.is_empty()));
    StaffChoices {
        action: "/staff/deliveries".into(),
        search: Some(search.to_owned()),
        selects: vec![
            StaffSelect { name: "state", label: "State", options: states_of(&query.state) },
            StaffSelect {
                name: "period",
                label: "Month",
                options: months.chain(found.months.iter().rev().map(month)).collect(),
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
