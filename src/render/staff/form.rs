//! The forms by which staff sign in.

use serde::Serialize;

use super::frame::StaffView;
use crate::render::portal::Message;

/// A form, with what was typed and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum StaffForm {
    SignIn {
        email: String,
        next: String,
        #[serde(skip)]
        error: Option<Message>,
    },
    /// The second factor.
    Code {
        #[serde(skip)]
        error: Option<Message>,
    },
    /// A secret to be taken into an app, and confirmed by a code of it.
    SetUp {
        secret: String,
        uri: String,
        #[serde(skip)]
        error: Option<Message>,
    },
    /// Shown once.
    RecoveryCodes { codes: Vec<String>, next: String },
    /// A first password, by the link with this path.
    Password {
        path: String,
        email: String,
        shortest: usize,
        #[serde(skip)]
        error: Option<Message>,
    },
}

impl StaffView for StaffForm {
    const TEMPLATE: &'static str = "portal/staff_form.html";

    fn title(&self) -> String {
        let title = match self {
            Self::SignIn { .. } => "Sign in",
            Self::Code { .. } => "Second factor",
            Self::SetUp { .. } => "Set up the second factor",
            Self::RecoveryCodes { .. } => "Recovery codes",
            Self::Password { .. } => "Choose a password",
        };
        title.to_owned()
    }

    fn message(&self) -> Option<Message> {
        match self {
            Self::SignIn { error, .. }
            | Self::Code { error }
            | Self::SetUp { error, .. }
            | Self::Password { error, .. } => *error,
            Self::RecoveryCodes { .. } => None,
        }
    }
}
