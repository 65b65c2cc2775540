//! A month: every account with its figures, the state of its statement, the states of its messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::change::{changed, has_changed_more};
use super::home::standing;
use super::lists::{Chosen, counted, file, is_file, row_link, searched};
use super::month_archive;
use super::months::{self, MonthReading};
use super::visit::{Opened, StaffVisit};
use crate::domain::{Amount, Currency, Period, PeriodState, Zone};
use crate::portal::respond::Refusal;
use crate::portal::visit::Answer;
use crate::render::{
    StaffCell, StaffChoices, StaffColumn, StaffCrumb, StaffLink, StaffPage, StaffRow, StaffSection, StaffSelect,
    StaffStanding, StaffTable, staff_instant, staff_month,
};
use crate::store::{DeliveryState, MonthAccount, MonthStatement};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Query {
    q: String,
    show: String,
    change: String,
    sort: String,
    page: usize,
}

/// The filters.
const SHOWN: [(&str, &str); 9] = [
    ("", "All accounts"),
    ("open", "Not closed yet"),
    ("parked", "Parked"),
    ("failed", "Failed"),
    ("held", "Mail held"),
    ("bounced", "Mail came back"),
    ("unknown", "Mail unknown"),
    ("waiting", "Mail waiting"),
    ("revised", "Revised"),
];
const CHANGES: [(&str, &str); 4] =
    [("", "By any amount"), ("10", "More than 10 %"), ("25", "More than 25 %"), ("50", "More than 50 %")];

pub(super) async fn month(visit: &StaffVisit) -> Answer {
    let period: Period = visit.parameters.get("period").parse().map_err(|_| Refusal::NotFound)?;
    let query: Query = visit.query();
    let search = searched(&query.q);
    let (reading, found) = read(visit, period, &search).await?;
    let all = &reading.accounts;
    if all.is_empty() {
        return Err(Refusal::NotFound);
    }
    let change = query.change.parse::<i64>().ok();
    let mut shown: Vec<&MonthAccount> = all
        .iter()
        .filter(|account| found.as_ref().is_none_or(|found| found.contains(&account.account_key)))
        .filter(|account| is_shown(account, &query.show))
        .filter(|account| change.is_none_or(|limit| has_changed_more(account, limit)))
        .collect();
    sort(&mut shown, &query.sort);
    let chosen = Chosen {
        path: format!("/staff/months/{period}"),
        filters: vec![("q", &search), ("show", &query.show), ("change", &query.change)],
        sort: &query.sort,
        page: query.page,
    };
    let range = if is_file(visit) { 0..shown.len() } else { chosen.range(shown.len()) };
    let keys: Vec<_> = shown[range.clone()].iter().filter_map(|it| it.statement.as_ref()).map(|it| it.key).collect();
    let rooms = visit.context.store.read_for_people().await?.staff().statement_rooms(&keys).await?;
    let rows: Vec<StaffRow> = shown[range]
        .iter()
        .map(|account| row(account, account.statement.as_ref().and_then(|it| rooms.get(&it.key)).copied()))
        .collect();
    visit.note(Opened { period: Some(period), what: "the month's accounts", ..Opened::default() }).await?;
    let columns = chosen.sortable(columns());
    if is_file(visit) {
        return file(visit, &format!("accounts-{period}"), columns, rows).await;
    }
    let mut table = StaffTable::of(format!("Accounts of {period}"), columns, &rows, &totals(&shown))?;
    table.paging = chosen.paging(shown.len());
    let archive = month_archive::section(visit, period).await?;
    let mut buttons = chosen.downloads();
    // Below a long list no one would look for it.
    buttons.extend(archive.buttons.first().cloned());
    let list = StaffSection {
        id: "list",
        heading: format!("{} of {}", shown.len(), counted(all.len(), "account")),
        buttons,
        form: Some(choices(&chosen, &query, &search)),
        table: Some(table),
        nothing: "No account is like this.".into(),
        ..StaffSection::default()
    };
    visit.page(&StaffPage {
        title: staff_month(period)?,
        kind: "Month".into(),
        crumbs: vec![StaffCrumb::new("Home", "/staff")],
        standing: Some(month_standing(all)),
        as_of: staff_instant(reading.taken_at),
        sections: vec![list, archive, neighbours(visit, period).await?],
        ..StaffPage::default()
    })
}

