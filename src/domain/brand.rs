//! What an operator's pages look like and lead to: a colour, a website, a logo.

use std::fmt;
use std::str::FromStr;

use url::Url;

use super::Invalid;

/// An sRGB colour, written as `#0f62fe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    pub(crate) red: u8,
    pub(crate) green: u8,
    pub(crate) blue: u8,
}

impl FromStr for Colour {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = || Invalid("must be a colour such as \"#0f62fe\"".into());
        let digits = text.strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(refused());
        }
        let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| refused());
        Ok(Self { red: channel(0)?, green: channel(2)?, blue: channel(4)? })
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// The address of a website, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUrl(String);

impl FromStr for WebUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let url = Url::parse(text).map_err(|why| Invalid(format!("is not a URL: {why}")))?;
        if !matches!(url.scheme(), "https" | "http") || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(Invalid("must begin with https:// or http://".into()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a logo may be: what browsers and mail programs show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoFormat {
    Png,
    Jpeg,
    Svg,
}

impl LogoFormat {
    /// By the ending of a file's name, without its dot.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "png" => Some(Self::Png),
            "jpg" | "jpeg" => Some(Self::Jpeg),
            "svg" => Some(Self::Svg),
            _ => None,
        }
    }

    /// By a file's content, since its name may be wrong.
    pub fn of_content(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(Self::Png);
        }
        if bytes.starts_with(b"\xff\xd8\xff") {
            return Some(Self::Jpeg);
        }
        let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}').trim_start();
        (text.starts_with("<svg") || (text.starts_with("<?xml") && text.contains("<svg"))).then_some(Self::Svg)
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Svg => "svg",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Svg => "image/svg+xml",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_known_by_its_content_and_by_its_name() {
        let known = [
            (&b"\x89PNG\r\n\x1a\n...."[..], "PNG", LogoFormat::Png),
            (b"\xff\xd8\xff\xe0", "jpeg", LogoFormat::Jpeg),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg", LogoFormat::Svg),
        ];
        for (content, extension, format) in known {
            assert_eq!(LogoFormat::of_content(content), Some(format));
            assert_eq!(LogoFormat::of_extension(extension), Some(format));
            assert_eq!(LogoFormat::of_extension(format.extension()), Some(format));
        }
        assert_eq!(LogoFormat::of_content(b"<html>"), None);
        assert_eq!(LogoFormat::of_extension("exe"), None);
    }

    #[test]
    fn colours_cannot_carry_style() {
        for bad in ["", "red", "#fff", "#0f62fg", "#0f62fe;x:y", "0f62fe", "#é62fe", "#éé6"] {
            assert!(bad.parse::<Colour>().is_err(), "{bad}");
        }
        assert_eq!("#0F62FE".parse::<Colour>().unwrap().to_string(), "#0f62fe");
    }

    #[test]
    fn a_website_is_http() {
        let no_website = [
            "",
            "example.com",
            "javascript:alert(1)",
            "mailto:a@b.example",
            "data:text/html,x",
            "https://",
            "https://a b",
        ];
        for bad in no_website {
            assert!(bad.parse::<WebUrl>().is_err(), "{bad}");
        }
        assert!("https://www.example.com".parse::<WebUrl>().is_ok());
    }
}
