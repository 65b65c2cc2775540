//! The pages: an account's statement and a room's.

use tera::{Context, Value};

use super::view::{Detail, Reader};
use super::{RenderError, Renderer, context};
use crate::domain::{Callers, Participant, RoomTotal, Statement};

/// How many legs an account's page lists; with more, it shows the conferences alone, and the workbook
/// holds the participants.
pub(super) const ACCOUNT_PAGE_LEGS: u64 = 5_000;
/// How many lines an account's page lists; with more, the page has the rooms only.
pub(super) const ACCOUNT_PAGE_LINES: usize = 25_000;
/// How many legs a room's page lists.
const ROOM_PAGE_LEGS: u64 = 20_000;
/// How many lines a room's page lists.
const ROOM_PAGE_LINES: usize = 25_000;

/// How many lines a browser lays out at once without a delay; with more, it lays out those that are in view.
const LINES_AT_ONCE: usize = 300;

/// What the account's page shows of each room, decided before the first room comes; `None` if only the totals are
/// shown.
pub(super) fn account_detail(statement: &Statement) -> Option<Detail> {
    if statement.lines.len() > ACCOUNT_PAGE_LINES {
        None
    } else if statement.totals.participants > ACCOUNT_PAGE_LEGS {
        Some(Detail::Conferences)
    } else {
        Some(Detail::Participants)
    }
}

/// What a room's own page shows of it; `None` if only the totals are shown.
pub(super) fn room_detail(statement: &Statement, room: &RoomTotal) -> Option<Detail> {
    if statement.lines_of(&room.number).len() > ROOM_PAGE_LINES {
        None
    } else if room.totals.participants > ROOM_PAGE_LEGS {
        Some(Detail::Conferences)
    } else {
        Some(Detail::Participants)
    }
}

impl Renderer {
    pub(super) fn account_page(
        &self,
        reader: &Reader<'_>,
        detail: Option<Detail>,
        groups: Vec<Value>,
    ) -> Result<Vec<u8>, RenderError> {
        let elsewhere = match detail {
            Some(Detail::Participants) => None,
            Some(Detail::Conferences) => Some(reader.either("participants-in-workbook", "participants-on-request")),
            None => Some(reader.either("conferences-in-workbook", "conferences-on-request")),
        };
        let mut context = self.page_context(reader, None)?;
        context.insert("details", &!groups.is_empty());
        context.insert_value("groups", groups.into());
        context.insert("elsewhere", &elsewhere.map(|word| reader.catalogue.word(word)).transpose()?);
        self.templates.render("account.html", &context)
    }

    /// `group` is the room's lines, as [`Self::group`] makes them of `detail`.
    pub(super) fn room_page(
        &self,
        reader: &Reader<'_>,
        room: &RoomTotal,
        detail: Option<Detail>,
        group: Value,
    ) -> Result<Vec<u8>, RenderError> {
        let elsewhere = match detail {
            Some(Detail::Participants) => None,
            Some(Detail::Conferences) => Some(reader.either("participants-in-workbook", "participants-on-request")),
            None => Some(reader.either("conferences-in-workbook", "conferences-on-request")),
        };
        let mut context = self.page_context(reader, Some(room))?;
        context.insert_value("group", group);
        context.insert("elsewhere", &elsewhere.map(|word| reader.catalogue.word(word)).transpose()?);
        self.templates.render("room.html", &context)
    }

    /// A room's lines as templates see them: made once for all pages that show as much of it.
    pub(super) fn group(
        &self,
        reader: &Reader<'_>,
        room: &RoomTotal,
        participants: &[Participant],
        detail: Option<Detail>,
    ) -> Result<Value, RenderError> {
        Ok(Value::from_serializable(&reader.room_group(room, participants, self.callers, detail)?))
    }

    fn page_context(&self, reader: &Reader<'_>, room: Option<&RoomTotal>) -> Result<Context, RenderError> {
        let view = reader.view(room)?;
        let mut context = context::of_statement(reader.catalogue_in_locale(), &self.brand, &self.brand_value, &view)?;
        let lines = room.map_or(reader.statement.lines.as_slice(), |room| reader.statement.lines_of(&room.number));
        context.insert("lazy", &(lines.len() > LINES_AT_ONCE));
        context.insert("callers", &(self.callers != Callers::None));
        Ok(context)
    }
}