/// The accounts of the month, and the keys of those that the search finds; `None` means all.
async fn read(
    visit: &StaffVisit,
    period: Period,
    search: &str,
) -> Result<(Arc<MonthReading>, Option<std::collections::BTreeSet<i64>>), Refusal> {
    let context = &visit.context;
    let all = visit.shared.staff.months.of(period, || months::read(context, period)).await?;
    let found = match search {
        "" => None,
        search => {
            let mut tx = context.store.read_for_people().await?;
            Some(visit.shared.staff.accounts.of(&mut tx).await?.matching(search))
        }
    };
    Ok((all, found))
}

fn is_shown(account: &MonthAccount, show: &str) -> bool {
    let has = |states: &[DeliveryState]| {
        account.statement.as_ref().is_some_and(|it| states.iter().any(|state| it.deliveries.contains_key(state)))
    };
    match show {
        "open" => matches!(account.state, PeriodState::Open | PeriodState::Due),
        "parked" => account.state == PeriodState::Parked,
        "failed" => account.state == PeriodState::Failed,
        "held" => has(&[DeliveryState::Held]),
        "bounced" => has(&[DeliveryState::Bounced]),
        "unknown" => has(&[DeliveryState::Unknown]),
        "waiting" => has(&[DeliveryState::Queued, DeliveryState::Sending, DeliveryState::Deferred]),
        "revised" => account.statement.as_ref().is_some_and(|it| it.revision > 1),
        _ => true,
    }
}

fn sort(accounts: &mut [&MonthAccount], wanted: &str) {
    let (key, descending) = wanted.strip_prefix('-').map_or((wanted, false), |key| (key, true));
    if key == "company" {
        accounts.sort_by_cached_key(|account| account.company.to_lowercase());
        if descending {
            accounts.reverse();
        }
        return;
    }
    let figure = |account: &MonthAccount, of: fn(&MonthStatement) -> i64| account.statement.as_ref().map(of);
    accounts.sort_by(|a, b| {
        let order = match key {
            "state" => a.state.cmp(&b.state),
            "time" => {
                let time = |it: &MonthStatement| it.totals.accumulated_seconds.cast_signed();
                figure(a, time).cmp(&figure(b, time))
            }
            "charge" => {
                let charge = |it: &MonthStatement| it.totals.charge.0;
                figure(a, charge).cmp(&figure(b, charge))
            }
            "change" => changed(a).cmp(&changed(b)),
            "revision" => {
                let revision = |it: &MonthStatement| i64::from(it.revision);
                figure(a, revision).cmp(&figure(b, revision))
            }
            _ => a.account.cmp(&b.account),
        };
        if descending { order.reverse() } else { order }
    });
}

fn columns() -> Vec<StaffColumn> {
    vec![
        StaffColumn::text("number", "Account"),
        StaffColumn::text("company", "Company"),
        StaffColumn::number("", "Rooms"),
        StaffColumn::number("time", "Time"),
        StaffColumn::money("charge", "Charge"),
        StaffColumn::number("change", "Change"),
        StaffColumn::number("revision", "Revision"),
        StaffColumn::text("state", "Statement"),
        StaffColumn::text("", "Mail"),
    ]
}

fn row(account: &MonthAccount, rooms: Option<usize>) -> StaffRow {
    let statement = account.statement.as_ref();
    let cell = |of: &dyn Fn(&MonthStatement) -> StaffCell| statement.map_or(StaffCell::Empty, of);
    let mail = |it: &MonthStatement| {
        let states: Vec<String> = it.deliveries.iter().map(|(state, count)| format!("{state} {count}")).collect();
        StaffCell::Text(states.join(", "))
    };
    let cells = vec![
        StaffCell::Text(account.account.to_string()),
        StaffCell::Text(account.company.clone()),
        rooms.map_or(StaffCell::Empty, |rooms| StaffCell::Count(rooms as u64)),
        cell(&|it| StaffCell::Duration(it.totals.accumulated_seconds)),
        cell(&|it| StaffCell::Money(it.totals.charge, it.currency)),
        changed(account).map_or(StaffCell::Empty, StaffCell::Change),
        cell(&|it| StaffCell::Count(u64::from(it.revision))),
        StaffCell::Text(state_of(account)),
        cell(&mail),
    ];
    let mut row = StaffRow::new(cells, Some(row_link(&account.account)));
    let failed_states = [DeliveryState::Bounced, DeliveryState::Unknown];
    let has_mail_problem =
        statement.is_some_and(|it| failed_states.iter().any(|state| it.deliveries.contains_key(state)));
    row.problem = match account.state {
        PeriodState::Parked | PeriodState::Failed => Some(7),
        _ => has_mail_problem.then_some(8),
    };
    row
}

