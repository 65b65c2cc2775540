//! The page on which a person sets up a second factor, or takes it away.

use super::forms::Message;
use super::frame::{Crumb, Frame};
use crate::render::{RenderError, Renderer};

/// A second factor, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondFactorPage {
    Off,
    /// To be taken into an app, and confirmed by a code of it.
    Proposed {
        secret: String,
        uri: String,
    },
    /// It counts from now on; shown once.
    Codes {
        codes: Vec<String>,
    },
    /// Recovery codes that are left.
    On {
        left: u64,
    },
}

impl Renderer {
    pub fn second_factor_page(
        &self,
        frame: &Frame,
        page: &SecondFactorPage,
        error: Option<Message>,
    ) -> Result<Vec<u8>, RenderError> {
        let catalogue = self.frame_catalogue(frame)?;
        let me = Crumb { text: catalogue.word("portal-me")?, link: "/me".to_owned() };
        let mut context = self.frame_context(frame, catalogue, &catalogue.word("portal-second-factor")?, &[me])?;
        let (state, secret, uri, codes) = match page {
            SecondFactorPage::Off => ("off", "", "", &[][..]),
            SecondFactorPage::Proposed { secret, uri } => ("proposed", secret.as_str(), uri.as_str(), &[][..]),
            SecondFactorPage::Codes { codes } => ("codes", "", "", codes.as_slice()),
            SecondFactorPage::On { .. } => ("on", "", "", &[][..]),
        };
        let grouped: Vec<String> =
            secret.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
        context.insert("state", state);
        context.insert("secret", &grouped.join(" "));
        context.insert("uri", uri);
        context.insert("codes", codes);
        let left = match page {
            SecondFactorPage::On { left } => *left,
            _ => 0,
        };
        context.insert("left", &catalogue.phrase("portal-recovery-left", &[("count", &left.to_string())])?);
        context.insert("error", &error.map(|error| error.text(catalogue)).transpose()?);
        self.templates.render("portal/second_factor.html", &context)
    }
}
