//! The frame of every page: language, brand, who is signed in, help.

use serde::Serialize;
use tera::Context;

use crate::domain::AccountNumber;
use crate::render::catalogues::Catalogue;
use crate::render::context::{self, Support};
use crate::render::{RenderError, Renderer};

/// Who looks, and in which language.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// A language's code or a locale, for example `fr` or `pt-BR`.
    pub language: String,
    /// The address that is signed in; `None` if no one is.
    pub signed_in: Option<String>,
    /// A member of staff looks, who can change nothing.
    pub guest: Option<Guest>,
}

/// Staff on a customer's page.
#[derive(Debug, Clone, Serialize)]
pub struct Guest {
    /// Where the account's pages are for them.
    #[serde(skip)]
    pub account_path: String,
    /// Whose page it is, above the page.
    pub says: String,
    /// Their own page of the account.
    pub back: String,
}

/// A step on the way to a page.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Crumb {
    pub(super) text: String,
    pub(super) link: String,
}

impl Frame {
    /// Where an account's pages are for the person who looks.
    pub fn account_path(&self, account: &AccountNumber) -> String {
        self.guest.as_ref().map_or_else(|| format!("/a/{account}"), |guest| guest.account_path.clone())
    }
}

impl Renderer {
    pub(super) fn frame_catalogue(&self, frame: &Frame) -> Result<&Catalogue, RenderError> {
        self.catalogues.language(&frame.language)
    }

    pub(super) fn frame_context(
        &self,
        frame: &Frame,
        catalogue: &Catalogue,
        title: &str,
        crumbs: &[Crumb],
    ) -> Result<Context, RenderError> {
        let mut context = context::of_page(catalogue, &frame.language, &self.brand_value);
        context.insert("support", &Support::new(catalogue, &self.brand)?);
        context.insert("title", title);
        context.insert("crumbs", crumbs);
        context.insert("signed_in", &frame.signed_in);
        context.insert("guest", &frame.guest);
        context.insert("style", &self.portal_assets.style.name);
        context.insert("logo", &self.portal_assets.logo.as_ref().map(|logo| logo.name.clone()));
        Ok(context)
    }
}
