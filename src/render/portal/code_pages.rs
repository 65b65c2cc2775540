//! Pages about billing codes: the account's list of them, why a change was not made, a revised statement.

use serde::Serialize;

use super::frame::{Crumb, Frame};
use crate::domain::{AccountCode, AccountNumber, BillingCode, CodePolicy, LocaleTag, Name, Period, Statement};
use crate::render::catalogues::Catalogue;
use crate::render::locale::Formatters;
use crate::render::{RenderError, Renderer};

/// Lines of a revision that are listed.
const MOST_LINES: usize = 200;

/// The codes of an account, as its owner sets them.
#[derive(Debug, Clone)]
pub struct CodeListPage {
    pub account: AccountNumber,
    pub company: Name,
    pub policy: CodePolicy,
    /// Those that can be given, in order.
    pub codes: Vec<AccountCode>,
    /// What the page shows, so that a change by someone else is noticed.
    pub seen: String,
    pub problem: Option<CodeProblem>,
    pub is_saved: bool,
}

/// Why codes were not changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeProblem {
    /// Others changed these conferences meanwhile.
    Overtaken(Vec<String>),
    /// Someone changed the list meanwhile.
    ListOvertaken,
    Busy,
    NotListed,
    /// The account knows this one.
    Almost(BillingCode),
    Locked,
    TooOld,
    OwnersOnly,
    TooMany,
    /// Nothing was ticked.
    NoneChosen,
    /// What was typed can be no code.
    BadCode(String),
}

/// A form that can be sent again.
#[derive(Debug, Clone)]
pub struct CodeAnswer {
    pub problem: CodeProblem,
    /// Where the form goes.
    pub action: String,
    /// Where the list is that it came from.
    pub back: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
    /// What was typed as the code.
    pub code: String,
}

/// What the page says about a revised statement.
#[derive(Debug, Clone)]
pub enum RevisionAnswer {
    /// What it would change.
    Offer(Box<Statement>),
    Asked,
    UnderWay,
    TooSoon,
    Nothing,
    Blocked,
    Busy,
}

#[derive(Debug, Serialize)]
struct ChangedLine {
    when: String,
    room: String,
    before: String,
    after: String,
    charge: Option<String>,
}

impl Renderer {
    pub fn code_list_page(&self, frame: &Frame, page: &CodeListPage) -> Result<Vec<u8>, RenderError> {
        let catalogue = self.frame_catalogue(frame)?;
        let path = frame.account_path(&page.account);
        let summary = Crumb { text: catalogue.word("portal-account-summary")?, link: path.clone() };
        let mut context = self.frame_context(frame, catalogue, &catalogue.word("portal-codes")?, &[summary])?;
        let codes: Vec<&str> = page.codes.iter().map(|code| code.code.as_str()).collect();
        context.insert("account_path", &path);
        context.insert("codes", &codes.join("\n"));
        context.insert("rows", &codes.len().clamp(6, 20));
        context.insert("is_listed", &page.policy.is_listed);
        context.insert("is_required", &page.policy.is_required);
        context.insert("cardholders_assign", &page.policy.cardholders_assign);
        context.insert("seen", &page.seen);
        context.insert("saved", &page.is_saved);
        context.insert("error", &page.problem.as_ref().map(|problem| problem.text(catalogue)).transpose()?);
        self.templates.render("portal/codes.html", &context)
    }

    /// Why a change was not made, with the form as it was sent.
    pub fn code_answer_page(&self, frame: &Frame, answer: &CodeAnswer) -> Result<Vec<u8>, RenderError> {
        let catalogue = self.frame_catalogue(frame)?;
        let mut context = self.frame_context(frame, catalogue, &catalogue.word("portal-code-not-changed")?, &[])?;
        context.insert("error", &answer.problem.text(catalogue)?);
        context.insert("action", &answer.action);
        context.insert("back", &answer.back);
        context.insert("fields", &answer.fields);
        context.insert("code", &answer.code);
        let (known, is_busy, conferences) = match &answer.problem {
            CodeProblem::Almost(known) => (Some(known.to_string()), false, [].as_slice()),
            CodeProblem::Overtaken(conferences) => (None, false, conferences.as_slice()),
            problem => (None, *problem == CodeProblem::Busy, [].as_slice()),
        };
        context.insert("known", &known);
        context.insert("is_busy", &is_busy);
        context.insert("conferences", conferences);
        self.templates.render("portal/code_answer.html", &context)
    }

