//! How statements look: the settings that change what is rendered.

use std::path::PathBuf;

use crate::domain::{Callers, Colour, Headings, LocaleTag, WebUrl};

/// How statements look; from `[statements]` and `[brand]`.
#[derive(Debug, Clone, Default)]
pub struct RenderOptions {
    pub callers: Callers,
    pub headings: Headings,
    /// An operator's folder; a template there replaces the built-in one of the same name.
    pub templates: Option<PathBuf>,
    pub brand: Brand,
    /// Where the online consultation is reached, without a slash at its end; `None` if mails have no link to it.
    pub portal_url: Option<String>,
}

/// Whose statements these are.
#[derive(Debug, Clone, Default)]
pub struct Brand {
    pub name: String,
    pub support_email: Option<String>,
    pub support_phone: Option<String>,
    pub website: Option<WebUrl>,
    /// A PNG, JPEG or SVG file.
    pub logo: Option<PathBuf>,
    /// For example `#0f62fe`.
    pub colour: Option<Colour>,
    /// Who answers for the statements by law, for example `Example SARL, 1 rue X, Paris, RCS 123`; at the foot of
    /// everything.
    pub legal: Option<String>,
    /// The language of months' tables of contents; English if there is none.
    pub locale: Option<LocaleTag>,
}
