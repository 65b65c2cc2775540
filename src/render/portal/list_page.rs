//! A list with everything around it: facts, what can be chosen, a part of its rows, totals of all of them.
//!
//! Whatever is shown is in the address: each choice is a link or a form that is sent by GET.

use serde::Serialize;

use super::frame::Crumb;
use super::lists::{self, ConferenceFigures, MonthShown, Standing};
use super::table::{Holds, ListQuery, Table, TableCell};
use super::{Frame, ROWS_PER_PAGE};
use crate::domain::{Period, RoomNumber, RoomTotal, Totals};
use crate::render::view::Reader;
use crate::render::{RenderError, Renderer, locale};

/// A list of the online consultation, searched and sorted; [`ListPage::html`] shows a part, the downloads all of it.
pub struct ListPage<'a> {
    pub(super) renderer: &'a Renderer,
    pub(super) reader: Reader<'a>,
    pub(super) month: MonthShown<'a>,
    pub(super) table: Table,
    pub(super) query: ListQuery,
    /// What the list is, as `Account Summary`.
    pub(super) kind: String,
    pub(super) title: String,
    /// What a download is called, without its ending.
    pub(super) file_stem: String,
    /// Where it is, without `?`.
    path: String,
    /// Who or what the month is of.
    subject: String,
    totals: Option<Totals>,
    facts: Vec<Fact>,
    crumbs: Vec<Crumb>,
    /// Whether the rooms without usage can be chosen.
    has_room_display: bool,
    /// A sentence below the list.
    remark: Option<String>,
}

/// A month that can be chosen.
#[derive(Debug, Clone, Copy)]
pub struct PeriodChoice {
    pub period: Period,
    pub is_shown: bool,
}

/// A label and what stands beside it.
#[derive(Debug, Clone, Serialize)]
struct Fact {
    label: String,
    value: String,
}

#[derive(Debug, Serialize)]
struct HeadingView {
    text: String,
    link: String,
    /// `ascending`, `descending`; None: the list is not ordered by it.
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

impl Renderer {
    /// The account summary.
    pub fn account_list<'a>(&'a self, month: MonthShown<'a>, query: &ListQuery) -> Result<ListPage<'a>, RenderError> {
        let reader = self.reader(month.statement)?;
        let account = &month.statement.account;
        let table = lists::rooms(&reader, &month, query.all_rooms)?;
        let totals = sum(month.visible_rooms());
        let facts = vec![
            fact(&reader, "account-number", account.number.to_string())?,
            fact(&reader, "company-name", account.company.to_string())?,
            fact(&reader, "conferences", reader.format.count(totals.conferences))?,
            fact(&reader, "participants", reader.format.count(totals.participants))?,
            fact(&reader, "accumulated-time", locale::duration(totals.accumulated_seconds))?,
        ];
        let page = ListPage {
            renderer: self,
            kind: reader.words.word("portal-account-summary")?,
            title: reader.title(None)?,
            file_stem: format!("{}-{}", account.number, month.statement.period.id),
            path: month.account_path(),
            subject: account.company.to_string(),
            totals: Some(totals),
            facts,
            crumbs: Vec::new(),
            has_room_display: true,
            remark: None,
            query: query.clone(),
            reader,
            month,
            table,
        };
        Ok(page.arranged())
    }

    /// A room's conferences; None: the month shows no such room.
    pub fn room_list<'a>(
        &'a self,
        month: MonthShown<'a>,
        room: &RoomNumber,
        query: &ListQuery,
    ) -> Result<Option<ListPage<'a>>, RenderError> {
        let reader = self.reader(month.statement)?;
        let Some(total) = month.room(room) else { return Ok(None) };
        let table = lists::conferences(&reader, &month, room)?;
        let page = ListPage {
            renderer: self,
            kind: reader.words.word("portal-conference-list")?,
            title: reader.title(Some(total))?,
            file_stem: format!("{room}-{}", month.statement.period.id),
            path: month.room_path(room),
            subject: format!("{} · {}", room.grouped(), total.cardholder),
            totals: Some(total.totals),
            facts: room_facts(&reader, &month, total)?,
            crumbs: vec![account_crumb(&reader, &month)?],
            has_room_display: false,
            remark: None,
            query: query.clone(),
            reader,
            month,
            table,
        };
        Ok(Some(page.arranged()))
    }

    /// A conference's participants; None: the month shows no such room.
    pub fn conference_list<'a>(
        &'a self,
        month: MonthShown<'a>,
        figures: ConferenceFigures<'_>,
        query: &ListQuery,
    ) -> Result<Option<ListPage<'a>>, RenderError> {
        let reader = self.reader(month.statement)?;
        let Some(line) = figures.lines.first() else { return Ok(None) };
        let Some(room) = month.room(&line.room) else { return Ok(None) };
        let at = line.started_at.with_timezone(&reader.statement.account.time_zone);
        let begun = format!("{} {}", reader.format.long_date(at.date_naive()), reader.format.time(&at));
        let charged: u64 = figures.lines.iter().map(|line| line.quantity).sum();
        let is_erased = (figures.participants.len() as u64) < charged;
        let room_crumb = Crumb {
            text: format!("{} · {}", room.number.grouped(), room.cardholder),
            link: with_period(&month.room_path(&room.number), &month),
        };
        let page = ListPage {
            renderer: self,
            kind: reader.words.word("participants")?,
            title: format!("{} – {begun}", reader.title(Some(room))?),
            file_stem: format!("{}-{}-{}", room.number, month.statement.period.id, at.format("%d-%H%M%S")),
            path: month.conference_path(line),
            subject: begun,
            totals: Some(lines_total(figures.lines)),
            facts: conference_facts(&reader, figures)?,
            crumbs: vec![account_crumb(&reader, &month)?, room_crumb],
            has_room_display: false,
            remark: is_erased.then(|| reader.words.word("portal-participants-erased")).transpose()?,
            query: query.clone(),
            table: lists::participants(&reader, figures.participants, self.callers)?,
            reader,
            month,
        };
        Ok(Some(page.arranged()))
    }
}

