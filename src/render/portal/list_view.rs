//! A list's page: what a template needs, of a part of the rows.

use serde::Serialize;

use super::code_view;
use super::facts::with_period;
use super::list_page::{ListKind, ListPage, PeriodChoice};
use super::month_shown::Standing;
use super::table::{ListQuery, NO_CODE, TableCell, TableColumn};
use super::{Frame, ROWS_PER_PAGE};
use crate::domain::CodeShare;
use crate::render::workbook::cells::CellKind;
use crate::render::{RenderError, locale};

/// How many codes a list offers as filters.
const MOST_CHOICES: usize = 100;

#[derive(Debug, Serialize)]
struct HeadingView {
    text: String,
    link: String,
    /// `ascending`, `descending`; `None` if the list is not ordered by it.
    sorted: Option<&'static str>,
    is_number: bool,
}

#[derive(Debug, Serialize)]
struct CellView {
    text: String,
    label: String,
    link: Option<String>,
    /// A word for the style sheet.
    class: &'static str,
    mark: Option<String>,
    /// The conference that a tick in this cell chooses, as the form names it.
    tick: Option<String>,
}

#[derive(Debug, Serialize)]
struct ChoiceView {
    value: String,
    text: String,
    selected: bool,
}

#[derive(Debug, Serialize)]
struct PagingView {
    text: String,
    previous: Option<String>,
    next: Option<String>,
}

