//! The workbooks: an account's and a room's.
//!
//! `book` begins a workbook: all sheets but the last are written row by row. `list` writes rows of `cells` that may
//! go on over sheets; `conferences`, `participants` and `changes` are such lists, whose headings are the mini-guide's
//! unless `statements.headings` wants the account's language; `summary`, `codes` and `trend` are for people. Names of
//! tables and of totals are the same in every language.

pub(super) mod book;
pub(super) mod cells;
mod changes;
mod codes;
mod conferences;
pub(super) mod list;
mod page_setup;
mod participants;
mod scope;
pub(super) mod styles;
mod summary;
mod trend;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet};

use super::RenderError;
use super::brand::BrandView;
use super::view::Reader;
use crate::content::Content;
use crate::domain::{Callers, Participant, RoomTotal};
use conferences::conferences;
use page_setup::set_up_print;
use participants::Participants;
use scope::{Scope, print};
use styles::Styles;

/// Takes a third less processor time for the whole workbook than the usual level 6, for two fifths more bytes; a
/// tenth more over everything that is archived and mailed (`benches/README.md`).
const FAST: u8 = 1;
/// Of large workbooks, which are few and hard to mail: a quarter fewer bytes than with [`FAST`].
const SMALL: u8 = 3;

/// The workbook of an account, or of a room, which then holds nothing of other rooms. Participants arrive in parts, so
/// that they never have to be in memory at once.
pub(super) struct StatementWorkbook<'a> {
    reader: Reader<'a>,
    brand: &'a BrandView,
    /// `None` means the account's.
    room: Option<&'a RoomTotal>,
    workbook: Workbook,
    participants: Participants,
    styles: Styles,
}

impl<'a> StatementWorkbook<'a> {
    pub(super) fn new(
        reader: Reader<'a>,
        brand: &'a BrandView,
        callers: Callers,
        room: Option<&'a RoomTotal>,
    ) -> Result<Self, RenderError> {
        let styles = Styles::new(&reader, brand);
        let print = print(&reader, brand, room)?;
        let totals = room.map_or(&reader.statement.totals, |room| &room.totals);
        let participants = Participants::new(&reader, print, totals.participants, callers)?;
        let workbook = book::begin(totals.participants);
        Ok(Self { reader, brand, room, workbook, participants, styles })
    }

    pub(super) fn add(&mut self, participants: &[Participant]) -> Result<(), RenderError> {
        self.participants.add(&mut self.workbook, &self.reader, &self.styles, participants)
    }

    pub(super) fn finish(mut self) -> Result<Content, RenderError> {
        let participants = self.participants.finish(&mut self.workbook, &self.styles)?;
        let scope = Scope { reader: &self.reader, brand: self.brand, styles: &self.styles, room: self.room };
        write(self.workbook, &scope, participants)
    }
}

/// Puts the sheets in order and zips them.
fn write(mut workbook: Workbook, scope: &Scope<'_>, participants: Vec<Worksheet>) -> Result<Content, RenderError> {
    let conferences = conferences(&mut workbook, scope)?;
    let summary = summary::summary(&mut workbook, scope)?;
    workbook.push_worksheet(summary);
    for sheet in conferences.into_iter().chain(participants) {
        workbook.push_worksheet(sheet);
    }
    let codes = codes::codes(&mut workbook, scope)?;
    workbook.push_worksheet(codes);
    for sheet in changes::changes(&mut workbook, scope)? {
        workbook.push_worksheet(sheet);
    }
    if let Some(sheet) = trend::trend(scope)? {
        workbook.push_worksheet(sheet);
    }
    summary::define_names(&mut workbook, scope)?;
    workbook.set_properties(&properties(scope)?);
    let legs = scope.room.map_or(&scope.reader.statement.totals, |room| &room.totals).participants;
    workbook.set_zip_compression_level(if book::is_long(legs) { SMALL } else { FAST });
    Content::written(|out| workbook.save_to_writer(out).map_err(RenderError::from))
}

/// The creation time is that of the period, so that the same statement is the same bytes on every day.
fn properties(scope: &Scope<'_>) -> Result<DocProperties, RenderError> {
    let statement = scope.reader.statement;
    let created = ExcelDateTime::from_timestamp(statement.period.end.timestamp())?;
    let view = scope.reader.title(scope.room)?;
    Ok(DocProperties::new()
        .set_title(view)
        .set_subject(statement.period.id.to_string())
        .set_author(&scope.brand.name)
        .set_company(&scope.brand.name)
        .set_creation_datetime(&created))
}
