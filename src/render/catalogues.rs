//! The catalogue of words: one Fluent file per language, all with the same messages.
//!
//! The built-in English decides which messages there are. A language that lacks one stops the start, so that no
//! statement ever leaves with a hole in it. An operator's `words/xx.ftl` adds a language or replaces single messages.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use tera::Value;
use unic_langid::LanguageIdentifier;

use super::RenderError;

/// The language for a locale without texts of its own.
const FALLBACK: &str = "en";

/// All languages.
pub(super) struct Catalogues {
    languages: BTreeMap<String, Catalogue>,
}

/// One language's messages.
pub(super) struct Catalogue {
    code: String,
    bundle: FluentBundle<FluentResource>,
    /// Messages without arguments by name, `-` as `_`: what templates see as `w`.
    plain: Value,
}

impl Catalogues {
    /// Compiles the files' texts, each with its name and language; a later one replaces messages of an earlier one.
    pub(super) fn new<'a>(
        sources: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>,
    ) -> Result<Self, RenderError> {
        let sources: Vec<(&str, String, &str)> = sources
            .into_iter()
            .map(|(file, code, source)| Ok((file, canonical(code, file)?.to_string(), source)))
            .collect::<Result<_, RenderError>>()?;
        let mut bundles = BTreeMap::<String, (FluentBundle<FluentResource>, Names)>::new();
        let codes: BTreeSet<&String> = sources.iter().map(|(_, code, _)| code).collect();
        for code in codes {
            let mut bundle = FluentBundle::new_concurrent(vec![canonical(code, code)?]);
            bundle.set_use_isolating(false);
            let mut names = Names::new();
            // A region has the texts of its language, with its own in place of some.
            for wider in wider_codes(code).into_iter().rev() {
                for (file, _, source) in sources.iter().filter(|(_, of, _)| *of == wider) {
                    let resource = FluentResource::try_new((*source).to_owned())
                        .map_err(|(_, errors)| wrong(*file, syntax(source, &errors)))?;
                    names.extend(message_names(&resource).into_iter().map(|name| (name, (*file).to_owned())));
                    bundle.add_resource_overriding(resource);
                }
            }
            bundles.insert(code.clone(), (bundle, names));
        }
        let expected = expected_names(&sources);
        let languages = bundles
            .into_iter()
            .map(|(code, (bundle, names))| {
                complete(&code, &names, &expected)?;
                let plain = plain_messages(&bundle, &names);
                let catalogue = Catalogue { code: code.clone(), bundle, plain };
                for headings in HEADINGS {
                    catalogue.check_headings(headings)?;
                }
                Ok((code, catalogue))
            })
            .collect::<Result<_, RenderError>>()?;
        Ok(Self { languages })
    }

    /// The words for a locale such as `pt-BR`: those of its region, its script or its language, or English.
    pub(super) fn language(&self, locale: &str) -> Result<&Catalogue, RenderError> {
        let code = canonical(locale, locale).map(|tag| tag.to_string()).unwrap_or_default();
        wider_codes(&code)
            .iter()
            .find_map(|code| self.languages.get(code))
            .or_else(|| self.languages.get(FALLBACK))
            .ok_or_else(|| wrong(words_file(FALLBACK, ""), "is missing".into()))
    }

    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        self.languages.keys().map(String::as_str)
    }
}

/// Of the sheet `Conferences`.
pub(super) const CONFERENCE_HEADINGS: [&str; 12] = [
    "date",
    "start-time",
    "room-number",
    "cardholder",
    "participants",
    "billing-code",
    "conference-length",
    "accumulated-time",
    "charge",
    "service-type",
    "conference-id",
    "late-month",
];
/// Of the sheet `Participants`.
pub(super) const PARTICIPANT_HEADINGS: [&str; 8] =
    ["room-number", "conference-id", "service-type", "joined", "left", "duration", "late-month", "caller"];
/// Of the sheet `Changes`.
pub(super) const CHANGE_HEADINGS: [&str; 8] =
    ["date", "start-time", "room-number", "conference-id", "service-type", "charge-before", "charge", "difference"];

/// Words that head the columns of one table in a workbook, or name its sheets: Excel takes no two that are equal.
const HEADINGS: [&[&str]; 6] = [
    &CONFERENCE_HEADINGS,
    &PARTICIPANT_HEADINGS,
    &CHANGE_HEADINGS,
    // The sheets.
    &["sheet-summary", "conferences", "participants", "sheet-billing-codes", "sheet-changes", "sheet-trend"],
    &["room-number", "cardholder", "auto-billing-code", "conferences", "participants", "accumulated-time", "charge"],
    &["billing-code", "participants", "accumulated-time", "charge"],
];

