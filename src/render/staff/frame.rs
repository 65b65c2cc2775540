//! The frame of every page of staff: brand, navigation, who is signed in.

use serde::Serialize;
use tera::Context;

use crate::render::portal::Message;
use crate::render::{RenderError, Renderer, context};

/// The language of all pages of staff.
pub(super) const LANGUAGE: &str = "en";

/// Who looks.
#[derive(Debug, Clone, Default)]
pub struct StaffFrame {
    /// The address that is signed in; `None` if no one is.
    pub signed_in: Option<String>,
    /// The page's path, which decides the part of the site.
    pub path: String,
}

/// A step on the way to a page.
#[derive(Debug, Clone, Serialize)]
pub struct StaffCrumb {
    pub text: String,
    pub link: String,
}

/// What a page shows.
pub trait StaffView: Serialize {
    /// Below the templates folder.
    const TEMPLATE: &'static str;
    fn title(&self) -> String;

    /// The links that lead to it.
    fn crumbs(&self) -> Vec<StaffCrumb> {
        Vec::new()
    }

    /// The parts of it that need texts of the catalogue.
    fn message(&self) -> Option<Message> {
        None
    }
}

/// The parts of the site: where each begins, and its name.
const PARTS: [(&str, &str); 5] = [
    ("/staff", "Home"),
    ("/staff/accounts", "Accounts"),
    ("/staff/deliveries", "Deliveries"),
    ("/staff/usage", "Usage"),
    ("/staff/reruns", "Reruns"),
];

#[derive(Serialize)]
struct NavigationItem {
    link: &'static str,
    name: &'static str,
    is_current: bool,
}

/// A page that says one thing.
#[derive(Serialize)]
struct SaidView {
    #[serde(skip)]
    title: String,
    hint: Option<String>,
    /// Something to run, or to read word by word.
    detail: Option<String>,
}

impl StaffView for SaidView {
    const TEMPLATE: &'static str = "portal/staff_said.html";

    fn title(&self) -> String {
        self.title.clone()
    }
}

impl Renderer {
    pub fn staff_page<V: StaffView>(&self, frame: &StaffFrame, view: &V) -> Result<Vec<u8>, RenderError> {
        let catalogue = self.catalogues.language(LANGUAGE)?;
        let mut context: Context = context::of_page(catalogue, LANGUAGE, &self.brand_value);
        let part = |(link, name): (&'static str, &'static str)| NavigationItem {
            link,
            name,
            is_current: frame.path == link,
        };
        context.insert("title", &view.title());
        context.insert("crumbs", &view.crumbs());
        context.insert("parts", &PARTS.map(part));
        context.insert("signed_in", &frame.signed_in);
        context.insert("style", &self.portal_assets.style.name);
        context.insert("staff_style", &self.portal_assets.staff_style.name);
        context.insert("logo", &self.portal_assets.logo.as_ref().map(|logo| logo.name.clone()));
        let message = match view.message() {
            // Staff give no number.
            Some(Message::WrongSignIn) => Some("The email address or the password is not correct.".to_owned()),
            message => message.map(|message| message.text(catalogue)).transpose()?,
        };
        context.insert("message", &message);
        context.insert("page", view);
        self.templates.render(V::TEMPLATE, &context)
    }

    /// A page with one message, for example that there is no such page.
    pub fn staff_message_page(&self, frame: &StaffFrame, message: Message) -> Result<Vec<u8>, RenderError> {
        let catalogue = self.catalogues.language(LANGUAGE)?;
        let view = SaidView { title: message.text(catalogue)?, hint: message.hint(catalogue)?, detail: None };
        self.staff_page(frame, &view)
    }

    /// A page that says why something is not shown, and what to do.
    pub fn staff_refusal_page(
        &self,
        frame: &StaffFrame,
        (title, hint, detail): (&str, &str, &str),
    ) -> Result<Vec<u8>, RenderError> {
        let view = SaidView { title: title.to_owned(), hint: Some(hint.to_owned()), detail: Some(detail.to_owned()) };
        self.staff_page(frame, &view)
    }
}
