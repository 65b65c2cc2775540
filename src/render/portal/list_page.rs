//! A list with everything around it: facts, what can be chosen, a part of its rows, totals of all of them.
//!
//! Whatever is shown is in the address: each choice is a link or a form that is sent by GET.

use std::sync::Arc;

use super::code_view::CodesOffer;
use super::facts::{Fact, account_crumb, conference_facts, fact, lines_total, room_facts, sum, with_period};
use super::frame::Crumb;
use super::lists;
use super::month_shown::{ConferenceFigures, MonthShown};
use super::table::{Arrangement, ListQuery, Table};
use crate::domain::{ConferenceId, Period, RoomNumber, Totals};
use crate::render::view::Reader;
use crate::render::{RenderError, Renderer, locale};

/// Which list a page is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ListKind {
    Account,
    Room(RoomNumber),
    /// A conference, as forms name it, of a room.
    Conference(RoomNumber, String),
}

/// A list of the online consultation, searched and sorted; [`ListPage::html`] shows a part, the downloads all of it.
pub struct ListPage<'a> {
    pub(super) renderer: &'a Renderer,
    pub(super) reader: Reader<'a>,
    pub(super) month: MonthShown<'a>,
    pub(super) table: Table<'a>,
    pub(super) query: ListQuery,
    /// What the list is, for example `Account Summary`.
    pub(super) kind: String,
    pub(super) title: String,
    /// What a download is called, without its ending.
    pub(super) file_stem: String,
    /// Its path, without a query.
    pub(super) path: String,
    /// Who or what the month is of.
    pub(super) subject: String,
    pub(super) totals: Option<Totals>,
    pub(super) facts: Vec<Fact>,
    pub(super) crumbs: Vec<Crumb>,
    pub(super) of: ListKind,
    /// A sentence below the list.
    pub(super) remark: Option<String>,
    pub(super) codes: CodesOffer,
}

/// A month that can be chosen.
#[derive(Debug, Clone, Copy)]
pub struct PeriodChoice {
    pub period: Period,
    pub is_shown: bool,
}

impl Renderer {
    /// The account summary; `kept` is the arrangement of another page of the same list.
    pub fn account_list<'a>(
        &'a self,
        month: MonthShown<'a>,
        query: &ListQuery,
        kept: Option<Arc<Arrangement>>,
    ) -> Result<ListPage<'a>, RenderError> {
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
            kind: reader.catalogue.word("portal-account-summary")?,
            title: reader.title(None)?,
            file_stem: format!("{}-{}", account.number, month.statement.period.id),
            path: month.account_path.to_owned(),
            subject: account.company.to_string(),
            totals: Some(totals),
            facts,
            crumbs: Vec::new(),
            of: ListKind::Account,
            codes: CodesOffer::default(),
            remark: None,
            query: query.clone(),
            reader,
            month,
            table,
        };
        page.arranged(kept)
    }

    /// A room's conferences; `None` if the month shows no such room. `kept` as in [`Self::account_list`].
    pub fn room_list<'a>(
        &'a self,
        month: MonthShown<'a>,
        room: &RoomNumber,
        query: &ListQuery,
        kept: Option<Arc<Arrangement>>,
    ) -> Result<Option<ListPage<'a>>, RenderError> {
        let reader = self.reader(month.statement)?;
        let Some(total) = month.room(room) else { return Ok(None) };
        let table = lists::conferences(&reader, &month, room, kept.as_deref())?;
        let page = ListPage {
            renderer: self,
            kind: reader.catalogue.word("portal-conference-list")?,
            title: reader.title(Some(total))?,
            file_stem: format!("{room}-{}", month.statement.period.id),
            path: month.room_path(room),
            subject: format!("{} · {}", room.grouped(), total.cardholder),
            totals: Some(total.totals),
            facts: room_facts(&reader, &month, total)?,
            crumbs: vec![account_crumb(&reader, &month)?],
            of: ListKind::Room(room.clone()),
            codes: CodesOffer::default(),
            remark: None,
            query: query.clone(),
            reader,
            month,
            table,
        };
        Ok(Some(page.arranged(kept)?))
    }

    /// A conference's participants; `None` if the month shows no such room.
    pub fn conference_list<'a>(
        &'a self,
        month: MonthShown<'a>,
        figures: ConferenceFigures<'a>,
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
            kind: reader.catalogue.word("participants")?,
            title: format!("{} – {begun}", reader.title(Some(room))?),
            file_stem: format!("{}-{}-{}", room.number, month.statement.period.id, at.format("%d-%H%M%S")),
            path: month.conference_path(line),
            subject: begun,
            totals: Some(lines_total(figures.lines)),
            facts: conference_facts(&reader, &month, figures)?,
            crumbs: vec![account_crumb(&reader, &month)?, room_crumb],
            of: ListKind::Conference(line.room.clone(), format!("{}/{}", line.room, line.conference_id)),
            codes: CodesOffer::default(),
            remark: is_erased.then(|| reader.catalogue.word("portal-participants-erased")).transpose()?,
            query: query.clone(),
            table: lists::participants(&reader, figures.participants, self.callers)?,
            reader,
            month,
        };
        Ok(Some(page.arranged(None)?))
    }
}

impl ListPage<'_> {
    fn arranged(mut self, kept: Option<Arc<Arrangement>>) -> Result<Self, RenderError> {
        if let Some(kept) = kept {
            self.table.arrangement = kept;
        } else {
            self.table.arrange(&self.query, &self.reader.format)?;
        }
        Ok(self)
    }

    /// What all pages of this list have in common.
    pub fn arrangement(&self) -> Arc<Arrangement> {
        Arc::clone(&self.table.arrangement)
    }

    /// Adds what can be done with codes.
    pub fn with_codes(self, codes: CodesOffer) -> Self {
        Self { codes, ..self }
    }

    /// The conferences of all rows, as forms name them.
    pub fn conferences(&self) -> Vec<(RoomNumber, ConferenceId)> {
        let rows = self.table.arrangement.rows().filter_map(|row| self.table.rows.conference(row));
        let mut named: Vec<_> = rows.map(|row| (row.room.clone(), row.id.clone())).collect();
        named.sort_unstable();
        named.dedup();
        named
    }

    pub fn file_stem(&self) -> &str {
        &self.file_stem
    }
}
