//! The words of the mail that brings a statement: subject, text part, HTML part.

use chrono::{DateTime, Utc};
use tera::Context;

use super::view::{Reader, StatementView};
use super::{RenderError, Renderer, context};
use crate::domain::{Format, Name, RoomNumber, RoomTotal, Statement};
use crate::shortened::shortened;

/// The texts of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailBody {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// How a message delivers its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attached {
    Files,
    /// Too large to attach: a link that works until a day.
    Link {
        url: String,
        expires: DateTime<Utc>,
    },
    /// Too large, and the archive has no links: the customer has to ask support.
    OnRequest,
}

/// Rooms that a mail lists; the statement has them all.
const LISTED_ROOMS: usize = 20;
/// A name in a greeting or subject; the statement shows it whole.
const LONGEST_NAME: usize = 80;

impl Renderer {
    /// The message that brings a statement (where `room` is `None`, the account's) to `recipient`.
    ///
    /// A room's message says nothing of other rooms.
    pub fn mail(
        &self,
        statement: &Statement,
        room: Option<&RoomNumber>,
        recipient: Option<&Name>,
        attached: &Attached,
    ) -> Result<MailBody, RenderError> {
        let reader = self.reader(statement)?;
        let room = room.map(|number| find_room(statement, number)).transpose()?;
        let mut view = reader.view(room)?;
        let more_rooms = shorten(&mut view.rooms, &reader)?;
        let subject = reader.subject(&view)?;
        let mut context = context::of_statement(reader.catalogue_in_locale(), &self.brand, &self.brand_value, &view)?;
        context.insert("subject", &subject);
        context.insert("more_rooms", &more_rooms);
        let online = self.online(statement, room);
        let online_text = online.as_ref().map(|url| reader.labelled("portal-mail-online", url)).transpose()?;
        context.insert("online", &online);
        context.insert("online_text", &online_text);
        reader.insert_sentences(&mut context, &view, recipient, attached)?;
        let html = self.templates.render("mail.html", &context)?;
        let text = self.templates.render("mail.txt", &context)?;
        Ok(MailBody { subject, text: as_text(text)?, html: as_text(html)? })
    }

    /// Where the month can be seen online.
    fn online(&self, statement: &Statement, room: Option<&RoomTotal>) -> Option<String> {
        let account = format!("{}/a/{}", self.portal_url.as_ref()?, statement.account.number);
        let room = room.map(|room| format!("/rooms/{}", room.number)).unwrap_or_default();
        Some(format!("{account}{room}?period={}", statement.period.id))
    }

    /// What an attached file is called, in ASCII, for example `602127-2009-05.xlsx`.
    pub fn attachment_name(statement: &Statement, room: Option<&RoomNumber>, format: Format) -> String {
        let number = room.map_or(statement.account.number.as_str(), |room| room.as_str());
        format!("{number}-{}.{format}", statement.period.id)
    }
}

