//! One statement's files: rooms first, as their participants come, then the account's own.

use std::collections::BTreeMap;

use tera::Value;

use super::html::{account_detail, room_detail};
use super::json::account_json;
use super::view::{Detail, Reader};
use super::workbook::{AccountWorkbook, room_workbook};
use super::{Formats, RenderError, Renderer};
use crate::domain::{Line, Participant, RoomNumber, RoomTotal, Statement};

/// A finished file of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFile {
    /// None: the account's.
    pub room: Option<RoomNumber>,
    /// `xlsx`, `html` or `json`.
    pub extension: &'static str,
    pub bytes: Vec<u8>,
}

/// One statement on its way out; rooms come in order of their numbers, each with its participants.
pub struct StatementRender<'a> {
    renderer: &'a Renderer,
    statement: &'a Statement,
    formats: Formats,
    empty_rooms: bool,
    /// The account's, if wanted.
    workbook: Option<AccountWorkbook>,
    /// What the account's page shows of each room.
    detail: Option<Detail>,
    groups: BTreeMap<RoomNumber, Value>,
    /// Legs that came so far.
    participants: u64,
}

impl Renderer {
    /// Starts a statement. `empty_rooms`: rooms without usage get files too.
    pub fn statement<'a>(
        &'a self,
        statement: &'a Statement,
        formats: Formats,
        empty_rooms: bool,
    ) -> Result<StatementRender<'a>, RenderError> {
        let reader = self.reader(statement)?;
        let workbook = formats.xlsx.then(|| AccountWorkbook::new(&reader, &self.brand, self.callers)).transpose()?;
        Ok(StatementRender {
            renderer: self,
            statement,
            formats,
            empty_rooms,
            workbook,
            detail: account_detail(statement),
            groups: BTreeMap::new(),
            participants: 0,
        })
    }

    pub(super) fn reader<'a>(&'a self, statement: &'a Statement) -> Result<Reader<'a>, RenderError> {
        Reader::new(statement, self.words.language(statement.account.locale.language())?)
    }
}

impl StatementRender<'_> {
    /// A room's own files; its participants are also kept for the account's, as far as those list them.
    pub fn room(
        &mut self,
        room: &RoomNumber,
        participants: &[Participant],
    ) -> Result<Vec<RenderedFile>, RenderError> {
        let total = self.statement.rooms.iter().find(|total| total.number == *room).ok_or_else(|| {
            RenderError::DetailDiffers { room: room.to_string(), what: "the statement has no such room".into() }
        })?;
        check_detail(self.statement, room, participants)?;
        let reader = self.renderer.reader(self.statement)?;
        if let Some(workbook) = &mut self.workbook {
            workbook.add(&reader, participants)?;
        }
        self.participants += participants.len() as u64;
        let (files, group) = self.room_files(&reader, total, participants)?;
        if let Some(group) = group {
            self.groups.insert(room.clone(), group);
        }
        Ok(files)
    }

    /// Hands on the files of rooms without usage, if wanted, and the account's own, `account.json` last: one by one, since
    /// each can be large. Stops when `take` says false.
    pub fn finish(mut self, take: &mut impl FnMut(RenderedFile) -> bool) -> Result<(), RenderError> {
        if self.participants != self.statement.totals.participants {
            let what = format!("{} of {} legs came", self.participants, self.statement.totals.participants);
            return Err(RenderError::DetailDiffers { room: "(all)".into(), what });
        }
        let reader = self.renderer.reader(self.statement)?;
        if self.empty_rooms {
            for room in self.statement.rooms.iter().filter(|room| !room.is_active()) {
                if !self.room_files(&reader, room, &[])?.0.into_iter().all(&mut *take) {
                    return Ok(());
                }
            }
        }
        if let Some(workbook) = self.workbook.take()
            && !take(file(None, "xlsx", workbook.finish(&reader, &self.renderer.brand)?))
        {
            return Ok(());
        }
        if self.formats.html {
            let groups: Vec<_> = std::mem::take(&mut self.groups).into_values().collect();
            if !take(file(None, "html", self.renderer.account_page(&reader, self.detail, groups)?)) {
                return Ok(());
            }
        }
        take(file(None, "json", account_json(self.statement)?));
        Ok(())
    }

    /// The room's files, and what the account's page shows of it.
    fn room_files(
        &self,
        reader: &Reader<'_>,
        room: &RoomTotal,
        participants: &[Participant],
    ) -> Result<(Vec<RenderedFile>, Option<Value>), RenderError> {
        let renderer = self.renderer;
        let mut files = Vec::with_capacity(2);
        if self.formats.xlsx {
            let workbook = room_workbook(reader, &renderer.brand, renderer.callers, room, participants)?;
            files.push(file(Some(room), "xlsx", workbook));
        }
        if !self.formats.html {
            return Ok((files, None));
        }
        let detail = room_detail(self.statement, room);
        let group = renderer.group(reader, room, participants, detail)?;
        let of_account = match self.detail {
            None => None,
            same if same == detail => Some(group.clone()),
            other => Some(renderer.group(reader, room, participants, other)?),
        };
        files.push(file(Some(room), "html", renderer.room_page(reader, room, detail, group)?));
        Ok((files, of_account))
    }
}

fn file(room: Option<&RoomTotal>, extension: &'static str, bytes: Vec<u8>) -> RenderedFile {
    RenderedFile { room: room.map(|room| room.number.clone()), extension, bytes }
}

/// Every line must list exactly the legs it charges: what is printed adds up, or is not printed.
fn check_detail(statement: &Statement, room: &RoomNumber, participants: &[Participant]) -> Result<(), RenderError> {
    let differs = |what: String| Err(RenderError::DetailDiffers { room: room.to_string(), what });
    let mut rest = participants;
    for line in statement.lines_of(room) {
        let belongs = |leg: &&Participant| {
            leg.room == line.room && leg.conference_id == line.conference_id && leg.service_type == line.service_type
        };
        let count = rest.iter().take_while(belongs).count();
        let (legs, behind) = rest.split_at(count);
        rest = behind;
        let seconds: u64 = legs.iter().map(|leg| (leg.left_at - leg.joined_at).num_seconds().unsigned_abs()).sum();
        if count as u64 != line.quantity || seconds != line.accumulated_seconds {
            let Line { conference_id, service_type, quantity, accumulated_seconds, .. } = line;
            return differs(format!(
                "conference {conference_id}, {service_type}: {quantity} legs of {accumulated_seconds} s were charged, \
                 {count} of {seconds} s are at hand"
            ));
        }
    }
    match rest.first() {
        None => Ok(()),
        Some(leg) => {
            differs(format!("a leg of conference {} belongs to no line, or out of order", leg.conference_id))
        }
    }
}
