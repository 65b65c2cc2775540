//! Random tokens: what is handed out, and the digest that is kept of it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::digest::sha256_hex;

/// 256 bits that no one can guess. Neither printed nor logged.
pub struct Token(String);

impl Token {
    /// A new one; an error is the operating system's, which then has no randomness to give.
    pub fn random() -> std::io::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
        Ok(Self(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// One that was handed out before, as far as its form goes.
    pub fn parse(text: &str) -> Option<Self> {
        let is_token = text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        is_token.then(|| Self(text.to_owned()))
    }

    /// What the holder keeps.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the database keeps.
    pub fn sha256(&self) -> String {
        sha256_hex(self.0.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_no_two_are_equal() {
        let token = Token::random().unwrap();
        assert_eq!(Token::parse(token.expose()).unwrap().sha256(), token.sha256());
        assert_ne!(Token::random().unwrap().expose(), token.expose());
        for bad in ["", "a", &"a".repeat(44), &"ä".repeat(43), &" ".repeat(43)] {
            assert!(Token::parse(bad).is_none(), "{bad}");
        }
    }
}
