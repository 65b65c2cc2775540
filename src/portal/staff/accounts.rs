//! All accounts, found by what people know of them.

use serde::Deserialize;

use super::lists::{Chosen, counted, file, is_file, row_link, searched};
use super::visit::{Opened, StaffVisit};
use crate::portal::respond::see_other;
use crate::portal::visit::Answer;
use crate::render::{StaffCell, StaffChoices, StaffColumn, StaffPage, StaffRow, StaffSection, StaffTable};
use crate::store::{FoundAccount, Key};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Query {
    q: String,
    page: usize,
}

pub(super) async fn accounts(visit: &StaffVisit) -> Answer {
    let query: Query = visit.query();
    let search = searched(&query.q);
    let mut tx = visit.context.store.read_for_people().await?;
    let index = visit.shared.staff.accounts.of(&mut tx).await?;
    let all: Vec<&(Key, String)> = match search.as_str() {
        "" => index.numbers().iter().collect(),
        search => {
            let found = index.matching(search);
            index.numbers().iter().filter(|(key, _)| found.contains(key)).collect()
        }
    };
    if let ([(_, number)], false, false) = (all.as_slice(), search.is_empty(), is_file(visit)) {
        // There is nothing to choose.
        return Ok(see_other(&format!("/staff/accounts/{number}")));
    }
    let chosen = Chosen { path: "/staff/accounts".into(), filters: vec![("q", &search)], sort: "", page: query.page };
    let range = if is_file(visit) { 0..all.len() } else { chosen.range(all.len()) };
    let keys: Vec<_> = all[range].iter().map(|(key, _)| *key).collect();
    let found = tx.staff().found_accounts(&keys, visit.context.clock.now().timestamp()).await?;
    drop(tx);
    visit.note(Opened { what: "the list of accounts", ..Opened::default() }).await?;
    let columns = vec![
        StaffColumn::text("", "Account"),
        StaffColumn::text("", "Company"),
        StaffColumn::text("", "Owners"),
        StaffColumn::number("", "Rooms today"),
        StaffColumn::text("", "Newest statement"),
        StaffColumn::money("", "Charge"),
    ];
    let rows: Vec<StaffRow> = found.into_iter().map(row).collect();
    if is_file(visit) {
        return file(visit, "accounts", columns, rows).await;
    }
    let mut table = StaffTable::of("Accounts", columns, &rows, &[])?;
    table.paging = chosen.paging(all.len());
    let section = StaffSection {
        id: "list",
        heading: counted(all.len(), "account"),
        buttons: chosen.downloads(),
        form: Some(StaffChoices {
            action: "/staff/accounts".into(),
            search: Some(search.clone()),
            ..StaffChoices::default()
        }),
        table: Some(table),
        nothing: "Nothing was found. Try a part of a name, or a number.".into(),
        ..StaffSection::default()
    };
    visit.page(&StaffPage { title: "Accounts".into(), sections: vec![section], ..StaffPage::default() })
}

fn row(account: FoundAccount) -> StaffRow {
    let link = row_link(&account.account);
    let (period, charge) = match account.newest {
        Some((period, currency, charge)) => (StaffCell::Text(period.to_string()), StaffCell::Money(charge, currency)),
        None => (StaffCell::Empty, StaffCell::Empty),
    };
    let cells = vec![
        StaffCell::Text(account.account.to_string()),
        StaffCell::Text(account.company),
        StaffCell::Text(account.owner_emails.join(", ")),
        StaffCell::Count(account.rooms),
        period,
        charge,
    ];
    StaffRow::new(cells, Some(link))
}