impl Catalogue {
    fn check_headings(&self, names: &[&str]) -> Result<(), RenderError> {
        let mut seen = BTreeMap::<String, &str>::new();
        for name in names {
            // Never missing: a language that lacks one has been refused.
            let Ok(word) = self.word(name) else { continue };
            if let Some(other) = seen.insert(word.to_lowercase(), name) {
                let why = format!("{other} and {name} are both \"{word}\"");
                return Err(wrong(
                    words_file(&self.code, name),
                    format!("{why}: columns and sheets of a workbook need different words"),
                ));
            }
        }
        Ok(())
    }

    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// What templates see as `w`.
    pub(super) fn plain(&self) -> &Value {
        &self.plain
    }

    /// A message without arguments.
    pub(super) fn word(&self, name: &str) -> Result<String, RenderError> {
        self.format(name, None)
    }

    /// A message with text arguments.
    pub(super) fn phrase(&self, name: &str, texts: &[(&str, &str)]) -> Result<String, RenderError> {
        let args = texts.iter().map(|(name, text)| (*name, FluentValue::from(*text))).collect();
        self.format(name, Some(&args))
    }

    /// A message whose form depends on `count`, which is shown as `shown`.
    pub(super) fn counted(
        &self,
        name: &str,
        count: u64,
        shown: &str,
        texts: &[(&str, &str)],
    ) -> Result<String, RenderError> {
        let mut args: FluentArgs = texts.iter().map(|(name, text)| (*name, FluentValue::from(*text))).collect();
        args.set("count", FluentValue::from(count));
        args.set("shown", FluentValue::from(shown));
        self.format(name, Some(&args))
    }

    fn format(&self, name: &str, args: Option<&FluentArgs>) -> Result<String, RenderError> {
        let pattern = self
            .bundle
            .get_message(name)
            .and_then(|message| message.value())
            .ok_or_else(|| missing(&self.code, name.to_owned()))?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut errors).into_owned();
        match errors.first() {
            None => Ok(text),
            Some(error) => Err(wrong(words_file(&self.code, name), format!("message {name}: {error}"))),
        }
    }
}

/// The messages of the English that comes first of each file, which is the built-in one.
fn expected_names(sources: &[(&str, String, &str)]) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let english = sources.iter().filter(|(file, code, _)| code == FALLBACK && seen.insert(*file));
    // Cannot fail: texts that do not compile have been refused.
    let resources = english.filter_map(|(.., text)| FluentResource::try_new((*text).to_owned()).ok());
    resources.flat_map(|resource| message_names(&resource)).collect()
}

/// Messages, each with the last file that defines it.
type Names = BTreeMap<String, String>;

fn wrong(file: impl Into<String>, reason: String) -> RenderError {
    RenderError::Catalogue { file: file.into(), reason }
}

fn missing(language: &str, missing: String) -> RenderError {
    let file = words_file(language, &missing);
    RenderError::MissingWords { language: language.to_owned(), missing, file }
}

/// Where a language's message belongs.
fn words_file(language: &str, message: &str) -> String {
    let folder = if message.starts_with("portal-") { "portal/words" } else { "words" };
    format!("{folder}/{language}.ftl")
}

fn canonical(code: &str, file: &str) -> Result<LanguageIdentifier, RenderError> {
    code.parse().map_err(|_| wrong(file, "the file is not named after a language, as fr.ftl or pt-BR.ftl".into()))
}

/// A tag and those that it narrows, the narrowest first: `zh-Hant-TW`, `zh-Hant`, `zh`.
fn wider_codes(code: &str) -> Vec<String> {
    let mut codes = vec![code.to_owned()];
    let mut rest = code;
    while let Some((wider, _)) = rest.rsplit_once('-') {
        codes.push(wider.to_owned());
        rest = wider;
    }
    codes
}

/// What is wrong with a file of words, and on which line.
fn syntax(source: &str, errors: &[fluent_syntax::parser::ParserError]) -> String {
    let told = errors.iter().map(|error| {
        let line = source.get(..error.pos.start).map_or(1, |before| before.matches('\n').count() + 1);
        format!("line {line}: {error}")
    });
    told.collect::<Vec<_>>().join("; ")
}

