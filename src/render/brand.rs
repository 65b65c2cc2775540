//! Whose statements these are, checked once: what may be linked, the logo, the colours.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Serialize, Serializer};

use super::colour::{self, Palette};
use super::{Brand, RenderError};
use crate::domain::LogoFormat;

/// A larger logo would be larger than the statement that shows it.
const LARGEST_LOGO: usize = 64 * 1024;

/// The brand as templates see it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct BrandView {
    pub(super) name: String,
    pub(super) support_email: Option<String>,
    pub(super) support_phone: Option<String>,
    /// For `tel:`, without spaces and brackets.
    pub(super) support_phone_link: Option<String>,
    pub(super) website: Option<String>,
    pub(super) legal: Option<String>,
    pub(super) logo: Option<Logo>,
    pub(super) colours: Colours,
    #[serde(skip)]
    pub(super) palette: Palette,
}

/// A file that was read. Templates see a `data:` URI.
#[derive(Debug, Clone)]
pub(super) struct Logo {
    pub(super) format: LogoFormat,
    pub(super) bytes: Vec<u8>,
}

impl Serialize for Logo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (media_type, data) = (self.format.media_type(), BASE64_STANDARD.encode(&self.bytes));
        serializer.serialize_str(&format!("data:{media_type};base64,{data}"))
    }
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Colours {
    pub(super) fill: String,
    pub(super) on_fill: String,
    pub(super) on_light: String,
    pub(super) on_dark: String,
}

impl BrandView {
    pub(super) fn new(brand: &Brand) -> Result<Self, RenderError> {
        let palette = Palette::of(brand.colour.unwrap_or(colour::DEFAULT));
        Ok(Self {
            name: brand.name.clone(),
            support_email: brand.support_email.clone(),
            support_phone: brand.support_phone.clone(),
            support_phone_link: brand.support_phone.as_deref().and_then(dialled),
            website: brand.website.as_ref().map(ToString::to_string),
            legal: brand.legal.clone(),
            logo: brand.logo.as_deref().map(read_logo).transpose()?,
            colours: Colours {
                fill: palette.fill.to_string(),
                on_fill: palette.on_fill.to_string(),
                on_light: palette.on_light.to_string(),
                on_dark: palette.on_dark.to_string(),
            },
            palette,
        })
    }
}

/// `(00)32 2 789 00 10` as `+3227890010`; `None` if nothing can be dialled.
fn dialled(phone: &str) -> Option<String> {
    let digits: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let dialled = digits.strip_prefix("00").map_or_else(|| digits.clone(), |rest| format!("+{rest}"));
    (!dialled.is_empty()).then_some(dialled)
}

fn read_logo(path: &Path) -> Result<Logo, RenderError> {
    let bytes = fs::read(path).map_err(|source| RenderError::File { path: path.to_owned(), source })?;
    let refused = |reason: String| RenderError::Setting {
        key: "brand.logo",
        value: path.to_string_lossy().into_owned(),
        reason,
    };
    if bytes.len() > LARGEST_LOGO {
        return Err(refused(format!("is {} bytes long: a logo may have up to {LARGEST_LOGO}", bytes.len())));
    }
    match LogoFormat::of_content(&bytes) {
        Some(format) => Ok(Logo { format, bytes }),
        None => Err(refused("is not a PNG, JPEG or SVG image".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_can_be_dialled() {
        assert_eq!(dialled("(00)32 2 789 00 10").as_deref(), Some("+3227890010"));
        assert_eq!(dialled("01 70 70 05 92").as_deref(), Some("0170700592"));
        assert_eq!(dialled("ask reception"), None);
    }
}
