//! The workbooks: an account's and a room's.
//!
//! `list` writes rows of `cells` that may go on over sheets; `conferences` and `participants` are such lists for programs, with
//! headings in the mini-guide's words whatever the language; `summary`, `codes` and `trend` are for people.

pub(super) mod cells;
mod changes;
mod codes;
mod conferences;
pub(super) mod list;
mod participants;
pub(super) mod styles;
mod summary;
mod trend;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet};

use super::brand::BrandView;
use super::view::Reader;
use super::{Callers, RenderError};
use crate::content::Content;
use crate::domain::{Participant, RoomTotal};
use conferences::conferences;
use list::Print;
use participants::Participants;
use styles::Styles;

/// A third less processor time for the whole workbook than the usual 6, and two fifths more bytes; of all that is archived
/// and mailed, a tenth (`benches/README.md`).
const FAST: u8 = 1;
/// Of large workbooks, which are few and hard to mail: a quarter fewer bytes than with [`FAST`].
const SMALL: u8 = 3;

/// The workbook of an account, or of a room, which then holds nothing of other rooms. Participants arrive in parts, so
/// that they never have to be in memory at once.
pub(super) struct StatementWorkbook<'a> {
    reader: Reader<'a>,
    brand: &'a BrandView,
    /// None: the account's.
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
        Ok(Self { reader, brand, room, workbook: Workbook::new(), participants, styles })
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
fn write(mut workbook: Workbook, scope: &Scope<'_>, participants: Vec<Worksheet>) -> Result<Content, RenderError> {
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
    let legs = scope.room.map_or(&scope.reader.statement.totals, |room| &room.totals).participants;
    workbook.set_zip_compression_level(if list::is_long(legs) { SMALL } else { FAST });
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
