//! Statements out: the frozen statement becomes HTML, Excel, JSON and the words of a mail.
//!
//! Bytes come out; nothing is read or sent, and the disk is used for nothing but large files while they are made. One
//! view of a statement serves every output, so that the same figure cannot differ between them. Reading order:
//! `statement` (one statement's files; `charged` checks their detail), `view` (what templates see), `html`,
//! `workbook`, `json`, `summary` (for a terminal), `message` (mails), `index` (a month's table of contents), `rerun`
//! (its report), `portal` (the online consultation), `staff` (that of the operator's own people); `templates` and
//! `catalogues` are what an operator can change, `locale` and `colour` what the built-in look is made of.

mod brand;
mod callers;
mod catalogues;
mod charged;
mod colour;
mod context;
mod error;
mod html;
mod index;
mod json;
mod known_locales;
mod locale;
mod message;
mod options;
mod portal;
mod rerun;
mod sample;
mod staff;
mod statement;
mod summary;
mod templates;
mod view;
mod workbook;

use std::path::Path;

use sha2::Digest as _;
use tera::Value;

pub use error::RenderError;
pub use index::{IndexFiles, IndexRow};
pub use known_locales::unwritable_locale;
pub use message::{Attached, MailBody};
pub use options::{Brand, RenderOptions};
pub use portal::{
    Arrangement, Asset, CodeAnswer, CodeChangeView, CodeListPage, CodeNotice, CodeProblem, CodesOffer,
    ConferenceFigures, FormPage, Frame, Guest, HomeView, ListPage, ListQuery, MeView, Message, MonthShown,
    PasswordMail, PeriodChoice, PortalAssets, ROWS_PER_PAGE, RevisionAnswer, RevisionView, SecondFactorPage,
    SessionView, Standing, path_segment,
};
pub use rerun::{RerunAccount, RerunPage};
pub use staff::{
    STAFF_ROWS, StaffBar, StaffCell, StaffChoices, StaffColumn, StaffCrumb, StaffFile, StaffForm, StaffFrame,
    StaffItem, StaffLink, StaffPage, StaffPaging, StaffRow, StaffSection, StaffSelect, StaffStanding, StaffTable,
    StaffView, staff_difference, staff_file, staff_instant, staff_money, staff_month,
};
pub use statement::{RenderedFile, RoomLegs, StatementRender};
pub use summary::{AccountSummary, RoomSummary};

use crate::digest::Sha256;
use crate::domain::{Callers, Headings, Invalid, LocaleTag};
use brand::BrandView;
use catalogues::Catalogues;
use serde::Serialize;
use templates::{TemplateSources, Templates};

/// Templates and texts that were read and tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckedTemplates {
    /// Names below the operator's folder.
    pub files: Vec<String>,
    pub languages: Vec<String>,
}

/// Holds the compiled templates and words; shared by all threads.
pub struct Renderer {
    templates: Templates,
    catalogues: Catalogues,
    brand: BrandView,
    /// `brand` as templates see it, made once.
    brand_value: Value,
    callers: Callers,
    headings: Headings,
    /// Of the operator.
    locale: LocaleTag,
    portal_assets: PortalAssets,
    portal_url: Option<String>,
    digest: Sha256,
}

impl Renderer {
    /// Compiles templates and words and renders a sample with them; an error names the template, word or setting
    /// that is wrong.
    pub fn new(options: &RenderOptions) -> Result<Self, RenderError> {
        let renderer = Self::compile(options)?;
        renderer.check_language("en", false)?;
        Ok(renderer)
    }

    /// Like [`Self::new`], with samples of everything in every language: for trying out changed templates and words.
    pub fn check(options: &RenderOptions) -> Result<CheckedTemplates, RenderError> {
        let renderer = Self::compile(options)?;
        let files = TemplateSources::load(options.templates.as_deref())?.files_of_the_folder;
        let languages: Vec<_> = renderer.catalogues.codes().map(str::to_owned).collect();
        for language in &languages {
            renderer.check_language(language, true)?;
        }
        Ok(CheckedTemplates { files, languages })
    }

    /// Writes the built-in templates and words into a folder, for changing them; files that are there stay.
    ///
    /// Returns the names of those written. Only what is changed needs to stay in the folder.
    pub fn export(folder: &Path) -> Result<Vec<&'static str>, RenderError> {
        templates::export(folder)
    }

    /// A digest over templates, texts and the settings that change a statement's bytes.
    pub fn digest(&self) -> Sha256 {
        self.digest
    }

    fn compile(options: &RenderOptions) -> Result<Self, RenderError> {
        let sources = TemplateSources::load(options.templates.as_deref())?;
        let catalogues = Catalogues::new(sources.catalogue_files())?;
        let brand = BrandView::new(&options.brand)?;
        let digest = digest(&sources, &brand, options)?;
        let templates = sources.compile()?;
        let brand_value = Value::from_serializable(&brand);
        Ok(Self {
            portal_assets: PortalAssets::new(&templates, &brand, &brand_value)?,
            templates,
            catalogues,
            brand_value,
            brand,
            callers: options.callers,
            headings: options.headings,
            locale: operators_locale(&options.brand)?,
            portal_url: options.portal_url.clone(),
            digest,
        })
    }
}

fn operators_locale(brand: &Brand) -> Result<LocaleTag, RenderError> {
    match &brand.locale {
        Some(locale) => match unwritable_locale(locale) {
            None => Ok(locale.clone()),
            Some(reason) => Err(RenderError::Setting { key: "brand.locale", value: locale.to_string(), reason }),
        },
        None => "en".parse().map_err(|error: Invalid| RenderError::Template(error.to_string())),
    }
}

fn digest(sources: &TemplateSources, brand: &BrandView, options: &RenderOptions) -> Result<Sha256, RenderError> {
    let mut digest = sha2::Sha256::new();
    let mut part = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    for (name, text) in sources.of_statements() {
        part(name.as_bytes());
        part(text.as_bytes());
    }
    // The logo's bytes are in the brand, as the page shows them.
    part(&serde_json::to_vec(brand)?);
    // Adds nothing if it is the default: what 0.1.0 rendered keeps its digest.
    if options.headings == Headings::Language {
        part(b"headings in the language");
    }
    part(match options.callers {
        Callers::Masked => b"masked",
        Callers::Full => b"full",
        Callers::None => b"none",
    });
    Ok(Sha256::from_bytes(digest.finalize().into()))
}

#[cfg(test)]
mod tests;
