//! The pages that are no lists of a month: signing in, passwords, where to go, kept statements, oneself, messages.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::frame::{Crumb, Frame};
use crate::domain::{AccountNumber, Amount, Currency, LocaleTag, Name, Period, RoomNumber};
use crate::render::catalogues::Catalogue;
use crate::render::locale::Formatters;
use crate::render::{RenderError, Renderer};

/// A form, with what was typed and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormPage {
    SignIn {
        number: String,
        email: String,
        next: String,
    },
    Forgotten {
        number: String,
        email: String,
    },
    /// The second factor.
    Code,
    /// The path that the link has; the shortest password allowed.
    Password {
        path: String,
        shortest: usize,
    },
}

/// A message on a page, by its id in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    WrongSignIn,
    CodeWrong,
    TooOften,
    Busy,
    SignedOut,
    LinkSent,
    LinkUsed,
    PasswordWrong,
    PasswordShort,
    PasswordLong,
    PasswordWeak,
    PasswordSet,
    SessionsEnded,
    NotFound,
    NotAllowed,
    TooLarge,
    Foreign,
    Broken,
    Unavailable,
}

/// An account or a room that the person may go to.
#[derive(Debug, Clone)]
pub struct HomeView {
    pub account: AccountNumber,
    pub company: Name,
    pub room: Option<(RoomNumber, Name)>,
}

/// A kept revision with its files.
#[derive(Debug, Clone)]
pub struct RevisionView {
    pub period: Period,
    pub revision: u32,
    pub is_current: bool,
    pub charge: Option<(Amount, Currency)>,
    pub files: Vec<String>,
    /// Whether its owner may ask for a revised one.
    pub can_be_revised: bool,
}

/// Oneself.
#[derive(Debug, Clone)]
pub struct MeView {
    pub sessions: Vec<SessionView>,
    pub shortest: usize,
}

#[derive(Debug, Clone)]
pub struct SessionView {
    /// Identifies it in the form that ends it.
    pub id: String,
    pub browser: String,
    pub started_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    pub is_this: bool,
}

#[derive(Debug, Serialize)]
struct PlaceView {
    link: String,
    number: String,
    name: String,
    account: Option<String>,
}

#[derive(Debug, Serialize)]
struct SessionShown {
    id: String,
    browser: String,
    times: String,
    is_this: bool,
}

#[derive(Debug, Serialize)]
struct RevisionShown {
    month: String,
    revision: String,
    is_current: bool,
    charge: Option<String>,
    files: Vec<(String, String)>,
    /// Where a revised one is asked for.
    revise: Option<String>,
}

impl Renderer {
    pub fn form_page(&self, frame: &Frame, page: &FormPage, error: Option<Message>) -> Result<Vec<u8>, RenderError> {
        let catalogue = self.frame_catalogue(frame)?;
        let (form, title) = match page {
            FormPage::SignIn { .. } => ("sign_in", "portal-sign-in"),
            FormPage::Forgotten { .. } => ("forgotten", "portal-forgotten-title"),
            FormPage::Code => ("code", "portal-second-factor"),
            FormPage::Password { .. } => ("password", "portal-new-password"),
        };
        let mut context = self.frame_context(frame, catalogue, &catalogue.word(title)?, &[])?;
        context.insert("form", form);
        context.insert("error", &error.map(|error| error.text(catalogue)).transpose()?);
        let (number, email, next, path, shortest) = match page {
            FormPage::SignIn { number, email, next } => (number.as_str(), email.as_str(), next.as_str(), "", 0),
            FormPage::Forgotten { number, email } => (number.as_str(), email.as_str(), "", "", 0),
            FormPage::Code => ("", "", "", "", 0),
            FormPage::Password { path, shortest } => ("", "", "", path.as_str(), *shortest),
        };
        for (key, value) in [("number", number), ("email", email), ("next", next), ("path", path)] {
            context.insert(key, value);
        }
        context.insert("password_hint", &password_hint(catalogue, shortest)?);
        self.templates.render("portal/form.html", &context)
    }

    /// A page with one message, for example that there is no such page.
    pub fn message_page(&self, frame: &Frame, message: Message) -> Result<Vec<u8>, RenderError> {
        let catalogue = self.frame_catalogue(frame)?;
        let mut context = self.frame_context(frame, catalogue, &message.text(catalogue)?, &[])?;
        context.insert("message", &message.text(catalogue)?);
        context.insert("hint", &message.hint(catalogue)?);
        self.templates.render("portal/message.html", &context)
    }

    pub fn home_page(&self, frame: &Frame, places: &[HomeView]) -> Result<Vec<u8>, RenderError> {
        let catalogue = self.frame_catalogue(frame)?;
        let place = |place: &HomeView| match &place.room {
            None => PlaceView {
                link: format!("/a/{}", place.account),
                number: place.account.to_string(),
                name: place.company.to_string(),
                account: None,
            },
            Some((room, cardholder)) => PlaceView {
                link: format!("/a/{}/rooms/{room}", place.account),
                number: room.grouped(),
                name: cardholder.to_string(),
                account: Some(format!("{} · {}", place.account, place.company)),
            },
        };
        let mut context = self.frame_context(frame, catalogue, &catalogue.word("portal-your-accounts")?, &[])?;
        context.insert("places", &places.iter().map(place).collect::<Vec<_>>());
        self.templates.render("portal/home.html", &context)
    }

