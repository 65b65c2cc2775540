//! What the checks of the sections find; where the values came from is added later.

use std::io::Read;

use super::values::{FilePath, Secret};

/// A key's place in the tree, for example `["mail", "port"]`.
pub type KeyPath = Vec<String>;

/// Largest file that can be one secret.
const LONGEST_SECRET: u64 = 64 * 1024;
/// Below this likeness, from 0 to 1, a suggestion would be a guess.
const LIKE_ENOUGH: f64 = 0.8;

/// Collects what is wrong with keys whose values are well formed.
#[derive(Debug, Default)]
pub struct Findings(pub(super) Vec<(KeyPath, String)>);

impl Findings {
    /// `key` is for example `mail.port`; `why` continues the sentence after key and value.
    pub fn add(&mut self, key: &str, why: impl Into<String>) {
        let path: Vec<&str> = key.split('.').collect();
        self.add_at(&path, why);
    }

    pub fn add_at(&mut self, path: &[&str], why: impl Into<String>) {
        self.0.push((path.iter().map(|&part| part.to_owned()).collect(), why.into()));
    }

    /// The content of a secret's file, without the line end that editors leave.
    pub fn read_secret(&mut self, key: &str, file: &FilePath) -> Option<Secret> {
        let mut text = String::new();
        let read = std::fs::File::open(file.as_path())
            .and_then(|opened| opened.take(LONGEST_SECRET).read_to_string(&mut text));
        if let Err(error) = read {
            self.add(key, format!("cannot be read: {error}"));
            return None;
        }
        let secret = text.trim_end_matches(['\n', '\r']);
        if secret.is_empty() {
            self.add(key, "names an empty file");
            return None;
        }
        Some(Secret::new(secret))
    }

    /// How much was found so far.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Checks that a file which is set can be read.
    pub fn readable(&mut self, key: &str, file: Option<&FilePath>) {
        let Some(file) = file else { return };
        match std::fs::File::open(file.as_path()).and_then(|opened| opened.metadata()) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => self.add(key, "is not a file"),
            Err(error) => self.add(key, format!("cannot be read: {error}")),
        }
    }
}

/// The known word that `word` was probably meant to be.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&word, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= LIKE_ENOUGH)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}
