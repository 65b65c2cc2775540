//! The workbooks: an account's and a room's.
//!
//! `list` writes rows that may go on over sheets; `conferences` and `participants` are such lists for programs, with
//! headings in the mini-guide's words whatever the language; `summary`, `codes` and `trend` are for people.

mod changes;
mod codes;
mod conferences;
mod list;
mod participants;
mod styles;
mod summary;
mod trend;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet};

use super::brand::BrandView;
use super::view::Reader;
use super::{Callers, RenderError};
use crate::domain::{Participant, RoomTotal};
use conferences::conferences;
use list::Print;
use participants::Participants;
use styles::Styles;

/// A quarter less processor time for the whole workbook than the usual 6, and 5 % more bytes (`benches/README.md`).
const DEFLATE_LEVEL: u8 = 3;

/// A workbook whose participants arrive room by room, so that an account's never have to be in memory at once.
pub(super) struct AccountWorkbook {
    workbook: Workbook,
    participants: Participants,
    styles: Styles,
}

impl AccountWorkbook {
    pub(super) fn new(reader: &Reader<'_>, brand: &BrandView, callers: Callers) -> Result<Self, RenderError> {
        let styles = Styles::new(reader, brand);
        let print = print(reader, brand, None)?;
        let participants = Participants::new(reader, print, reader.statement.totals.participants, callers)?;
        Ok(Self { workbook: Workbook::new(), participants, styles })
    }

    pub(super) fn add(&mut self, reader: &Reader<'_>, participants: &[Participant]) -> Result<(), RenderError> {
        self.participants.add(&mut self.workbook, reader, &self.styles, participants)
    }

    pub(super) fn finish(mut self, reader: &Reader<'_>, brand: &BrandView) -> Result<Vec<u8>, RenderError> {
        let participants = self.participants.finish(&mut self.workbook, &self.styles)?;
        let scope = Scope { reader, brand, styles: &self.styles, room: None };
        write(self.workbook, &scope, participants)
    }
}

/// A room's workbook, which holds nothing of other rooms.
pub(super) fn room_workbook(
    reader: &Reader<'_>,
    brand: &BrandView,
    callers: Callers,
    room: &RoomTotal,
    participants: &[Participant],
) -> Result<Vec<u8>, RenderError> {
    let mut workbook = Workbook::new();
    let styles = Styles::new(reader, brand);
    let print = print(reader, brand, Some(room))?;
    let mut list = Participants::new(reader, print, room.totals.participants, callers)?;
    list.add(&mut workbook, reader, &styles, participants)?;
    let participants = list.finish(&mut workbook, &styles)?;
    write(workbook, &Scope { reader, brand, styles: &styles, room: Some(room) }, participants)
}

/// What the sheets of one workbook are made from.
struct Scope<'a> {
    reader: &'a Reader<'a>,
    brand: &'a BrandView,
    styles: &'a Styles,
    /// None: the account's workbook.
    room: Option<&'a RoomTotal>,
}

impl Scope<'_> {
    fn print(&self) -> Result<Print, RenderError> {
        print(self.reader, self.brand, self.room)
    }
}

fn print(reader: &Reader<'_>, brand: &BrandView, room: Option<&RoomTotal>) -> Result<Print, RenderError> {
    Ok(Print {
        title: reader.title(room)?,
        brand: brand.name.clone(),
        page_of: reader.words.phrase("page-of", &[("page", "&P"), ("pages", "&N")])?,
    })
}

/// Puts the sheets in order and zips them.
fn write(mut workbook: Workbook, scope: &Scope<'_>, participants: Vec<Worksheet>) -> Result<Vec<u8>, RenderError> {
    let conferences = conferences(&mut workbook, scope)?;
    workbook.push_worksheet(summary::summary(scope)?);
    for sheet in conferences.into_iter().chain(participants) {
        workbook.push_worksheet(sheet);
    }
    workbook.push_worksheet(codes::codes(scope)?);
    for sheet in changes::changes(&mut workbook, scope)? {
        workbook.push_worksheet(sheet);
    }
    if let Some(sheet) = trend::trend(scope)? {
        workbook.push_worksheet(sheet);
    }
    summary::define_names(&mut workbook, scope)?;
    workbook.set_properties(&properties(scope)?);
    workbook.set_zip_compression_level(DEFLATE_LEVEL);
    Ok(workbook.save_to_buffer()?)
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

/// Pages: landscape, one page wide, the brand and the statement above, the page number below.
fn set_up_print(sheet: &mut Worksheet, scope_title: &str, brand: &str, page_of: &str) {
    sheet
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.4, 0.4, 0.7, 0.6, 0.3, 0.3)
        .set_header(format!("&L{}&R{}", for_header(brand), for_header(scope_title)))
        .set_footer(format!("&R{page_of}"));
}

/// Half of what Excel allows for a header, in characters.
const LONGEST_HEADER_PART: usize = 100;

/// `&` begins a code in headers.
fn for_header(text: &str) -> String {
    text.chars().take(LONGEST_HEADER_PART).collect::<String>().replace('&', "&&")
}