    pub fn me_page(
        &self,
        frame: &Frame,
        me: &MeView,
        said: (Option<Message>, Option<Message>),
    ) -> Result<Vec<u8>, RenderError> {
        let catalogue = self.frame_catalogue(frame)?;
        let format = formatters(catalogue)?;
        let instant = |at: DateTime<Utc>| format!("{} {} UTC", format.date(at.date_naive()), format.time(&at));
        let session = |session: &SessionView| {
            let times = [("started", instant(session.started_at)), ("seen", instant(session.seen_at))];
            let times: Vec<(&str, &str)> = times.iter().map(|(name, text)| (*name, text.as_str())).collect();
            Ok(SessionShown {
                id: session.id.clone(),
                browser: session.browser.clone(),
                times: catalogue.phrase("portal-session-times", &times)?,
                is_this: session.is_this,
            })
        };
        let sessions = me.sessions.iter().map(session).collect::<Result<Vec<_>, RenderError>>()?;
        let (notice, error) = said;
        let mut context = self.frame_context(frame, catalogue, &catalogue.word("portal-me")?, &[])?;
        context.insert("sessions", &sessions);
        context.insert("password_hint", &password_hint(catalogue, me.shortest)?);
        context.insert("notice", &notice.map(|notice| notice.text(catalogue)).transpose()?);
        context.insert("error", &error.map(|error| error.text(catalogue)).transpose()?);
        self.templates.render("portal/me.html", &context)
    }

    /// What the operator is called.
    pub fn brand_name(&self) -> &str {
        &self.brand.name
    }

    /// The statements of an account that are kept.
    pub fn statements_page(
        &self,
        frame: &Frame,
        (account, locale): (&AccountNumber, &LocaleTag),
        revisions: &[RevisionView],
    ) -> Result<Vec<u8>, RenderError> {
        let catalogue = self.frame_catalogue(frame)?;
        let path = frame.account_path(account);
        let mut shown = Vec::with_capacity(revisions.len());
        for revision in revisions {
            let currency = revision.charge.map_or_else(|| "EUR".parse().ok(), |(_, currency)| Some(currency));
            let Some(currency) = currency else { continue };
            let format = Formatters::of(locale, currency)?;
            let folder = format!("{path}/statements/{}/r{}", revision.period, revision.revision);
            shown.push(RevisionShown {
                month: format.month(revision.period),
                revision: catalogue.phrase("revision", &[("number", &revision.revision.to_string())])?,
                is_current: revision.is_current,
                charge: revision.charge.map(|(charge, _)| format.money(charge)),
                revise: revision.can_be_revised.then(|| format!("{path}/statements/{}/revise", revision.period)),
                files: revision.files.iter().map(|file| (file.clone(), format!("{folder}/{file}"))).collect(),
            });
        }
        let summary = Crumb { text: catalogue.word("portal-account-summary")?, link: path };
        let mut context = self.frame_context(frame, catalogue, &catalogue.word("portal-statements")?, &[summary])?;
        context.insert("revisions", &shown);
        context.insert("account", account.as_str());
        self.templates.render("portal/statements.html", &context)
    }
}

/// Dates as a page's language writes them, on pages that belong to no account.
fn formatters(catalogue: &Catalogue) -> Result<std::sync::Arc<Formatters>, RenderError> {
    let bad = |error: crate::domain::Invalid| RenderError::Template(error.to_string());
    Formatters::of(&catalogue.code().parse().map_err(bad)?, "EUR".parse().map_err(bad)?)
}

fn password_hint(catalogue: &Catalogue, shortest: usize) -> Result<String, RenderError> {
    catalogue.phrase("portal-password-hint", &[("shortest", &shortest.to_string())])
}

impl Message {
    pub(in crate::render) const ALL: [Self; 19] = [
        Self::WrongSignIn,
        Self::CodeWrong,
        Self::TooOften,
        Self::Busy,
        Self::SignedOut,
        Self::LinkSent,
        Self::LinkUsed,
        Self::PasswordWrong,
        Self::PasswordShort,
        Self::PasswordLong,
        Self::PasswordWeak,
        Self::PasswordSet,
        Self::SessionsEnded,
        Self::NotFound,
        Self::NotAllowed,
        Self::TooLarge,
        Self::Foreign,
        Self::Broken,
        Self::Unavailable,
    ];

    pub(in crate::render) fn text(self, catalogue: &Catalogue) -> Result<String, RenderError> {
        catalogue.word(match self {
            Self::WrongSignIn => "portal-wrong",
            Self::CodeWrong => "portal-code-wrong",
            Self::TooOften => "portal-too-often",
            Self::Busy => "portal-busy",
            Self::SignedOut => "portal-signed-out",
            Self::LinkSent => "portal-link-sent",
            Self::LinkUsed => "portal-link-used",
            Self::PasswordWrong => "portal-password-wrong",
            Self::PasswordShort => "portal-password-short",
            Self::PasswordLong => "portal-password-long",
            Self::PasswordWeak => "portal-password-weak",
            Self::PasswordSet => "portal-password-set",
            Self::SessionsEnded => "portal-sessions-ended",
            Self::NotFound => "portal-not-found",
            Self::NotAllowed => "portal-not-allowed",
            Self::TooLarge => "portal-too-large",
            Self::Foreign => "portal-foreign",
            Self::Broken => "portal-broken",
            Self::Unavailable => "portal-unavailable",
        })
    }

    pub(in crate::render) fn hint(self, catalogue: &Catalogue) -> Result<Option<String>, RenderError> {
        let hint = match self {
            Self::LinkSent => "portal-link-sent-hint",
            Self::NotFound => "portal-not-found-hint",
            Self::Broken | Self::Unavailable | Self::Busy => "portal-try-again",
            _ => return Ok(None),
        };
        catalogue.word(hint).map(Some)
    }
}
