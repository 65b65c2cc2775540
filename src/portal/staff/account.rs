//! An account: every kept month and revision with its files, what changed, the ledger of its mail, its audit.

use super::archive::refuse;
use super::lists::{address, row_link};
use super::mail_list::mail_table;
use super::rooms::{self, MOST_ROOMS};
use super::visit::{Opened, StaffVisit};
use crate::content::Content;
use crate::domain::{AccountNumber, Line, Period};
use crate::jobs::{Context, FetchError, FetchedStatement};
use crate::portal::respond::{self, Refusal};
use crate::portal::statements::WORKBOOK;
use crate::portal::visit::Answer;
use crate::render::{
    StaffCell, StaffColumn, StaffCrumb, StaffLink, StaffPage, StaffRow, StaffSection, StaffTable, staff_instant,
    staff_month,
};
use crate::store::{AuditEntry, AuditFilter, MailSearch, Stage, StatementFilter, StatementRow, StoreError};

/// Rows of ledger and audit that an account's page shows, the newest.
const NEWEST: usize = 100;
/// Changed lines that a page shows; the files have all.
const MOST_LINES: usize = 500;

pub(super) async fn account(visit: &StaffVisit) -> Answer {
    let number = account_of(visit)?;
    let context = &visit.context;
    let now = context.clock.now();
    let mut tx = context.store.read_for_people().await?;
    let key = tx.accounts().account_key(&number).await?.ok_or(Refusal::NotFound)?;
    let found =
        tx.staff().found_accounts(&[key], now.timestamp()).await?.into_iter().next().ok_or(Refusal::NotFound)?;
    let mut statements =
        tx.statements().statement_rows(&StatementFilter { account: Some(number.clone()), period: None }).await?;
    statements.reverse();
    let rooms = tx.staff().rooms_today(key, now.timestamp(), MOST_ROOMS).await?;
    let (all_deliveries, deliveries) =
        tx.staff().mail_page(&MailSearch { account: Some(key), ..MailSearch::default() }, (0, NEWEST), None).await?;
    let filter = AuditFilter { account: Some(number.clone()), period: None };
    let audit = tx.reports().audit_entries(&filter, u32::try_from(NEWEST).unwrap_or(u32::MAX)).await?;
    drop(tx);
    visit.note(Opened { account: Some(&number), what: "the account", ..Opened::default() }).await?;
    let all_mail = address("/staff/deliveries", &[("account", number.as_str()), ("state", "all")]);
    let mail = StaffSection {
        id: "mail",
        heading: "Mail".into(),
        text: if all_deliveries > NEWEST {
            format!("The newest {NEWEST} of {all_deliveries}.")
        } else {
            String::new()
        },
        buttons: vec![StaffLink::new("All of it", all_mail)],
        table: Some(mail_table(&deliveries)?),
        nothing: "Nothing has been mailed.".into(),
        ..StaffSection::default()
    };
    let page = StaffPage {
        title: found.company.clone(),
        kind: format!("Account {number}"),
        crumbs: vec![StaffCrumb::new("Accounts", "/staff/accounts")],
        facts: vec![
            ("Account".into(), number.to_string()),
            ("Owners".into(), found.owner_emails.join(", ")),
            ("Rooms today".into(), found.rooms.to_string()),
        ],
        sections: vec![
            statements_section(&number, &statements)?,
            rooms::section(&number, &rooms)?,
            mail,
            audit_section(&audit)?,
        ],
        ..StaffPage::default()
    };
    visit.page(&page)
}