impl ListPage<'_> {
    fn arranged(mut self) -> Self {
        self.table.search(&self.query.search, &self.reader.format);
        if let Some(sort) = &self.query.sort {
            self.table.sort(sort);
        }
        self
    }

    pub fn file_stem(&self) -> &str {
        &self.file_stem
    }

    /// The page, with the rows that the query's page holds.
    pub fn html(&self, frame: &Frame, periods: &[PeriodChoice]) -> Result<Vec<u8>, RenderError> {
        let words = self.reader.words;
        let has_figures = self.month.standing != Standing::Checked;
        let pages = self.table.rows.len().div_ceil(ROWS_PER_PAGE).max(1);
        let page = self.query.page.clamp(1, pages);
        let mut context = self.renderer.frame_context(frame, words, &self.title, &self.crumbs)?;
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
        context.insert("has_room_display", &self.has_room_display);
        context.insert("all_rooms", &self.query.all_rooms);
        context.insert("search", &self.query.search);
        context.insert("sort", &self.query.sort);
        context.insert("headings", &self.headings());
        context.insert("rows", &self.rows(page));
        context.insert("totals", &self.total_cells());
        context.insert("paging", &self.paging(page, pages)?);
        context.insert("downloads", &[self.url(".xlsx", &self.query, 1), self.url(".csv", &self.query, 1)]);
        context.insert("statements", &self.has_room_display.then(|| format!("{}/statements", self.path)));
        context.insert("remark", &self.remark);
        context.insert("zone", &words.phrase("times-are-in", &[("zone", &self.zone())])?);
        self.renderer.templates.render("portal/list.html", &context)
    }

    fn zone(&self) -> String {
        let bounds = &self.reader.statement.period;
        locale::zone_name(self.reader.statement.account.time_zone, bounds.start, bounds.end)
    }

    /// As `Not Invoiced`.
    fn standing(&self) -> Result<String, RenderError> {
        let words = self.reader.words;
        match self.month.standing {
            Standing::Statement => {
                words.phrase("portal-statement-revision", &[("number", &self.month.statement.revision.to_string())])
            }
            Standing::Empty => words.word("portal-closed-empty"),
            Standing::NotInvoiced { .. } => words.word("portal-not-invoiced"),
            Standing::Checked => words.word("portal-being-checked"),
        }
    }

    /// As `Since 01/05/2009`, with when the figures were made.
    fn period_text(&self) -> Result<String, RenderError> {
        let period = self.reader.period();
        let Standing::NotInvoiced { as_of } = self.month.standing else {
            return Ok(format!("{} – {}", period.first_day, period.last_day));
        };
        let words = self.reader.words;
        let first = self.reader.format.date(self.month.statement.period.id.first_day());
        let at = as_of.with_timezone(&self.reader.statement.account.time_zone);
        let time = format!("{} {}", self.reader.format.date(at.date_naive()), self.reader.format.time(&at));
        let since = words.phrase("portal-since", &[("date", &first)])?;
        Ok(format!("{since} · {}", words.phrase("portal-as-of", &[("time", &time)])?))
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
        let heading = |column: &super::table::TableColumn| {
            let sorted = sorted.filter(|(key, _)| *key == column.key).map(|(_, descending)| descending);
            let sort = if sorted == Some(false) { format!("-{}", column.key) } else { column.key.to_owned() };
            let query = ListQuery { sort: Some(sort), ..self.query.clone() };
            HeadingView {
                text: column.heading.clone(),
                link: self.url("", &query, 1),
                sorted: sorted.map(|descending| if descending { "descending" } else { "ascending" }),
                is_number: is_number(column.holds),
            }
        };
        self.table.columns.iter().map(heading).collect()
    }

    fn rows(&self, page: usize) -> Vec<Vec<CellView>> {
        let shown = self.table.rows.iter().skip((page - 1) * ROWS_PER_PAGE).take(ROWS_PER_PAGE);
        let rows = shown.map(|row| {
            let cells = row.cells.iter().zip(&self.table.columns).enumerate();
            let cell = |(index, (cell, column)): (usize, (&TableCell, &super::table::TableColumn))| {
                let link = row.link.as_ref().filter(|_| index == self.table.link_column);
                CellView {
                    text: cell.shown(&self.reader.format),
                    label: column.heading.clone(),
                    link: link.map(|path| with_period(path, &self.month)),
                    class: class(cell, column.holds),
                    mark: row.mark.clone().filter(|_| column.key == "service"),
                }
            };
            cells.map(cell).collect()
        });
        rows.collect()
    }

    fn total_cells(&self) -> Vec<CellView> {
        let cells = self.table.totals().into_iter().zip(&self.table.columns);
        let cell = |(cell, column): (TableCell, &super::table::TableColumn)| CellView {
            text: cell.shown(&self.reader.format),
            label: column.heading.clone(),
            link: None,
            class: class(&cell, column.holds),
            mark: None,
        };
        cells.map(cell).collect()
    }

    fn paging(&self, page: usize, pages: usize) -> Result<Option<PagingView>, RenderError> {
        let rows = self.table.rows.len();
        if pages == 1 && self.query.search.is_empty() {
            return Ok(None);
        }
        let count = |count: usize| self.reader.format.count(count as u64);
        let (first, last) = (((page - 1) * ROWS_PER_PAGE + 1).min(rows), (page * ROWS_PER_PAGE).min(rows));
        let texts = [("first", count(first)), ("last", count(last)), ("all", count(rows))];
        let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        Ok(Some(PagingView {
            text: self.reader.words.phrase("portal-rows", &texts)?,
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
        pairs.extend(query.sort.clone().map(|sort| ("sort", sort)));
        if page > 1 {
            pairs.push(("page", page.to_string()));
        }
        let pairs = serde_urlencoded::to_string(pairs).unwrap_or_default();
        format!("{}{suffix}?{pairs}", self.path)
    }
}

fn with_period(path: &str, month: &MonthShown<'_>) -> String {
    format!("{path}?period={}", month.statement.period.id)
}

fn is_number(holds: Holds) -> bool {
    matches!(holds, Holds::Count | Holds::Duration | Holds::Money)
}

fn class(cell: &TableCell, holds: Holds) -> &'static str {
    match (cell, holds) {
        (TableCell::Lacking(_), _) => "soft",
        (_, Holds::Money) => "n money",
        (_, Holds::Count | Holds::Duration) => "n",
        (TableCell::Number { .. } | TableCell::Date(_) | TableCell::Time { .. } | TableCell::Instant(_), _) => "w",
        _ => "t",
    }
}

fn fact(reader: &Reader<'_>, word: &str, value: String) -> Result<Fact, RenderError> {
    Ok(Fact { label: reader.words.word(word)?, value })
}

fn room_facts(reader: &Reader<'_>, month: &MonthShown<'_>, room: &RoomTotal) -> Result<Vec<Fact>, RenderError> {
    let account = &month.statement.account;
    let mut facts = vec![
        fact(reader, "account-number", account.number.to_string())?,
        fact(reader, "company-name", account.company.to_string())?,
    ];
    if let Some(code) = &room.auto_billing_code {
        facts.push(fact(reader, "auto-billing-code", code.to_string())?);
    }
    facts.push(fact(reader, "conferences", reader.format.count(room.totals.conferences))?);
    facts.push(fact(reader, "participants", reader.format.count(room.totals.participants))?);
    facts.push(fact(reader, "accumulated-time", locale::duration(room.totals.accumulated_seconds))?);
    Ok(facts)
}

fn conference_facts(reader: &Reader<'_>, figures: ConferenceFigures<'_>) -> Result<Vec<Fact>, RenderError> {
    let Some(line) = figures.lines.first() else { return Ok(Vec::new()) };
    let code = match &line.billing_code {
        Some(code) => code.to_string(),
        None => reader.words.word("unallocated")?,
    };
    let totals = lines_total(figures.lines);
    Ok(vec![
        fact(reader, "room-number", line.room.grouped())?,
        fact(reader, "billing-code", code)?,
        fact(reader, "participants", reader.format.count(totals.participants))?,
        fact(reader, "length", locale::duration(line.length_seconds))?,
        fact(reader, "accumulated-time", locale::duration(totals.accumulated_seconds))?,
    ])
}

fn account_crumb(reader: &Reader<'_>, month: &MonthShown<'_>) -> Result<Crumb, RenderError> {
    Ok(Crumb { text: reader.words.word("portal-account-summary")?, link: with_period(&month.account_path(), month) })
}

fn sum<'a>(rooms: impl Iterator<Item = &'a RoomTotal>) -> Totals {
    let mut totals = Totals::default();
    for room in rooms {
        // Rooms of one account were added up before, without overflow.
        let _ = totals.add(&room.totals);
    }
    totals
}

fn lines_total(lines: &[crate::domain::Line]) -> Totals {
    let mut totals = Totals::default();
    for (position, line) in lines.iter().enumerate() {
        let _ = totals.add_line(line, position == 0);
    }
    totals
}