fn message_names(resource: &FluentResource) -> Vec<String> {
    resource
        .entries()
        .filter_map(|entry| match entry {
            fluent_syntax::ast::Entry::Message(message) => Some(message.id.name.to_owned()),
            _ => None,
        })
        .collect()
}

fn complete(code: &str, names: &Names, expected: &BTreeSet<String>) -> Result<(), RenderError> {
    let lacking: Vec<_> = expected.iter().filter(|name| !names.contains_key(*name)).cloned().collect();
    if !lacking.is_empty() {
        return Err(missing(code, lacking.join(", ")));
    }
    match names.iter().find(|(name, _)| !expected.contains(*name)) {
        None => Ok(()),
        Some((unknown, file)) => {
            Err(wrong(file.as_str(), format!("message {unknown} is not one that statements use")))
        }
    }
}

/// Those that need no argument; one that needs some cannot be shown by a template alone.
fn plain_messages(bundle: &FluentBundle<FluentResource>, names: &Names) -> Value {
    let mut plain = BTreeMap::new();
    for name in names.keys() {
        let Some(pattern) = bundle.get_message(name).and_then(|message| message.value()) else { continue };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, None, &mut errors);
        if errors.is_empty() {
            plain.insert(name.replace('-', "_"), text.into_owned());
        }
    }
    Value::from_serializable(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From (language, text).
    fn compiled<const N: usize>(sources: [(&str, &str); N]) -> Result<Catalogues, RenderError> {
        let files = sources.map(|(code, _)| format!("words/{code}.ftl"));
        Catalogues::new(sources.iter().zip(&files).map(|((code, text), file)| (file.as_str(), *code, *text)))
    }

    const ENGLISH: &str =
        "total = Total\nrooms = { $count ->\n    [one] { $shown } room\n   *[other] { $shown } rooms\n}\n";

    #[test]
    fn a_missing_word_is_named_with_its_language() {
        let error = compiled([("en", ENGLISH), ("fr", "total = Total\n")]).err().unwrap();
        assert_eq!(error.to_string(), "language \"fr\" lacks the words rooms: add them to words/fr.ftl");
    }

    #[test]
    fn a_word_that_nothing_uses_is_a_slip_of_the_pen() {
        let error = compiled([("en", ENGLISH), ("fr", "total = T\nrooms = S\ntotall = T\n")]).err().unwrap();
        assert!(error.to_string().contains("totall"), "{error}");
    }

    #[test]
    fn an_operator_replaces_single_words() {
        let catalogues = compiled([("en", ENGLISH), ("en", "total = Sum\n")]).unwrap();
        let english = catalogues.language("en").unwrap();
        assert_eq!(english.word("total").unwrap(), "Sum");
        assert_eq!(english.counted("rooms", 1, "1", &[]).unwrap(), "1 room");
        assert_eq!(english.counted("rooms", 2000, "2,000", &[]).unwrap(), "2,000 rooms");
    }

    #[test]
    fn a_region_has_the_words_of_its_language_and_its_own() {
        let sources = [("en", ENGLISH), ("pt", "total = Total\nrooms = Salas\n"), ("pt-br", "total = Soma\n")];
        let catalogues = compiled(sources).unwrap();
        let brazil = catalogues.language("pt-BR").unwrap();
        assert_eq!((brazil.word("total").unwrap(), brazil.word("rooms").unwrap()), ("Soma".into(), "Salas".into()));
        assert_eq!(catalogues.language("pt-PT").unwrap().word("total").unwrap(), "Total");
        let error = compiled([("en", ENGLISH), ("zh-Hant", "total = 總計\n")]).err().unwrap();
        assert!(error.to_string().contains("zh-Hant"), "{error}");
        assert!(compiled([("en", ENGLISH), ("not a language", "")]).is_err());
    }

    #[test]
    fn two_columns_of_one_table_have_two_words() {
        let error = compiled([("en", "charge = Sum\nparticipants = sum\n")]).err().unwrap().to_string();
        assert!(error.contains("participants and charge") && error.contains("words/en.ftl"), "{error}");
    }

    #[test]
    fn an_error_in_a_file_of_texts_is_reported_with_its_line() {
        let error = compiled([("en", ENGLISH), ("fr", "total = T\n= x\n")]).err().unwrap().to_string();
        assert!(error.contains("words/fr.ftl") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn an_unknown_language_is_answered_in_english() {
        let catalogues = compiled([("en", ENGLISH)]).unwrap();
        assert_eq!(catalogues.language("pl").unwrap().code(), "en");
    }
}
