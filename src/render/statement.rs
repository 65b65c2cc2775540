//! One statement's files: rooms first, as their participants come, then the account's own.

use std::collections::BTreeMap;

use tera::Value;

use super::charged::Charged;
use super::html::{account_detail, room_detail};
use super::json::account_json;
use super::view::{Detail, Reader};
use super::workbook::StatementWorkbook;
use super::{RenderError, Renderer};
use crate::content::Content;
use crate::domain::{FileName, Format, Formats, Participant, RoomNumber, RoomTotal, Statement};

/// A finished file of a statement.
#[derive(Debug)]
pub struct RenderedFile {
    pub name: FileName,
    pub content: Content,
}

/// Legs of one room, in the order of its lines: all of them, or a part.
#[derive(Debug)]
pub struct RoomLegs {
    pub room: RoomNumber,
    pub participants: Vec<Participant>,
    /// Whether no part follows.
    pub is_complete: bool,
}

/// Renders one statement; rooms come in order of their numbers.
pub struct StatementRender<'a> {
    renderer: &'a Renderer,
    statement: &'a Statement,
    formats: Formats,
    empty_rooms: bool,
    /// The account's, if wanted.
    workbook: Option<StatementWorkbook<'a>>,
    room: Option<RoomRender<'a>>,
    /// What the account's page shows of each room.
    detail: Option<Detail>,
    groups: BTreeMap<RoomNumber, Value>,
    /// Legs that came so far.
    participants: u64,
}

/// The room whose legs are coming.
struct RoomRender<'a> {
    total: &'a RoomTotal,
    workbook: Option<StatementWorkbook<'a>>,
    charged: Charged<'a>,
    /// Those that came, if a page lists them.
    listed: Option<Vec<Participant>>,
}

impl Renderer {
    /// Starts a statement. With `empty_rooms`, rooms without usage get files too.
    pub fn statement<'a>(
        &'a self,
        statement: &'a Statement,
        formats: Formats,
        empty_rooms: bool,
    ) -> Result<StatementRender<'a>, RenderError> {
        let workbook = formats.xlsx.then(|| self.workbook(statement, None)).transpose()?;
        Ok(StatementRender {
            renderer: self,
            statement,
            formats,
            empty_rooms,
            workbook,
            room: None,
            detail: account_detail(statement),
            groups: BTreeMap::new(),
            participants: 0,
        })
    }

    pub(super) fn reader<'a>(&'a self, statement: &'a Statement) -> Result<Reader<'a>, RenderError> {
        Reader::new(statement, self.catalogues.language(statement.account.locale.as_str())?, self.headings)
    }

    fn workbook<'a>(
        &'a self,
        statement: &'a Statement,
        room: Option<&'a RoomTotal>,
    ) -> Result<StatementWorkbook<'a>, RenderError> {
        StatementWorkbook::new(self.reader(statement)?, &self.brand, self.callers, room)
    }
}

impl<'a> StatementRender<'a> {
    /// Takes legs of a room; returns the room's own files once it is complete. Of the legs, only what pages list is
    /// kept.
    pub fn room(&mut self, legs: RoomLegs) -> Result<Vec<RenderedFile>, RenderError> {
        let mut room = match self.room.take() {
            Some(room) => room,
            None => self.begin_room(&legs.room)?,
        };
        for leg in &legs.participants {
            room.charged.add(leg)?;
        }
        for workbook in self.workbook.iter_mut().chain(&mut room.workbook) {
            workbook.add(&legs.participants)?;
        }
        self.participants += legs.participants.len() as u64;
        if let Some(listed) = &mut room.listed {
            listed.extend(legs.participants);
        }
        if legs.is_complete {
            return self.end_room(room);
        }
        self.room = Some(room);
        Ok(Vec::new())
    }

    /// Hands on the files of rooms without usage, if wanted, and the account's own, `account.json` last: one by one,
    /// since each can be large. Stops when `take` says false.
    pub fn finish(mut self, take: &mut impl FnMut(RenderedFile) -> bool) -> Result<(), RenderError> {
        if self.participants != self.statement.totals.participants {
            let what = format!("{} of {} legs came", self.participants, self.statement.totals.participants);
            return Err(RenderError::DetailDiffers { room: "(all)".into(), what });
        }
        if self.empty_rooms {
            for room in self.statement.rooms.iter().filter(|room| !room.is_active()) {
                let room = self.begin_room(&room.number)?;
                if !self.end_room(room)?.into_iter().all(&mut *take) {
                    return Ok(());
                }
            }
        }
        if let Some(workbook) = self.workbook.take()
            && !take(file(FileName::Account(Format::Xlsx), workbook.finish()?))
        {
            return Ok(());
        }
        if self.formats.html {
            let groups: Vec<_> = std::mem::take(&mut self.groups).into_values().collect();
            let reader = self.page_reader()?;
            let page = self.renderer.account_page(&reader, self.detail, groups)?;
            if !take(file(FileName::Account(Format::Html), page.into())) {
                return Ok(());
            }
        }
        take(file(FileName::AccountJson, Content::written(|out| account_json(self.statement, out))?));
        Ok(())
    }

    fn page_reader(&self) -> Result<Reader<'a>, RenderError> {
        Ok(Reader { has_workbook: self.formats.xlsx, ..self.renderer.reader(self.statement)? })
    }

    fn begin_room(&self, number: &RoomNumber) -> Result<RoomRender<'a>, RenderError> {
        let statement = self.statement;
        let total = statement.rooms.iter().find(|total| total.number == *number).ok_or_else(|| {
            RenderError::DetailDiffers { room: number.to_string(), what: "the statement has no such room".into() }
        })?;
        let workbook = self.formats.xlsx.then(|| self.renderer.workbook(statement, Some(total))).transpose()?;
        let is_listed =
            self.formats.html && [room_detail(statement, total), self.detail].contains(&Some(Detail::Participants));
        Ok(RoomRender {
            total,
            workbook,
            charged: Charged::of(statement, &total.number),
            listed: is_listed.then(Vec::new),
        })
    }

    /// The room's files; what the account's page shows of it is kept.
    fn end_room(&mut self, room: RoomRender<'a>) -> Result<Vec<RenderedFile>, RenderError> {
        let RoomRender { total, workbook, charged, listed } = room;
        charged.finish()?;
        let mut files = Vec::with_capacity(2);
        if let Some(workbook) = workbook {
            files.push(file(FileName::Room(total.number.clone(), Format::Xlsx), workbook.finish()?));
        }
        if self.formats.html {
            let page = self.room_page(total, &listed.unwrap_or_default())?;
            files.push(file(FileName::Room(total.number.clone(), Format::Html), page.into()));
        }
        Ok(files)
    }

    fn room_page(&mut self, room: &RoomTotal, participants: &[Participant]) -> Result<Vec<u8>, RenderError> {
        let renderer = self.renderer;
        let reader = self.page_reader()?;
        let detail = room_detail(self.statement, room);
        let group = renderer.group(&reader, room, participants, detail)?;
        let of_account = match self.detail {
            None => None,
            same if same == detail => Some(group.clone()),
            other => Some(renderer.group(&reader, room, participants, other)?),
        };
        if let Some(group) = of_account.filter(|_| room.is_active()) {
            self.groups.insert(room.number.clone(), group);
        }
        renderer.room_page(&reader, room, detail, group)
    }
}

fn file(name: FileName, content: Content) -> RenderedFile {
    RenderedFile { name, content }
}
