//! The account summary, a room's conferences, a conference's participants: as pages, and as files to download.
//!
//! Whatever a list shows comes from one [`crate::jobs::Month`]; page and download are made of it in the same way,
//! beside the requests.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde::Deserialize;

use super::code_offer;
use super::list_cache::{ListCache, ListName};
use super::respond::{self, Packing, Refusal};
use super::routes::Form;
use super::statements::WORKBOOK;
use super::visit::{Answer, Visit};
use crate::content::Content;
use crate::domain::{ConferenceId, Period, RoomNumber};
use crate::jobs::{ConferenceDetail, Month, MonthFigures, conference_detail, shown_periods, visible_rooms};
use crate::render::{
    Arrangement, CodesOffer, ConferenceFigures, Frame, ListPage, ListQuery, Message, MonthShown, PeriodChoice,
    RenderError, Renderer, Standing,
};
use crate::store::CodeSetKey;

/// Longest text that is searched for, in characters.
const LONGEST_SEARCH: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Query {
    period: Option<String>,
    show: Option<String>,
    q: Option<String>,
    sort: Option<String>,
    page: Option<String>,
    code: Option<String>,
    select: Option<String>,
    /// The change of codes that led here.
    changed: Option<String>,
    /// The change that it was to take back.
    undone: Option<String>,
}

/// Which list.
enum What {
    Account,
    Room(RoomNumber),
    Conference(Box<ConferenceDetail>),
}

/// Everything that a list is made from; owned, so that it can be made on another thread.
struct ListInput {
    renderer: Arc<Renderer>,
    month: Month,
    rooms: Option<Vec<RoomNumber>>,
    what: What,
    query: ListQuery,
    frame: Frame,
    account_path: String,
    periods: Vec<PeriodChoice>,
    codes: CodesOffer,
    kept: ListCache,
}

pub(super) async fn account(visit: &Visit, form: Form) -> Answer {
    let (query, month, rooms, periods) = month(visit, None).await?;
    answer(visit, form, input(visit, (query, month, rooms, periods), What::Account)).await
}

pub(super) async fn room(visit: &Visit, form: Form) -> Answer {
    let room = visit.room()?.clone();
    let (query, month, rooms, periods) = month(visit, Some(&room)).await?;
    answer(visit, form, input(visit, (query, month, rooms, periods), What::Room(room))).await
}

pub(super) async fn conference(visit: &Visit, form: Form) -> Answer {
    let room = visit.room()?;
    let id: ConferenceId = visit.parameters.get("conference").parse().map_err(|_| Refusal::NotFound)?;
    let (query, month, rooms, _) = month(visit, Some(room)).await?;
    let detail = conference_detail(&visit.context, visit.access()?, &month, (room, &id)).await?;
    let what = What::Conference(Box::new(detail.ok_or(Refusal::NotFound)?));
    answer(visit, form, input(visit, (query, month, rooms, Vec::new()), what)).await
}

type Chosen = (ListQuery, Month, Option<Vec<RoomNumber>>, Vec<PeriodChoice>);

fn input(visit: &Visit, (query, month, rooms, periods): Chosen, what: What) -> ListInput {
    let renderer = Arc::clone(&visit.context.renderer);
    let codes = CodesOffer::default();
    let (frame, kept) = (visit.frame.clone(), visit.shared.lists.clone());
    let account_path = frame.account_path(&month.statement.account.number);
    ListInput { renderer, month, rooms, what, query, frame, account_path, periods, codes, kept }
}

/// The conferences of a room's list, all pages of it, as forms name them; with the newest change that it shows.
pub(super) async fn listed_conferences(
    visit: &Visit,
    room: &RoomNumber,
) -> Result<(Vec<(RoomNumber, ConferenceId)>, Option<CodeSetKey>), Refusal> {
    let (query, month, rooms, periods) = month(visit, Some(room)).await?;
    let seen = month.seen;
    let input = input(visit, (query, month, rooms, periods), What::Room(room.clone()));
    let listed = tokio::task::spawn_blocking(move || {
        let list = input.list()?;
        Ok::<_, RenderError>(list.map(|list| list.conferences()))
    });
    let listed = listed.await.map_err(|error| Refusal::Broken(error.to_string()))??;
    Ok((listed.ok_or(Refusal::NotFound)?, seen))
}