fn statements_section(number: &AccountNumber, statements: &[StatementRow]) -> Result<StaffSection, Refusal> {
    let row = |row: &StatementRow| {
        let folder = format!("{}/statements/{}/r{}", row_link(number), row.period, row.revision);
        let is_kept = row.stage == Stage::Published;
        let formats = row.publication.as_ref().map(|publication| publication.formats).unwrap_or_default();
        let file = |ending: &str, is_made: bool| {
            let link = (is_kept && is_made).then(|| format!("{folder}/account.{ending}"));
            (StaffCell::Text(if link.is_some() { ending.to_uppercase() } else { String::new() }), link)
        };
        let (xlsx, html, json) = (file("xlsx", formats.xlsx), file("html", formats.html), file("json", true));
        let state = match (&row.failure, row.is_current) {
            (Some(failure), _) => format!("failed: {failure}"),
            (None, true) => row.stage.to_string(),
            (None, false) => format!("{}, replaced", row.stage),
        };
        Ok(StaffRow {
            cells: vec![
                StaffCell::Text(staff_month(row.period)?),
                StaffCell::Count(u64::from(row.revision)),
                StaffCell::Money(row.charge, row.currency),
                StaffCell::Text(state),
                row.published_at.map_or(StaffCell::Empty, StaffCell::Instant),
                xlsx.0,
                html.0,
                json.0,
            ],
            links: vec![Some(folder), None, None, None, None, xlsx.1, html.1, json.1],
            problem: row.failure.is_some().then_some(3),
        })
    };
    let rows = statements.iter().map(row).collect::<Result<Vec<_>, Refusal>>()?;
    let columns = vec![
        StaffColumn::text("", "Month"),
        StaffColumn::number("", "Revision"),
        StaffColumn::money("", "Charge"),
        StaffColumn::text("", "State"),
        StaffColumn::text("", "In the archive since"),
        StaffColumn::text("", "Workbook"),
        StaffColumn::text("", "Page"),
        StaffColumn::text("", "Data"),
    ];
    Ok(StaffSection {
        id: "statements",
        heading: "Statements".into(),
        text: "A month leads to all files of its revision and to what changed.".into(),
        table: Some(StaffTable::of("Statements", columns, &rows, &[])?),
        nothing: "No month has been closed yet.".into(),
        ..StaffSection::default()
    })
}

fn audit_section(entries: &[AuditEntry]) -> Result<StaffSection, Refusal> {
    let row = |entry: &AuditEntry| StaffRow {
        cells: vec![
            StaffCell::Instant(entry.at),
            StaffCell::Text(entry.actor.clone()),
            StaffCell::Text(entry.action.clone()),
            StaffCell::Text(match (&entry.period, entry.revision) {
                (Some(period), Some(revision)) => format!("{period} r{revision}"),
                (Some(period), None) => period.clone(),
                _ => String::new(),
            }),
            StaffCell::Text(entry.detail.clone().unwrap_or_default()),
        ],
        ..StaffRow::default()
    };
    let rows: Vec<_> = entries.iter().rev().map(row).collect();
    let columns = vec![
        StaffColumn::text("", "When"),
        StaffColumn::text("", "Who"),
        StaffColumn::text("", "What"),
        StaffColumn::text("", "Month"),
        StaffColumn::text("", "Detail"),
    ];
    Ok(StaffSection {
        id: "audit",
        heading: "Audit".into(),
        text: if entries.len() == NEWEST {
            format!("The newest {NEWEST} entries; \"statementd log\" has all. What staff open is among them.")
        } else {
            "What staff open is among them.".into()
        },
        table: Some(StaffTable::of("Audit", columns, &rows, &[])?),
        nothing: "Nothing has been written down.".into(),
        ..StaffSection::default()
    })
}

/// A revision: all its files, each with its digest, and what changed.
pub(super) async fn revision(visit: &StaffVisit) -> Answer {
    let row = statement_of(visit).await?;
    visit.note(opened(&row, "the revision")).await?;
    let statement = match FetchedStatement::open(&visit.context, &row).await {
        Ok(statement) => statement,
        Err(error) => return refuse(visit, &error),
    };
    let folder = visit.path.clone();
    let file = |name: &str, size: u64, sha256: &str| {
        let cells = vec![StaffCell::text(name), StaffCell::Count(size), StaffCell::text(sha256)];
        StaffRow::new(cells, Some(format!("{folder}/{name}")))
    };
    let mut rows: Vec<_> = statement
        .manifest
        .files
        .iter()
        .map(|entry| file(&entry.name, entry.size, &entry.sha256.to_string()))
        .collect();
    let manifest = row.publication.as_ref().map(|it| it.manifest_sha256.to_string()).unwrap_or_default();
    rows.push(file("manifest.json", statement.manifest_bytes.len() as u64, &manifest));
    let columns =
        vec![StaffColumn::text("", "File"), StaffColumn::number("", "Bytes"), StaffColumn::text("", "SHA-256")];
    let files = StaffSection {
        id: "files",
        heading: "Files".into(),
        text: "Each is compared with the manifest before it is handed out; the manifest is the one that was written."
            .into(),
        table: Some(StaffTable::of("Files", columns, &rows, &[])?),
        ..StaffSection::default()
    };
    let title = format!("{}, revision {}", staff_month(row.period)?, row.revision);
    visit.page(&StaffPage {
        title,
        kind: "Statement".into(),
        crumbs: vec![
            StaffCrumb::new("Accounts", "/staff/accounts"),
            StaffCrumb::new(row.account.to_string(), row_link(&row.account)),
        ],
        as_of: row.published_at.map(staff_instant).unwrap_or_default(),
        sections: vec![changes_section(visit, &row).await?, files],
        ..StaffPage::default()
    })
}

