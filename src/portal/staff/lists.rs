//! What lists of staff have in common: a page of their rows, links that keep what was chosen, files of all rows.

use axum::http::StatusCode;
use tokio::sync::mpsc;

use super::visit::StaffVisit;
use crate::domain::AccountNumber;
use crate::portal::respond::{self, Refusal};
use crate::portal::statements::WORKBOOK;
use crate::portal::visit::Answer;
use crate::render::{Message, STAFF_ROWS, StaffColumn, StaffFile, StaffLink, StaffPaging, StaffRow, staff_file};

/// Longest text that is searched for, in characters.
const LONGEST_SEARCH: usize = 100;

/// A path with these parameters; those without a value are left out.
pub(super) fn address(path: &str, parameters: &[(&str, &str)]) -> String {
    let given: Vec<_> = parameters.iter().filter(|(_, value)| !value.is_empty()).collect();
    let query = serde_urlencoded::to_string(&given).unwrap_or_default();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Where an account's own page is.
pub(super) fn row_link(account: &AccountNumber) -> String {
    format!("/staff/accounts/{account}")
}

/// For example `1 account`, `2 accounts`.
pub(super) fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

pub(super) fn searched(text: &str) -> String {
    text.trim().chars().take(LONGEST_SEARCH).collect()
}

/// A list's address with what was chosen.
pub(super) struct Chosen<'a> {
    pub(super) path: String,
    /// All but sort and page.
    pub(super) filters: Vec<(&'static str, &'a str)>,
    pub(super) sort: &'a str,
    /// From 1.
    pub(super) page: usize,
}

impl Chosen<'_> {
    fn with(&self, path: &str, sort: &str, page: &str) -> String {
        let mut parameters = self.filters.clone();
        parameters.extend([("sort", sort), ("page", page)]);
        address(path, &parameters)
    }

    /// The columns with links that sort by them.
    pub(super) fn sortable(&self, mut columns: Vec<StaffColumn>) -> Vec<StaffColumn> {
        let (key, descending) = self.sort.strip_prefix('-').map_or((self.sort, false), |key| (key, true));
        for column in columns.iter_mut().filter(|column| !column.key.is_empty()) {
            let is_sorted = column.key == key;
            column.sorted = is_sorted.then_some(if descending { "descending" } else { "ascending" });
            // Figures are looked at from the largest on.
            let down_first = column.is_number != (is_sorted && descending == column.is_number);
            let sort = if down_first { format!("-{}", column.key) } else { column.key.to_owned() };
            column.link = Some(self.with(&self.path, &sort, ""));
        }
        columns
    }

    /// The rows of this page, of `all`.
    pub(super) fn range(&self, all: usize) -> std::ops::Range<usize> {
        let pages = all.div_ceil(STAFF_ROWS).max(1);
        let first = (self.page.clamp(1, pages) - 1) * STAFF_ROWS;
        first..(first + STAFF_ROWS).min(all)
    }

    pub(super) fn paging(&self, all: usize) -> Option<StaffPaging> {
        let range = self.range(all);
        let page = range.start / STAFF_ROWS + 1;
        let to = |page: usize| self.with(&self.path, self.sort, &page.to_string());
        (all > STAFF_ROWS).then(|| StaffPaging {
            text: format!("Rows {} to {} of {all}", range.start + 1, range.end),
            previous: (page > 1).then(|| to(page - 1)),
            next: (range.end < all).then(|| to(page + 1)),
        })
    }

    /// The same list, all of it, as files.
    pub(super) fn downloads(&self) -> Vec<StaffLink> {
        let file = |ending: &str| self.with(&format!("{}.{ending}", self.path), self.sort, "");
        vec![StaffLink::new("Excel", file("xlsx")), StaffLink::new("CSV", file("csv"))]
    }
}

/// Parts of a file's rows that wait to be written.
const PARTS_AHEAD: usize = 2;

/// All rows as the file that the path's ending names.
pub(super) async fn file(visit: &StaffVisit, name: &str, columns: Vec<StaffColumn>, rows: Vec<StaffRow>) -> Answer {
    file_of_parts(visit, name, columns, async move |parts| {
        parts.add(rows).await;
        Ok(())
    })
    .await
}

/// The file that the path's ending names, of rows that `read` hands over as it finds them.
pub(super) async fn file_of_parts(
    visit: &StaffVisit,
    name: &str,
    columns: Vec<StaffColumn>,
    read: impl AsyncFnOnce(&Parts) -> Result<(), Refusal>,
) -> Answer {
    let busy = || Refusal::Said(StatusCode::SERVICE_UNAVAILABLE, Message::Unavailable);
    let _permit = visit.shared.downloads.try_acquire().map_err(|_| busy())?;
    let kind = if ending(visit) == Some("csv") { StaffFile::Csv } else { StaffFile::Workbook };
    let (parts, mut coming) = mpsc::channel(PARTS_AHEAD);
    let parts = Parts(parts);
    let writing = tokio::task::spawn_blocking(move || {
        staff_file(kind, &columns, std::iter::from_fn(|| coming.blocking_recv()))
    });
    // A file that could not be read whole is refused, even if a part of it was written.
    let read = read(&parts).await;
    drop(parts);
    let made = writing.await.map_err(|error| Refusal::Broken(error.to_string()))??;
    read?;
    let (media_type, ending) = match kind {
        StaffFile::Csv => ("text/csv; charset=utf-8", "csv"),
        StaffFile::Workbook => (WORKBOOK, "xlsx"),
    };
    respond::file(media_type, &format!("{name}.{ending}"), made).map_err(|error| Refusal::Broken(error.to_string()))
}

/// Takes the rows of a file.
pub(super) struct Parts(mpsc::Sender<Vec<StaffRow>>);

impl Parts {
    pub(super) async fn add(&self, rows: Vec<StaffRow>) {
        // If the receiver has ended, writing has failed and reports the reason.
        let _ = self.0.send(rows).await;
    }
}

/// Whether the path asks for a file.
pub(super) fn is_file(visit: &StaffVisit) -> bool {
    matches!(ending(visit), Some("xlsx" | "csv"))
}

fn ending(visit: &StaffVisit) -> Option<&str> {
    visit.path.rsplit_once('.').map(|(_, ending)| ending)
}
