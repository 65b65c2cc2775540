//! The files under `config/` tell the truth about the program.

use std::collections::BTreeSet;

use figment::value::Value;

use super::super::{Config, Dkim, TransportKind};
use super::{Folder, from_text};

const SHIPPED: &str = include_str!("../../../config/statementd.toml");
const EXAMPLE: &str = include_str!("../../../config/production.example.toml");

/// Of these tests alone.
const DKIM_KEY: &str = include_str!("dkim.pem");

/// A line such as `#host = "x"` or `#[mail.dkim]` shows a setting, unlike `# words`.
fn uncommented(text: &str) -> String {
    let setting = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c == '[' || c.is_ascii_lowercase()) => rest.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(setting).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_file_says_what_the_defaults_are() {
    assert_eq!(from_text(SHIPPED).unwrap(), Config::default());
}

#[test]
fn the_shipped_file_shows_every_setting_with_words_before_it() {
    let shown: toml_edit::ImDocument<String> = toml_edit::ImDocument::parse(uncommented(SHIPPED)).unwrap();
    let mut in_file = BTreeSet::new();
    collect_toml(shown.as_item(), "", &mut in_file);

    let mut everything = Config::default();
    everything.mail.dkim =
        Some(Dkim { domain: "a.example".parse().unwrap(), selector: "s".parse().unwrap(), key_file: "k".into() });
    everything.approve = from_text("[[approve]]\nperiod = '2026-10'\naccounts = ['1']\n").unwrap().approve;
    everything.rerun = from_text("[[rerun]]\nid = 'x'\nperiod = '2026-10'\nreason = 'r'\n").unwrap().rerun;
    // Whose mappings have keys of their own.
    let intake = uncommented(&SHIPPED[SHIPPED.find("#[[intake]]").unwrap()..]);
    // No such file is here.
    let intake: Vec<&str> = intake.lines().filter(|line| !line.starts_with("token_file")).collect();
    everything.intake = from_text(&intake.join("\n")).unwrap().intake;
    let mut in_schema = BTreeSet::from(["archive.options.aws_region".to_owned()]);
    collect_schema(&Value::serialize(&everything).unwrap(), "", &mut in_schema);
    assert_eq!(in_file, in_schema);

    let lines: Vec<&str> = SHIPPED.lines().collect();
    for pair in lines.windows(2) {
        let is_setting = uncommented(pair[1]).split_once(" = ").is_some_and(|(key, _)| !key.contains([' ', '#']));
        let is_explained = pair[0].starts_with('#');
        assert!(!is_setting || is_explained, "{} has no words before it", pair[1]);
    }
}

fn collect_toml(item: &toml_edit::Item, path: &str, keys: &mut BTreeSet<String>) {
    if let Some(tables) = item.as_array_of_tables() {
        for (key, below) in tables.iter().flat_map(|table| table.iter()) {
            match below.as_inline_table() {
                Some(table) => keys.extend(table.iter().map(|(inner, _)| format!("{path}{key}.{inner}"))),
                None => drop(keys.insert(format!("{path}{key}"))),
            }
        }
    } else if let Some(table) = item.as_table() {
        table.iter().for_each(|(key, below)| collect_toml(below, &format!("{path}{key}."), keys));
    } else {
        keys.insert(path.trim_end_matches('.').to_owned());
    }
}

fn collect_schema(value: &Value, path: &str, keys: &mut BTreeSet<String>) {
    match value {
        Value::Dict(_, dict) => {
            for (key, below) in dict {
                collect_schema(below, &format!("{path}{key}."), keys);
            }
        }
        Value::Array(_, values) if matches!(values.first(), Some(Value::Dict(..))) => {
            for below in values {
                collect_schema(below, path, keys);
            }
        }
        _ => {
            keys.insert(path.trim_end_matches('.').to_owned());
        }
    }
}

#[test]
fn the_examples_in_the_shipped_file_can_be_used() {
    let folder = Folder::new();
    let examples = uncommented(SHIPPED).replace("token_file = \"/etc/statementd/cloud.token\"\n", "");
    let text = with_files_in(&folder, &examples);
    // Of these pairs either may be set.
    let text = text.replace("url = \"sqlite://var/statementd.db\"\n", "").replace("password = \"secret\"\n", "");
    let text = text.replace("url = \"file:var/archive\"", "url = \"s3://bucket\"");
    if cfg!(feature = "dkim") {
        from_text(&text).unwrap();
        return;
    }
    let errors = from_text(&text).unwrap_err().to_string();
    let refused: Vec<_> = errors.lines().filter(|line| !line.ends_with("is refused:")).collect();
    assert_eq!(refused.len(), 1, "{errors}");
    assert!(refused[0].contains("mail.dkim") && refused[0].contains("--features dkim"), "{errors}");
}

#[test]
#[cfg(feature = "dkim")]
fn a_key_that_signs_nothing_is_refused_with_the_configuration_and_not_repeated() {
    let folder = Folder::new();
    let key = folder.file("dkim.pem", &DKIM_KEY.replace("MC4C", "MC4B"));
    let text = format!("[mail.dkim]\ndomain = 'a.example'\nselector = 's'\nkey_file = '{}'\n", key.display());
    let errors = from_text(&text).unwrap_err().to_string();
    assert!(errors.contains("mail.dkim.key_file"), "{errors}");
    assert!(!errors.contains("MC4"), "{errors}");
    folder.file("dkim.pem", DKIM_KEY);
    from_text(&text).unwrap();
}

#[test]
fn the_production_example_can_be_used() {
    let folder = Folder::new();
    let config = from_text(&with_files_in(&folder, EXAMPLE)).unwrap();
    assert_eq!(config.mail.port(), 587);
    assert_eq!(config.mail.transport, TransportKind::Smtp);
    assert!(config.database.url.expose().starts_with("postgres://"));
}

/// Makes the files that `text` names under /etc/statementd, and points it there.
fn with_files_in(folder: &Folder, text: &str) -> String {
    std::fs::create_dir(folder.0.path().join("secrets")).unwrap();
    for name in ["secrets/mail-password", "mail-ca.pem", "logo.svg", "passwords.txt", "secrets/second-factor"] {
        folder.file(name, "content");
    }
    folder.file("secrets/dkim.pem", DKIM_KEY);
    folder.file("archive-ca.pem", include_str!("ca.pem"));
    folder.file("secrets/database-url", "postgres://statementd:PASSWORD@db.internal/statementd");
    text.replace("/etc/statementd", folder.0.path().to_str().unwrap())
}