async fn changes_section(visit: &StaffVisit, row: &StatementRow) -> Result<StaffSection, Refusal> {
    let mut section = StaffSection { id: "changes", heading: "What changed".into(), ..StaffSection::default() };
    let read = visit.context.store.read_for_people().await?.statements().statement(row.key).await;
    let changes = match read {
        Ok(statement) => statement.changes,
        Err(StoreError::DocumentGone) => {
            section.text = "Its lines have left the database together with its usage; the files have them.".into();
            return Ok(section);
        }
        Err(error) => return Err(error.into()),
    };
    let Some(changes) = changes else {
        section.text = "This is the first revision.".into();
        return Ok(section);
    };
    let charge =
        |line: Option<&Line>| line.map_or(StaffCell::Empty, |line| StaffCell::Money(line.charge, row.currency));
    let rows = changes.lines.iter().take(MOST_LINES).filter_map(|change| {
        let line = change.after.as_ref().or(change.before.as_ref())?;
        let code = |line: Option<&Line>| line.and_then(|line| line.billing_code.as_ref()).map(ToString::to_string);
        let (before, after) = (code(change.before.as_ref()), code(change.after.as_ref()));
        let codes = if before == after {
            String::new()
        } else {
            format!("{} to {}", before.unwrap_or_else(|| "none".into()), after.unwrap_or_else(|| "none".into()))
        };
        Some(StaffRow {
            cells: vec![
                StaffCell::Text(line.room.to_string()),
                StaffCell::Text(line.conference_id.to_string()),
                StaffCell::Instant(line.started_at),
                charge(change.before.as_ref()),
                charge(change.after.as_ref()),
                StaffCell::Text(codes),
            ],
            ..StaffRow::default()
        })
    });
    let rows: Vec<_> = rows.collect();
    let columns = vec![
        StaffColumn::text("", "Room"),
        StaffColumn::text("", "Conference"),
        StaffColumn::text("", "Started"),
        StaffColumn::money("", "Charge before"),
        StaffColumn::money("", "Charge now"),
        StaffColumn::text("", "Billing code"),
    ];
    section.text = format!("{} lines differ from the revision before.", changes.lines.len());
    section.table = Some(StaffTable::of("What changed", columns, &rows, &[])?);
    section.nothing = "No line differs.".into();
    Ok(section)
}

/// One file of a revision.
pub(super) async fn statement_file(visit: &StaffVisit) -> Answer {
    let row = statement_of(visit).await?;
    let name = match visit.parameters.get("room") {
        "" => visit.parameters.get("file").to_owned(),
        room => format!("rooms/{room}"),
    };
    visit.note(opened(&row, &format!("file {name}"))).await?;
    let bytes = match read(&visit.context, &row, &name).await {
        Ok(bytes) => bytes,
        Err(error) => return refuse(visit, &error),
    };
    let media_type = match name.rsplit_once('.') {
        Some((_, "html")) => return Ok(respond::statement_page(bytes)),
        Some((_, "xlsx")) => WORKBOOK,
        _ => "application/json",
    };
    let saved_as = format!("{}-{}-r{}-{}", row.account, row.period, row.revision, name.replace('/', "-"));
    respond::file(media_type, &saved_as, Content::from(bytes)).map_err(|error| Refusal::Broken(error.to_string()))
}

async fn read(context: &Context, row: &StatementRow, name: &str) -> Result<Vec<u8>, FetchError> {
    let statement = FetchedStatement::open(context, row).await?;
    if name == "manifest.json" { Ok(statement.manifest_bytes) } else { statement.file(context, name).await }
}

fn opened<'a>(row: &'a StatementRow, what: &'a str) -> Opened<'a> {
    Opened { account: Some(&row.account), period: Some(row.period), revision: Some(row.revision), what }
}

pub(super) fn account_of(visit: &StaffVisit) -> Result<AccountNumber, Refusal> {
    visit.parameters.get("account").parse().map_err(|_| Refusal::NotFound)
}

async fn statement_of(visit: &StaffVisit) -> Result<StatementRow, Refusal> {
    let account = account_of(visit)?;
    let period: Period = visit.parameters.get("period").parse().map_err(|_| Refusal::NotFound)?;
    let revision: u32 = visit.parameters.get("revision").parse().map_err(|_| Refusal::NotFound)?;
    let filter = StatementFilter { account: Some(account), period: Some(period) };
    let rows = visit.context.store.read_for_people().await?.statements().statement_rows(&filter).await?;
    rows.into_iter().find(|row| row.revision == revision).ok_or(Refusal::NotFound)
}