/// For example `closed`, `closed, not in the archive yet`, or the obstacle.
fn state_of(account: &MonthAccount) -> String {
    let state = match (&account.detail, &account.statement) {
        (Some(detail), _) => return format!("{}: {detail}", account.state.as_str()),
        (None, Some(statement)) if statement.has_left => "closed, has left the archive",
        (None, Some(statement)) if !statement.is_published => "closed, not in the archive yet",
        _ => account.state.as_str(),
    };
    state.to_owned()
}

/// Of what is shown, per currency.
fn totals(shown: &[&MonthAccount]) -> Vec<StaffRow> {
    let mut sums = BTreeMap::<&str, (Currency, i64, u64, u64)>::new();
    for statement in shown.iter().filter_map(|account| account.statement.as_ref()) {
        let sum = sums.entry(statement.currency.code()).or_insert((statement.currency, 0, 0, 0));
        sum.1 = sum.1.saturating_add(statement.totals.charge.0);
        sum.2 = sum.2.saturating_add(statement.totals.accumulated_seconds);
        sum.3 += 1;
    }
    let row = |(currency, charge, seconds, statements): (Currency, i64, u64, u64)| StaffRow {
        cells: vec![
            StaffCell::Text(format!("Total {}", currency.code())),
            StaffCell::Text(if statements == 1 { "1 statement".into() } else { format!("{statements} statements") }),
            StaffCell::Empty,
            StaffCell::Duration(seconds),
            StaffCell::Money(Amount(charge), currency),
            StaffCell::Empty,
            StaffCell::Empty,
            StaffCell::Empty,
            StaffCell::Empty,
        ],
        ..StaffRow::default()
    };
    sums.into_values().map(row).collect()
}

fn month_standing(all: &[MonthAccount]) -> StaffStanding {
    let count = |states: &[PeriodState]| all.iter().filter(|account| states.contains(&account.state)).count();
    let problem = count(&[PeriodState::Parked, PeriodState::Failed]);
    let open = count(&[PeriodState::Open, PeriodState::Due]);
    match (problem, open) {
        (0, 0) => standing("Closed", true),
        (0, open) => standing(format!("{} not closed yet", counted(open, "account")), false),
        (problem, _) => standing(format!("{} parked or failed", counted(problem, "account")), false),
    }
}

fn choices(chosen: &Chosen<'_>, query: &Query, search: &str) -> StaffChoices {
    let options = |known: &[(&str, &str)], chosen: &str| {
        known.iter().map(|(value, text)| ((*value).to_owned(), (*text).to_owned(), *value == chosen)).collect()
    };
    StaffChoices {
        action: chosen.path.clone(),
        search: Some(search.to_owned()),
        selects: vec![
            StaffSelect { name: "show", label: "Show", options: options(&SHOWN, &query.show) },
            StaffSelect { name: "change", label: "Charge changed", options: options(&CHANGES, &query.change) },
        ],
        hidden: vec![("sort".to_owned(), query.sort.clone())],
    }
}

/// The months beside this one, where there is something to see.
async fn neighbours(visit: &StaffVisit, period: Period) -> Result<StaffSection, Refusal> {
    let known = visit.context.store.read_for_people().await?.statements().statement_periods().await?;
    let this_month = Period::containing(visit.context.clock.now(), Zone::utc());
    let is_there = |month: &Period| known.contains(month) || (*month > period && *month <= this_month);
    let link =
        |period: Period| Ok::<_, Refusal>(StaffLink::new(staff_month(period)?, format!("/staff/months/{period}")));
    Ok(StaffSection {
        id: "others",
        heading: "Other months".into(),
        buttons: [period.previous(), period.next()]
            .into_iter()
            .filter(is_there)
            .map(link)
            .collect::<Result<_, _>>()?,
        ..StaffSection::default()
    })
}