impl ListPage<'_> {
    /// The page, with the rows that the query's page holds.
    pub fn html(&self, frame: &Frame, periods: &[PeriodChoice]) -> Result<Vec<u8>, RenderError> {
        let catalogue = self.reader.catalogue;
        let has_figures = self.month.standing != Standing::Checked;
        let pages = self.table.arrangement.count().div_ceil(ROWS_PER_PAGE).max(1);
        let page = self.query.page.clamp(1, pages);
        let locale = self.reader.statement.account.locale.to_string();
        let frame = &Frame { language: locale, ..frame.clone() };
        let mut context = self.renderer.frame_context(frame, catalogue, &self.title, &self.crumbs)?;
        context.insert("kind", &self.kind);
        context.insert("month", &self.reader.period().name);
        context.insert("subject", &self.subject);
        context.insert("facts", &if has_figures { self.facts.as_slice() } else { &[] });
        context.insert("standing", &self.standing()?);
        context.insert("is_open", &matches!(self.month.standing, Standing::NotInvoiced { .. }));
        context.insert("period_text", &self.period_text()?);
        context.insert("has_figures", &has_figures);
        let charge = self.totals.as_ref().map(|totals| self.reader.format.money(totals.charge));
        context.insert("amount", &charge.filter(|_| has_figures));
        context.insert("path", &self.path);
        context.insert("periods", &self.periods(periods));
        let is_account = self.of == ListKind::Account;
        context.insert("has_room_display", &is_account);
        context.insert("all_rooms", &self.query.all_rooms);
        context.insert("search", &self.query.search);
        context.insert("ticked", &self.query.ticked);
        context.insert("sort", &self.query.sort);
        context.insert("headings", &self.headings());
        context.insert("rows", &self.rows(page)?);
        context.insert("totals", &self.total_cells());
        context.insert("paging", &self.paging(page, pages)?);
        context.insert("downloads", &[self.url(".xlsx", &self.query, 1), self.url(".csv", &self.query, 1)]);
        context.insert("statements", &is_account.then(|| format!("{}/statements", self.path)));
        context.insert("code_list", &(is_account && self.codes.is_owner).then(|| format!("{}/codes", self.path)));
        self.insert_codes(&mut context)?;
        context.insert("remark", &self.remark);
        context.insert("zone", &catalogue.phrase("times-are-in", &[("zone", &self.zone())])?);
        self.renderer.templates.render("portal/list.html", &context)
    }

    /// The form that gives codes, the result of the last change, and each code's total.
    fn insert_codes(&self, context: &mut tera::Context) -> Result<(), RenderError> {
        let (reader, month) = (&self.reader, &self.month);
        let period = month.statement.period.id.to_string();
        let account = month.account_path;
        let (query, form) = match &self.of {
            ListKind::Account => (None, None),
            ListKind::Room(room) => {
                let query = code_view::list_query(&self.query, &[("room", room.as_str()), ("period", &period)]);
                let tick = ListQuery { ticked: true, ..self.query.clone() };
                let all = (self.table.arrangement.conferences, self.url("", &tick, self.query.page));
                let form = self.codes.form(reader, account, &query, (Some(all.0), Some(all.1)))?;
                (Some(query), form.filter(|_| all.0 > 0))
            }
            ListKind::Conference(room, name) => {
                let pairs = [("room", room.as_str()), ("period", &period), ("conference", name)];
                let query = code_view::list_query(&ListQuery::default(), &pairs);
                let form = self.codes.form(reader, account, &query, (None, None))?;
                context.insert("conference", name);
                (Some(query), form)
            }
        };
        let query = query.unwrap_or_else(|| format!("period={period}"));
        context.insert("codes_form", &form.filter(|_| month.standing != Standing::Checked));
        context.insert("codes_notice", &self.codes.notice(reader, account, &query)?);
        context.insert("codes_history", &self.codes.history(reader)?);
        let totals = code_view::totals(reader, month, self.shares())?;
        let is_worth_it = totals.len() > 1 && !matches!(self.of, ListKind::Conference(..));
        context.insert("code_totals", &if is_worth_it { totals } else { Vec::new() });
        context.insert("code_choices", &self.code_choices()?);
        let (lacking, all) = code_view::without_code(self.shares());
        let lacks = self.codes.policy.is_required && lacking > 0;
        let texts = [("count", reader.format.count(lacking)), ("all", reader.format.count(all))];
        let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let required = lacks.then(|| reader.catalogue.phrase("portal-code-lacking", &texts)).transpose()?;
        context.insert("codes_lacking", &required);
        Ok(())
    }

    /// The list's totals by code, whatever is searched for.
    fn shares(&self) -> impl Iterator<Item = &CodeShare> + Clone {
        let (shares, rooms) = (self.month.shares, self.month.rooms);
        let shares = match &self.of {
            ListKind::Account => shares,
            ListKind::Room(room) | ListKind::Conference(room, _) => {
                let from = shares.partition_point(|share| share.room < *room);
                let to = shares.partition_point(|share| share.room <= *room);
                &shares[from..to]
            }
        };
        shares.iter().filter(move |share| rooms.is_none_or(|rooms| rooms.contains(&share.room)))
    }

    /// The codes that a room's list can be narrowed to.
    fn code_choices(&self) -> Result<Vec<ChoiceView>, RenderError> {
        let ListKind::Room(_) = &self.of else { return Ok(Vec::new()) };
        let codes: std::collections::BTreeSet<_> = self.shares().map(|share| share.now.as_ref()).collect();
        let wanted = self.query.code.as_deref();
        if codes.len() < 2 && wanted.is_none() {
            return Ok(Vec::new());
        }
        let choice = |value: &str, text: String| ChoiceView {
            value: value.to_owned(),
            text,
            selected: wanted.unwrap_or_default() == value,
        };
        let mut choices = vec![choice("", self.reader.catalogue.word("portal-code-any")?)];
        choices.push(choice(NO_CODE, self.reader.catalogue.word("unallocated")?));
        let codes = codes.into_iter().flatten().take(MOST_CHOICES);
        choices.extend(codes.map(|code| choice(code.as_str(), code.to_string())));
        Ok(choices)
    }

    fn zone(&self) -> String {
        let bounds = &self.reader.statement.period;
        locale::zone_name(self.reader.statement.account.time_zone, bounds.start, bounds.end)
    }

    /// For example `Not Invoiced`.
    fn standing(&self) -> Result<String, RenderError> {
        let catalogue = self.reader.catalogue;
        match self.month.standing {
            Standing::Statement => catalogue
                .phrase("portal-statement-revision", &[("number", &self.month.statement.revision.to_string())]),
            Standing::Empty => catalogue.word("portal-closed-empty"),
            Standing::NotInvoiced { .. } => catalogue.word("portal-not-invoiced"),
            Standing::Checked => catalogue.word("portal-being-checked"),
        }
    }

    /// For example `Since 01/05/2009`, with when the figures were made.
    fn period_text(&self) -> Result<String, RenderError> {
        let period = self.reader.period();
        let Standing::NotInvoiced { as_of, is_behind } = self.month.standing else {
            return Ok(format!("{} – {}", period.first_day, period.last_day));
        };
        let catalogue = self.reader.catalogue;
        let first = self.reader.format.date(self.month.statement.period.id.first_day());
        let at = as_of.with_timezone(&self.reader.statement.account.time_zone);
        let time = format!("{} {}", self.reader.format.date(at.date_naive()), self.reader.format.time(&at));
        let since = catalogue.phrase("portal-since", &[("date", &first)])?;
        let as_of = catalogue.phrase("portal-as-of", &[("time", &time)])?;
        let behind = if is_behind { format!(" · {}", catalogue.word("portal-behind")?) } else { String::new() };
        Ok(format!("{since} · {as_of}{behind}"))
    }

    fn periods(&self, periods: &[PeriodChoice]) -> Vec<ChoiceView> {
        let choice = |choice: &PeriodChoice| ChoiceView {
            value: choice.period.to_string(),
            text: self.reader.format.month(choice.period),
            selected: choice.is_shown,
        };
        periods.iter().map(choice).collect()
    }

    fn headings(&self) -> Vec<HeadingView> {
        let sorted = self.query.sort.as_deref().and_then(|sort| self.table.sorted_by(sort));
        let heading = |column: &TableColumn| {
            let sorted = sorted.filter(|(key, _)| *key == column.key).map(|(_, descending)| descending);
            let sort = if sorted == Some(false) { format!("-{}", column.key) } else { column.key.to_owned() };
            let query = ListQuery { sort: Some(sort), ..self.query.clone() };
            HeadingView {
                text: column.heading.clone(),
                link: self.url("", &query, 1),
                sorted: sorted.map(|descending| if descending { "descending" } else { "ascending" }),
                is_number: is_number(column.kind),
            }
        };
        self.table.columns.iter().filter(|column| column.on_page).map(heading).collect()
    }

    fn rows(&self, page: usize) -> Result<Vec<Vec<CellView>>, RenderError> {
        let shown = self.table.arrangement.rows().skip((page - 1) * ROWS_PER_PAGE).take(ROWS_PER_PAGE);
        shown.map(|row| self.row(row)).collect()
    }

    fn row(&self, row: usize) -> Result<Vec<CellView>, RenderError> {
        let rows = &self.table.rows;
        let (link, conference) = (rows.link(row), rows.conference(row));
        let cells = self.table.cells(row).zip(&self.table.columns).enumerate();
        let cells = cells.filter(|(_, (_, column))| column.on_page);
        let cell = |(index, (cell, column)): (usize, (TableCell<'_>, &TableColumn))| {
            let is_code = column.key == "code" && conference.is_some();
            let link = link.as_ref().filter(|_| index == self.table.link_column || is_code);
            let anchor = if is_code { "#code" } else { "" };
            Ok(CellView {
                text: cell.shown(&self.reader.format),
                label: column.heading.clone(),
                link: link.map(|path| with_period(path, &self.month) + anchor),
                class: class(&cell, column.kind),
                mark: match column.key {
                    "service" => rows.mark(row)?,
                    "code" => rows.code_mark(row)?,
                    _ => None,
                },
                tick: conference
                    .filter(|_| index == self.table.link_column && self.codes.may_assign)
                    .map(|conference| format!("{}/{}", conference.room, conference.id)),
            })
        };
        cells.map(cell).collect()
    }

    fn total_cells(&self) -> Vec<CellView> {
        let cells = self.table.totals().into_iter().zip(&self.table.columns);
        let cells = cells.filter(|(_, column)| column.on_page);
        let cell = |(cell, column): (TableCell<'_>, &TableColumn)| CellView {
            text: cell.shown(&self.reader.format),
            label: column.heading.clone(),
            link: None,
            class: class(&cell, column.kind),
            mark: None,
            tick: None,
        };
        cells.map(cell).collect()
    }

    fn paging(&self, page: usize, pages: usize) -> Result<Option<PagingView>, RenderError> {
        let rows = self.table.arrangement.count();
        if pages == 1 && self.query.search.is_empty() {
            return Ok(None);
        }
        let count = |count: usize| self.reader.format.count(count as u64);
        let (first, last) = (((page - 1) * ROWS_PER_PAGE + 1).min(rows), (page * ROWS_PER_PAGE).min(rows));
        let texts = [("first", count(first)), ("last", count(last)), ("all", count(rows))];
        let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        Ok(Some(PagingView {
            text: self.reader.catalogue.phrase("portal-rows", &texts)?,
            previous: (page > 1).then(|| self.url("", &self.query, page - 1)),
            next: (page < pages).then(|| self.url("", &self.query, page + 1)),
        }))
    }

    /// Of this list, differently chosen.
    fn url(&self, suffix: &str, query: &ListQuery, page: usize) -> String {
        let mut pairs = vec![("period", self.month.statement.period.id.to_string())];
        if query.all_rooms {
            pairs.push(("show", "all".to_owned()));
        }
        if !query.search.is_empty() {
            pairs.push(("q", query.search.clone()));
        }
        pairs.extend(query.code.clone().map(|code| ("code", code)));
        if query.ticked {
            pairs.push(("select", "page".to_owned()));
        }
        pairs.extend(query.sort.clone().map(|sort| ("sort", sort)));
        if page > 1 {
            pairs.push(("page", page.to_string()));
        }
        let pairs = serde_urlencoded::to_string(pairs).unwrap_or_default();
        format!("{}{suffix}?{pairs}", self.path)
    }
}

fn is_number(kind: CellKind) -> bool {
    matches!(kind, CellKind::Count | CellKind::Duration | CellKind::Money)
}

fn class(cell: &TableCell<'_>, kind: CellKind) -> &'static str {
    match (cell, kind) {
        (TableCell::Lacking(_), _) => "soft",
        (_, CellKind::Money) => "n money",
        (_, CellKind::Count | CellKind::Duration) => "n",
        (TableCell::Number(_) | TableCell::Date(_) | TableCell::Time { .. } | TableCell::Instant(_), _) => "w",
        _ => "t",
    }
}
