//! Messages across months, as a list to work through.

use serde::Deserialize;

use super::account::{mail_columns, mail_row};
use super::lists::{Chosen, file, is_file, row_link, searched};
use super::visit::{Opened, StaffVisit};
use crate::domain::{AccountNumber, Period};
use crate::portal::respond::Refusal;
use crate::portal::visit::Answer;
use crate::render::{StaffChoices, StaffLink, StaffPage, StaffRow, StaffSection, StaffSelect, StaffTable};
use crate::store::{Delivery, DeliveryFilter, DeliveryState, Tx};

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
    months: Vec<Period>,
    /// The month that is shown; None: all.
    period: Option<Period>,
    /// As `queued 3, accepted 12`.
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
    let all = found.deliveries.len();
    let range = if is_file(visit) { 0..all } else { chosen.range(all) };
    let rows: Vec<StaffRow> = found.deliveries[range].iter().map(mail_row).collect();
    if is_file(visit) {
        return file(visit, "deliveries", mail_columns(), rows).await;
    }
    let mut table = StaffTable::of("Deliveries", mail_columns(), &rows, &[])?;
    table.paging = chosen.paging(all);
    let mut buttons = chosen.downloads();
    buttons.extend(account.as_ref().map(|account| StaffLink::new(format!("Account {account}"), row_link(account))));
    let section = StaffSection {
        id: "list",
        heading: format!("{all} messages"),
        text: format!("By state: {}.", found.counted),
        buttons,
        form: Some(choices(&query, &search, &found, &shown_period)),
        table: Some(table),
        nothing: "No message is like this.".into(),
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
    let states: Vec<Option<DeliveryState>> = match query.state.as_str() {
        "" => UNDELIVERED.map(Some).to_vec(),
        "all" => vec![None],
        state => vec![Some(state.parse().map_err(|_| Refusal::NotFound)?)],
    };
    let mut tx = visit.context.store.read_for_people().await?;
    let months = tx.statement_periods().await?;
    let mut period: Option<Period> = query.period.parse().ok();
    let is_many = states.iter().any(|state| matches!(state, None | Some(DeliveryState::Accepted)));
    if is_many && period.is_none() && account.is_none() {
        // All of every month would be a list for no one.
        period = months.last().copied();
    }
    let counts = tx.delivery_counts(period, account).await?;
    let counted: Vec<String> = counts.iter().map(|count| format!("{} {}", count.state, count.deliveries)).collect();
    let counted = if counted.is_empty() { "none".to_owned() } else { counted.join(", ") };
    let mut deliveries = Vec::new();
    for state in states {
        let filter = DeliveryFilter { state, period, account: account.cloned(), ..DeliveryFilter::default() };
        deliveries.extend(tx.deliveries(&filter).await?);
    }
    if query.state.is_empty() {
        deliveries.retain(|delivery| !delivery.superseded);
    }
    narrow(&mut tx, &mut deliveries, search).await?;
    Ok(Found { deliveries, months, period, counted })
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

/// By account, or by a part of the recipient's address.
async fn narrow(tx: &mut Tx, found: &mut Vec<Delivery>, search: &str) -> Result<(), Refusal> {
    if search.is_empty() {
        return Ok(());
    }
    let accounts = tx.accounts_matching(search).await?;
    let text = search.to_lowercase();
    found.retain(|delivery| {
        accounts.contains(&delivery.account_key) || delivery.recipient.as_str().to_lowercase().contains(&text)
    });
    Ok(())
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