/// The month that was asked for, of those that are shown, and what of it may be seen.
async fn month(visit: &Visit, room: Option<&RoomNumber>) -> Result<Chosen, Refusal> {
    let query: Query = visit.query();
    let (context, access) = (&visit.context, visit.access()?);
    let periods = shown_periods(context, access);
    let wanted = match query.period.as_deref().filter(|period| !period.is_empty()) {
        Some(period) => period.parse::<Period>().map_err(|_| Refusal::NotFound)?,
        None => *periods.first().ok_or(Refusal::NotFound)?,
    };
    let mut choices = Vec::with_capacity(periods.len());
    let mut visible = None;
    for period in periods {
        let rooms = visible_rooms(context, access, period).await?;
        let is_visible = room.is_none_or(|room| rooms.as_ref().is_none_or(|rooms| rooms.contains(room)));
        if is_visible {
            choices.push(PeriodChoice { period, is_shown: period == wanted });
        }
        if is_visible && period == wanted {
            visible = Some(rooms);
        }
    }
    let rooms = visible.ok_or(Refusal::NotFound)?;
    let month = visit.shared.months.get(context, access, wanted, room).await?;
    let text = |text: Option<String>| text.unwrap_or_default().chars().take(LONGEST_SEARCH).collect::<String>();
    let list = ListQuery {
        all_rooms: query.show.as_deref() == Some("all"),
        search: text(query.q),
        sort: query.sort.map(|sort| text(Some(sort))).filter(|sort| !sort.is_empty()),
        page: query.page.and_then(|page| page.parse().ok()).unwrap_or(1),
        code: query.code.map(|code| text(Some(code))).filter(|code| !code.is_empty()),
        ticked: query.select.as_deref() == Some("page"),
    };
    Ok((list, month, rooms, choices))
}

async fn answer(visit: &Visit, form: Form, mut input: ListInput) -> Answer {
    if form == Form::Page {
        let query: Query = visit.query();
        let history = match &input.what {
            What::Conference(detail) => detail.history.as_slice(),
            _ => &[],
        };
        input.codes =
            code_offer::offer(visit, input.month.seen, (query.changed.as_deref(), query.undone.as_deref()), history)
                .await?;
    }
    if form != Form::Page && input.month.figures == MonthFigures::Checked {
        // There are no figures to be saved: the page says why.
        let page = visit.path.rsplit_once('.').map_or(visit.path.as_str(), |(page, _)| page);
        return Ok(respond::see_other(&format!("{page}?period={}", input.month.statement.period.id)));
    }
    let _permit = match form {
        Form::Page => None,
        _ => Some(
            visit
                .shared
                .downloads
                .try_acquire()
                .map_err(|_| Refusal::Said(StatusCode::SERVICE_UNAVAILABLE, Message::Unavailable))?,
        ),
    };
    let packing = respond::packing(&visit.headers);
    let made = tokio::task::spawn_blocking(move || {
        let Some((content, name)) = input.made(form)? else { return Ok(None) };
        respond_with(form, content, &name, packing).map(Some).map_err(|error| Refusal::Broken(error.to_string()))
    });
    made.await.map_err(|error| Refusal::Broken(error.to_string()))??.ok_or(Refusal::NotFound)
}

fn respond_with(form: Form, content: Content, stem: &str, packing: Packing) -> std::io::Result<Response<Body>> {
    match form {
        Form::Page => respond::list_page(content.into_bytes()?, packing),
        Form::Workbook => respond::file(WORKBOOK, &format!("{stem}.xlsx"), content),
        Form::Csv => respond::file("text/csv; charset=utf-8", &format!("{stem}.csv"), content),
    }
}

impl ListInput {
    /// With what a file is called, without its ending; `None` if the month shows no such thing.
    fn made(&self, form: Form) -> Result<Option<(Content, String)>, RenderError> {
        let Some(list) = self.list()? else { return Ok(None) };
        let content = match form {
            Form::Page => Content::from(list.html(&self.frame, &self.periods)?),
            Form::Workbook => list.workbook()?,
            Form::Csv => list.csv()?,
        };
        Ok(Some((content, list.file_stem().to_owned())))
    }

    fn list(&self) -> Result<Option<ListPage<'_>>, RenderError> {
        let month = MonthShown {
            statement: &self.month.statement,
            account_path: &self.account_path,
            standing: match self.month.figures {
                MonthFigures::Closed(Some(_)) => Standing::Statement,
                MonthFigures::Closed(None) => Standing::Empty,
                MonthFigures::Open { as_of, is_behind } => Standing::NotInvoiced { as_of, is_behind },
                MonthFigures::Checked => Standing::Checked,
            },
            rooms: self.rooms.as_deref(),
            codes: &self.month.codes,
            shares: &self.month.shares,
        };
        let list = match &self.what {
            What::Account => {
                self.arranged(None, |kept| self.renderer.account_list(month, &self.query, kept).map(Some))?
            }
            What::Room(room) => {
                self.arranged(Some(room), |kept| self.renderer.room_list(month, room, &self.query, kept))?
            }
            What::Conference(detail) => {
                let figures = ConferenceFigures { lines: &detail.lines, participants: &detail.participants };
                self.renderer.conference_list(month, figures, &self.query)?
            }
        };
        Ok(list.map(|list| list.with_codes(self.codes.clone())))
    }

    /// A list, arranged as it was for its other pages.
    fn arranged<'a>(
        &'a self,
        room: Option<&RoomNumber>,
        list: impl FnOnce(Option<Arc<Arrangement>>) -> Result<Option<ListPage<'a>>, RenderError>,
    ) -> Result<Option<ListPage<'a>>, RenderError> {
        let name = ListName::new(&self.month, &self.renderer, (room, self.rooms.as_deref()), &self.query);
        let kept = self.kept.get(&name);
        let is_known = kept.is_some();
        let list = list(kept)?;
        if let Some(list) = list.as_ref().filter(|_| !is_known) {
            self.kept.keep(name, list.arrangement());
        }
        Ok(list)
    }
}
