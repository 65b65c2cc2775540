//! What formats a statement's figures, and the parts that several views share.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

use crate::domain::{Headings, RoomTotal, Statement, Totals};
use crate::render::RenderError;
use crate::render::catalogues::Catalogue;
use crate::render::locale::{self, Formatters};

/// What a statement is shown by: its figures, its language's words, its locale's formatters.
pub(in crate::render) struct Reader<'a> {
    pub(in crate::render) statement: &'a Statement,
    pub(in crate::render) catalogue: &'a Catalogue,
    pub(in crate::render) format: Arc<Formatters>,
    pub(in crate::render) headings: Headings,
    /// Whether a workbook comes with the pages, to which they can refer.
    pub(in crate::render) has_workbook: bool,
}

#[derive(Debug, Serialize)]
pub(in crate::render) struct PeriodView {
    pub(in crate::render) id: String,
    pub(in crate::render) name: String,
    pub(in crate::render) first_day: String,
    pub(in crate::render) last_day: String,
}

#[derive(Debug, Serialize)]
pub(in crate::render) struct TotalsView {
    pub(in crate::render) conferences: String,
    /// With the word, for example `24 conferences`.
    pub(in crate::render) conferences_text: String,
    pub(in crate::render) participants: String,
    pub(in crate::render) participants_text: String,
    pub(in crate::render) time: String,
    pub(in crate::render) charge: String,
}

#[derive(Debug, Serialize)]
pub(in crate::render) struct RoomRow {
    /// For example `332703`.
    pub(in crate::render) number: String,
    /// For example `33 270 3`.
    pub(in crate::render) shown: String,
    pub(in crate::render) cardholder: String,
    pub(in crate::render) auto_billing_code: Option<String>,
    pub(in crate::render) conferences: String,
    pub(in crate::render) participants: String,
    pub(in crate::render) time: String,
    pub(in crate::render) charge: String,
}

impl<'a> Reader<'a> {
    pub(in crate::render) fn new(
        statement: &'a Statement,
        catalogue: &'a Catalogue,
        headings: Headings,
    ) -> Result<Self, RenderError> {
        let format = Formatters::of(&statement.account.locale, statement.account.currency)?;
        Ok(Self { statement, catalogue, format, headings, has_workbook: true })
    }

    /// The words, with the locale that they are shown in.
    pub(in crate::render) fn catalogue_in_locale(&self) -> (&'a Catalogue, &'a str) {
        (self.catalogue, self.statement.account.locale.as_str())
    }

    /// A message that refers to the workbook, or the one for statements without a workbook.
    pub(in crate::render) fn either(&self, with_workbook: &'static str, without: &'static str) -> &'static str {
        if self.has_workbook { with_workbook } else { without }
    }

    /// A sheet's or column's name in the workbook: the mini-guide's own, or the account's.
    pub(in crate::render) fn heading(
        &self,
        of_guide: &'static str,
        word: &str,
    ) -> Result<Cow<'static, str>, RenderError> {
        match self.headings {
            Headings::Oai => Ok(Cow::Borrowed(of_guide)),
            Headings::Language => self.catalogue.word(word).map(Cow::Owned),
        }
    }

    pub(in crate::render) fn title(&self, room: Option<&RoomTotal>) -> Result<String, RenderError> {
        let statement = self.statement;
        let month = self.format.month(statement.period.id);
        match room {
            None => self.catalogue.phrase(
                "document-title-account",
                &[("period", &month), ("account", statement.account.number.as_str())],
            ),
            Some(room) => {
                self.catalogue.phrase("document-title-room", &[("period", &month), ("room", &room.number.grouped())])
            }
        }
    }

    pub(in crate::render) fn period(&self) -> PeriodView {
        let period = self.statement.period.id;
        let last_day = period.next().first_day().pred_opt().unwrap_or_default();
        PeriodView {
            id: period.to_string(),
            name: self.format.month(period),
            first_day: self.format.long_date(period.first_day()),
            last_day: self.format.long_date(last_day),
        }
    }

    pub(in crate::render) fn zone(&self) -> Result<String, RenderError> {
        let bounds = &self.statement.period;
        let zone = locale::zone_name(self.statement.account.time_zone, bounds.start, bounds.end);
        self.catalogue.phrase("times-are-in", &[("zone", &zone)])
    }

    pub(in crate::render) fn totals(&self, totals: &Totals) -> Result<TotalsView, RenderError> {
        Ok(TotalsView {
            conferences: self.format.count(totals.conferences),
            conferences_text: self.counted("count-conferences", totals.conferences)?,
            participants: self.format.count(totals.participants),
            participants_text: self.counted("count-participants", totals.participants)?,
            time: locale::duration(totals.accumulated_seconds),
            charge: self.format.money(totals.charge),
        })
    }

    pub(in crate::render) fn counted(&self, name: &str, count: u64) -> Result<String, RenderError> {
        self.catalogue.counted(name, count, &self.format.count(count), &[])
    }

    pub(in crate::render) fn room_row(&self, room: &RoomTotal) -> RoomRow {
        RoomRow {
            number: room.number.to_string(),
            shown: room.number.grouped(),
            cardholder: room.cardholder.to_string(),
            auto_billing_code: room.auto_billing_code.as_ref().map(ToString::to_string),
            conferences: self.format.count(room.totals.conferences),
            participants: self.format.count(room.totals.participants),
            time: locale::duration(room.totals.accumulated_seconds),
            charge: self.format.money(room.totals.charge),
        }
    }
}