impl Reader<'_> {
    fn subject(&self, view: &StatementView) -> Result<String, RenderError> {
        let mut arguments = vec![("period", view.period.name.as_str()), ("charge", view.totals.charge.as_str())];
        let name = match &view.room {
            None => {
                arguments.push(("account", &view.account_number));
                "mail-subject-account"
            }
            Some(room) => {
                arguments.push(("room", &room.shown));
                "mail-subject-room"
            }
        };
        let subject = self.catalogue.phrase(name, &arguments)?;
        if self.statement.revision == 1 {
            return Ok(subject);
        }
        self.catalogue.phrase("mail-subject-corrected", &[("subject", &subject)])
    }

    fn insert_sentences(
        &self,
        context: &mut Context,
        view: &StatementView,
        recipient: Option<&Name>,
        attached: &Attached,
    ) -> Result<(), RenderError> {
        let catalogue = self.catalogue;
        let greeting = match recipient {
            None => catalogue.word("mail-greeting-plain")?,
            Some(name) => catalogue.phrase("mail-greeting", &[("name", &shortened(name.as_str(), LONGEST_NAME))])?,
        };
        let period = view.period.name.as_str();
        let (intro, reason) = match &view.room {
            None => (
                catalogue.phrase(
                    "mail-intro-account",
                    &[("company", &shortened(&view.company, LONGEST_NAME)), ("period", period)],
                )?,
                catalogue.phrase("mail-reason-account", &[("account", &view.account_number)])?,
            ),
            Some(room) => (
                catalogue.phrase("mail-intro-room", &[("room", &room.shown), ("period", period)])?,
                catalogue.phrase("mail-reason-room", &[("room", &room.shown)])?,
            ),
        };
        let revision = self.statement.revision;
        let corrected = (revision > 1)
            .then(|| catalogue.phrase("mail-corrected", &[("number", &revision.to_string())]))
            .transpose()?;
        let period_title = capitalised(period);
        let preheader = catalogue.phrase(
            "mail-preheader",
            &[
                ("period", &period_title),
                ("charge", &view.totals.charge),
                ("time", &view.totals.time),
                ("conferences", &view.totals.conferences_text),
            ],
        )?;
        let (attached, link) = self.attachment(attached)?;
        for (key, word, figure) in [
            ("charge_figure", "total-charge", &view.totals.charge),
            ("time_figure", "accumulated-time", &view.totals.time),
        ] {
            context.insert(key, &self.labelled(word, figure)?);
        }
        context.insert("greeting", &greeting);
        context.insert("intro", &intro);
        context.insert("corrected", &corrected);
        context.insert("preheader", &preheader);
        context.insert("period_title", &period_title);
        context.insert("attached", &attached);
        context.insert("link", &link);
        context.insert("reason", &reason);
        Ok(())
    }

    /// For example `Total charge: 132.07 €`.
    fn labelled(&self, word: &str, figure: &str) -> Result<String, RenderError> {
        self.catalogue.phrase("mail-figure", &[("name", &self.catalogue.word(word)?), ("figure", figure)])
    }

    /// How the files come, as a sentence, and the link if there is one.
    fn attachment<'b>(&self, attached: &'b Attached) -> Result<(String, Option<&'b str>), RenderError> {
        match attached {
            Attached::Files => Ok((self.catalogue.word("mail-attached")?, None)),
            Attached::OnRequest => Ok((self.catalogue.word("mail-on-request")?, None)),
            Attached::Link { url, expires } => {
                let local = expires.with_timezone(&self.statement.account.time_zone);
                let day = self.format.long_date(local.date_naive());
                Ok((self.catalogue.phrase("mail-linked", &[("expires", &day)])?, Some(url)))
            }
        }
    }
}

fn find_room<'a>(statement: &'a Statement, number: &RoomNumber) -> Result<&'a RoomTotal, RenderError> {
    statement.rooms.iter().find(|room| room.number == *number).ok_or_else(|| RenderError::DetailDiffers {
        room: number.to_string(),
        what: "the statement has no such room".into(),
    })
}

/// Keeps as many rooms as a mail lists; returns how many more there are, as text.
fn shorten(rooms: &mut Vec<super::view::RoomRow>, reader: &Reader<'_>) -> Result<Option<String>, RenderError> {
    let more = rooms.len().saturating_sub(LISTED_ROOMS) as u64;
    rooms.truncate(LISTED_ROOMS);
    let phrase = |rooms: String| reader.catalogue.phrase("mail-more-rooms", &[("rooms", &rooms)]);
    (more > 0).then(|| reader.counted("count-rooms", more).and_then(phrase)).transpose()
}

/// With a capital for the beginning of a line: many languages write months in lower case.
fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

fn as_text(bytes: Vec<u8>) -> Result<String, RenderError> {
    String::from_utf8(bytes).map_err(|error| RenderError::Template(format!("a mail is not UTF-8: {error}")))
}