    pub fn revision_page(
        &self,
        frame: &Frame,
        (account, locale, period): (&AccountNumber, &LocaleTag, Period),
        answer: &RevisionAnswer,
    ) -> Result<Vec<u8>, RenderError> {
        let catalogue = self.frame_catalogue(frame)?;
        let statements =
            Crumb { text: catalogue.word("portal-statements")?, link: format!("/a/{account}/statements") };
        let mut context = self.frame_context(frame, catalogue, &catalogue.word("portal-revise")?, &[statements])?;
        context.insert("action", &format!("/a/{account}/statements/{period}/revise"));
        context.insert("back", &format!("/a/{account}/statements"));
        let message = match answer {
            RevisionAnswer::Offer(_) => None,
            RevisionAnswer::Asked | RevisionAnswer::UnderWay => Some("portal-revise-asked"),
            RevisionAnswer::TooSoon => Some("portal-revise-soon"),
            RevisionAnswer::Nothing => Some("portal-revise-nothing"),
            RevisionAnswer::Blocked => Some("portal-revise-blocked"),
            RevisionAnswer::Busy => Some("portal-code-busy"),
        };
        context.insert("message", &message.map(|message| catalogue.word(message)).transpose()?);
        let offer = match answer {
            RevisionAnswer::Offer(after) => Some(offer(catalogue, locale, after)?),
            _ => None,
        };
        context.insert("offer", &offer);
        self.templates.render("portal/revision.html", &context)
    }
}

#[derive(Debug, Serialize)]
struct OfferShown {
    month: String,
    /// For example `From 132,07 € to 132,07 €`.
    charge: String,
    lines: Vec<ChangedLine>,
    /// Lines that are not listed.
    more: Option<String>,
}

fn offer(catalogue: &Catalogue, locale: &LocaleTag, after: &Statement) -> Result<OfferShown, RenderError> {
    let format = Formatters::of(locale, after.account.currency)?;
    let zone = after.account.time_zone;
    let unallocated = catalogue.word("unallocated")?;
    let code = |code: &Option<BillingCode>| code.as_ref().map_or_else(|| unallocated.clone(), ToString::to_string);
    let changes = after.changes.as_ref();
    let lines = changes.map_or(&[][..], |changes| changes.lines.as_slice());
    let shown = lines.iter().take(MOST_LINES).filter_map(|change| {
        let line = change.after.as_ref().or(change.before.as_ref())?;
        let at = line.started_at.with_timezone(&zone);
        let charge = |line: &Option<crate::domain::Line>| line.as_ref().map_or(0, |line| line.charge.0);
        let is_charge = charge(&change.before) != charge(&change.after);
        Some(ChangedLine {
            when: format!("{} {}", format.date(at.date_naive()), format.time(&at)),
            room: line.room.grouped(),
            before: change.before.as_ref().map_or_else(|| "–".to_owned(), |line| code(&line.billing_code)),
            after: change.after.as_ref().map_or_else(|| "–".to_owned(), |line| code(&line.billing_code)),
            charge: is_charge.then(|| {
                let money = |line| format.money(crate::domain::Amount(charge(line)));
                format!("{} → {}", money(&change.before), money(&change.after))
            }),
        })
    });
    let before = changes.map_or(after.totals.charge, |changes| changes.totals_before.charge);
    let texts = [("before", format.money(before)), ("after", format.money(after.totals.charge))];
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let more = lines.len().saturating_sub(MOST_LINES) as u64;
    let more = (more > 0).then(|| catalogue.phrase("portal-revise-more", &[("count", &format.count(more))]));
    Ok(OfferShown {
        month: format.month(after.period.id),
        charge: catalogue.phrase("portal-revise-charge", &texts)?,
        lines: shown.collect(),
        more: more.transpose()?,
    })
}

impl CodeProblem {
    fn text(&self, catalogue: &Catalogue) -> Result<String, RenderError> {
        let word = match self {
            Self::Almost(known) => return catalogue.phrase("portal-code-almost", &[("code", known.as_str())]),
            Self::BadCode(code) => return catalogue.phrase("portal-code-bad", &[("code", code)]),
            Self::Overtaken(_) => "portal-code-overtaken",
            Self::ListOvertaken => "portal-codes-overtaken",
            Self::Busy => "portal-code-busy",
            Self::NotListed => "portal-code-not-listed",
            Self::Locked => "portal-code-locked",
            Self::TooOld => "portal-code-too-old",
            Self::OwnersOnly => "portal-code-owners-only",
            Self::TooMany => "portal-code-too-many",
            Self::NoneChosen => "portal-code-none-chosen",
        };
        catalogue.word(word)
    }
}
