//! Every message of the catalogues in every language and region, as its readers see it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use crate::render::catalogues::{Catalogue, Catalogues};
use crate::render::templates::{BUILT_IN, TemplateSources};

/// Of one file: messages with the arguments that they take.
fn messages(source: &str) -> Vec<(String, BTreeSet<String>)> {
    let resource = fluent_syntax::parser::parse(source).unwrap();
    let message = |entry: &Entry<&str>| match entry {
        Entry::Message(message) => {
            let mut arguments = BTreeSet::new();
            message.value.iter().for_each(|pattern| collect(pattern, &mut arguments));
            Some((message.id.name.to_owned(), arguments))
        }
        _ => None,
    };
    resource.body.iter().filter_map(message).collect()
}

fn collect(pattern: &Pattern<&str>, arguments: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let inline = match expression {
            Expression::Inline(inline) => inline,
            Expression::Select { selector, variants } => {
                for variant in variants {
                    collect(&variant.value, arguments);
                }
                selector
            }
        };
        if let InlineExpression::VariableReference { id } = inline {
            arguments.insert(id.name.to_owned());
        }
    }
}

fn catalogues() -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILT_IN.iter().filter(|(name, _)| name.contains("words/")).copied()
}

/// The messages of English with their arguments.
fn english() -> BTreeMap<String, BTreeSet<String>> {
    catalogues().filter(|(name, _)| name.ends_with("/en.ftl")).flat_map(|(_, text)| messages(text)).collect()
}

#[test]
fn every_message_takes_the_arguments_that_the_english_one_takes() {
    let english = english();
    for (file, text) in catalogues() {
        let mut seen = BTreeSet::new();
        for (name, arguments) in messages(text) {
            assert_eq!(Some(&arguments), english.get(&name), "{file}: {name}");
            assert!(seen.insert(name.clone()), "{file}: {name} stands there twice");
        }
        let is_region = file.rsplit('/').next().unwrap().contains('-');
        let belongs_here = |name: &&String| name.starts_with("portal-") == file.starts_with("portal/");
        let missing: Vec<_> = english.keys().filter(belongs_here).filter(|name| !seen.contains(*name)).collect();
        assert!(is_region || missing.is_empty(), "{file}: {missing:?}");
    }
}

#[test]
fn every_message_is_shown_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    for folder in ["src/render", "src/jobs"] {
        read_all(&root.join(folder), &mut sources);
    }
    let templates: String =
        BUILT_IN.iter().filter(|(name, _)| !name.contains("words/")).map(|(_, text)| *text).collect();
    for name in english().into_keys() {
        // The one family whose names are put together.
        let is_built =
            ["invite", "forgotten", "changed"].iter().any(|stem| name.starts_with(&format!("portal-mail-{stem}-")));
        let in_templates = templates.contains(&format!("w.{}", name.replace('-', "_")));
        assert!(is_built || in_templates || sources.contains(&format!("\"{name}\"")), "{name} is never shown");
    }
}

fn read_all(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("tests") {
                read_all(&path, text);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_message_reads_well_with_its_smallest_and_largest_arguments() {
    let sources = TemplateSources::load(None).unwrap();
    let catalogues = Catalogues::new(sources.catalogue_files()).unwrap();
    let mut faults = Vec::new();
    for code in catalogues.codes() {
        let language = catalogues.language(code).unwrap();
        for (name, arguments) in english() {
            for text in renderings(language, &name, &arguments) {
                let exempt = code == "de" && is_continued_salutation(&name);
                faults
                    .extend(faults_of(code, &text, exempt).map(|fault| format!("{code} {name}: {fault}: {text:?}")));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// German goes on in small letters behind the comma of a salutation.
fn is_continued_salutation(name: &str) -> bool {
    name.starts_with("mail-intro-") || name == "portal-mail-forgotten-intro" || name == "portal-mail-changed-intro"
}

fn renderings(language: &Catalogue, name: &str, arguments: &BTreeSet<String>) -> Vec<String> {
    let long = "Übermäßig-lange-Bezeichnung".repeat(40);
    let texts = |value| arguments.iter().map(|argument| (argument.as_str(), value)).collect::<Vec<_>>();
    if !arguments.contains("count") {
        return ["1", &long].map(|value| language.phrase(name, &texts(value)).unwrap()).to_vec();
    }
    let counted = |count: u64| {
        let others: Vec<_> = texts("1").into_iter().filter(|(name, _)| !["count", "shown"].contains(name)).collect();
        language.counted(name, count, &count.to_string(), &others).unwrap()
    };
    [0, 1, 2, 21, 1_000_000, u64::MAX].map(counted).to_vec()
}

fn faults_of(code: &str, text: &str, is_exempt: bool) -> impl Iterator<Item = &'static str> {
    let characters: Vec<char> = text.chars().collect();
    let before = |mark: char| {
        let places = characters.iter().enumerate().filter(move |(_, character)| **character == mark);
        places.filter_map(|(place, _)| characters.get(place.checked_sub(1)?)).copied().collect::<Vec<_>>()
    };
    let is_french = code == "fr" || code.starts_with("fr-");
    let narrow = |mark| before(mark).iter().all(|character| *character == '\u{202f}');
    let begins_small = |sentence: &str| sentence.chars().next().is_some_and(char::is_lowercase);
    let is_sentence = text.ends_with('.') || text.ends_with(':') || text.ends_with('?');
    let checks = [
        ("double space", text.contains("  ")),
        ("space at an end", text.trim() != text),
        ("typewriter's apostrophe or quotation mark", text.contains(['\'', '"'])),
        ("ordinary space before a colon", is_french && before(':').iter().any(|character| *character != '\u{a0}')),
        (
            "space before a semicolon",
            match code {
                "fr-CA" => before(';').iter().any(|character| character.is_whitespace()),
                _ => is_french && !narrow(';'),
            },
        ),
        ("space before ! or ?", is_french && !(narrow('!') && narrow('?'))),
        ("ordinary space inside quotation marks", is_french && (text.contains("« ") || text.contains(" »"))),
        ("sentence in small letters", !is_exempt && is_sentence && begins_small(text)),
        ("second sentence in small letters", text.split(". ").skip(1).any(begins_small)),
    ];
    checks.into_iter().filter(|(_, is_fault)| *is_fault).map(|(fault, _)| fault)
}

#[test]
fn zero_takes_the_number_that_each_language_gives_it() {
    let sources = TemplateSources::load(None).unwrap();
    let catalogues = Catalogues::new(sources.catalogue_files()).unwrap();
    for (locale, shown) in [
        ("pt-PT", "0 conferências"),
        ("pt-BR", "0 conferência"),
        ("fr-FR", "0 conférence"),
        ("fr-CA", "0 conférence"),
        ("es-MX", "0 conferencias"),
        ("de-CH", "0 Konferenzen"),
    ] {
        let language = catalogues.language(locale).unwrap();
        assert_eq!(language.counted("count-conferences", 0, "0", &[]).unwrap(), shown, "{locale}");
    }
}
