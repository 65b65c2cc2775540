//! What templates see besides the statement: words, brand, support.

use serde::Serialize;
use tera::{Context, Value};

use super::RenderError;
use super::brand::BrandView;
use super::catalogues::Catalogue;
use super::view::StatementView;

/// How to reach support, in the statement's language.
#[derive(Debug, Serialize)]
pub(super) struct Support {
    call: Option<Linked>,
    write: Option<Linked>,
}

/// A sentence with a link in it.
#[derive(Debug, Serialize)]
struct Linked {
    /// The whole sentence.
    text: String,
    before: String,
    shown: String,
    after: String,
    link: String,
}

/// The context of a statement's page or mail.
pub(super) fn of_statement(
    (catalogue, locale): (&Catalogue, &str),
    brand: &BrandView,
    brand_value: &Value,
    view: &StatementView,
) -> Result<Context, RenderError> {
    let mut context = of_page(catalogue, locale, brand_value);
    context.insert("support", &Support::new(catalogue, brand)?);
    context.insert("css", &StyleTexts::new(catalogue, view)?);
    context.insert("s", view);
    Ok(context)
}

/// What every page has. It says its region to those who read it aloud, if its words are of the locale's language.
pub(super) fn of_page(catalogue: &Catalogue, locale: &str, brand_value: &Value) -> Context {
    let language = |tag: &str| tag.split('-').next().map(str::to_ascii_lowercase);
    let lang = if language(locale) == language(catalogue.code()) { locale } else { catalogue.code() };
    let mut context = Context::new();
    context.insert("lang", lang);
    context.insert_value("w", catalogue.plain().clone());
    context.insert_value("brand", brand_value.clone());
    context
}

/// Texts that the style sheet shows. There is no escaping in it, so characters that would end a string are removed.
#[derive(Debug, Serialize)]
struct StyleTexts {
    /// The foot of a printed page.
    page_label: String,
    length: String,
    accumulated_time: String,
}

impl StyleTexts {
    fn new(catalogue: &Catalogue, view: &StatementView) -> Result<Self, RenderError> {
        let number = view.room.as_ref().map_or(view.account_number.as_str(), |room| room.shown.as_str());
        Ok(Self {
            page_label: within_style(&format!("{number} · {}", view.period.name)),
            length: within_style(&catalogue.word("length")?),
            accumulated_time: within_style(&catalogue.word("accumulated-time")?),
        })
    }
}

fn within_style(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !"\"\\<>&".contains(*c)).collect()
}

impl Support {
    pub(super) fn new(catalogue: &Catalogue, brand: &BrandView) -> Result<Self, RenderError> {
        let call = |phone: &str| {
            let link = brand.support_phone_link.as_ref().map(|dialled| format!("tel:{dialled}"));
            Ok::<_, RenderError>(Linked::new(
                catalogue.phrase("for-assistance-call", &[("phone", phone)])?,
                phone,
                link,
            ))
        };
        let write = |email: &str| {
            let text = catalogue.phrase("for-assistance-write", &[("email", email)])?;
            Ok::<_, RenderError>(Linked::new(text, email, Some(format!("mailto:{email}"))))
        };
        Ok(Self {
            call: brand.support_phone.as_deref().map(call).transpose()?,
            write: brand.support_email.as_deref().map(write).transpose()?,
        })
    }
}

impl Linked {
    fn new(text: String, shown: &str, link: Option<String>) -> Self {
        let (before, after) = text.split_once(shown).unwrap_or((text.as_str(), ""));
        let (before, after) = (before.to_owned(), after.to_owned());
        Self { before, after, shown: shown.to_owned(), link: link.unwrap_or_default(), text }
    }
}
