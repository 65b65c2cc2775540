//! The manual is true: its pages and links exist, its commands parse, its configuration is accepted, its metrics
//! exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Parser;
use regex::Regex;
use statementd::app;
use statementd::cli::Cli;
use statementd::config::Sources;
use statementd::jobs::Topic;

use crate::help::leaves_of;
use crate::support::Program;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// (file name, text) of the manual's pages and of the README.
fn pages() -> Vec<(String, String)> {
    let pages = std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = pages.filter(|page| page.extension().is_some_and(|ending| ending == "md")).collect();
    pages.push(root().join("README.md"));
    pages.sort();
    pages
        .into_iter()
        .map(|page| {
            (page.strip_prefix(root()).unwrap().display().to_string(), std::fs::read_to_string(&page).unwrap())
        })
        .collect()
}

/// The blocks of a page that begin with ```` ```language ````.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut inside: Option<bool> = None;
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), inside) {
            (Some(named), None) => {
                inside = Some(named == language);
                if named == language {
                    blocks.push(String::new());
                }
            }
            (Some(_), Some(_)) => inside = None,
            (None, Some(true)) => {
                let block = blocks.last_mut().unwrap();
                block.push_str(line.trim_start());
                block.push('\n');
            }
            (None, _) => {}
        }
    }
    blocks
}

#[test]
fn every_page_is_in_the_table_of_contents_and_every_link_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)#\s]+)(#[^)]*)?\)").unwrap();
    let mut listed = BTreeSet::new();
    for (page, text) in pages() {
        let folder = root().join(&page).parent().unwrap().to_owned();
        for found in link.captures_iter(&text) {
            let target = &found[1];
            if !target.contains("://") {
                assert!(folder.join(target).exists(), "{page}: {target} is not there");
                if page == "docs/SUMMARY.md" {
                    listed.insert(format!("docs/{target}"));
                }
            }
        }
    }
    let there: BTreeSet<_> = pages()
        .into_iter()
        .map(|(page, _)| page)
        .filter(|page| page.starts_with("docs/") && page != "docs/SUMMARY.md")
        .collect();
    assert_eq!(there, listed);
}

#[test]
fn every_command_of_the_manual_parses() {
    let mut commands = 0;
    for (page, text) in pages() {
        for line in blocks(&text, "sh").iter().flat_map(|block| block.lines()) {
            let line = line.split(" #").next().unwrap().trim();
            let line = line.strip_prefix("sudo -u statementd ").unwrap_or(line);
            if !line.starts_with("statementd ") {
                continue;
            }
            let words = shell_words(line);
            if let Err(error) = Cli::try_parse_from(&words) {
                panic!("{page}: {line}\n{error}");
            }
            commands += 1;
        }
    }
    assert!(commands > 30, "{commands}");
}

/// With all sources that the page configures at once, so that a reader may be one of them.
#[test]
fn every_reader_that_the_page_of_bridges_tries_gives_the_rows_beside_its_sample() {
    let page = std::fs::read_to_string(root().join("docs/bridges.md")).unwrap();
    let program = Program::with(&blocks(&page, "toml").concat());
    let mut tried = BTreeSet::new();
    for line in blocks(&page, "sh").iter().flat_map(|block| block.lines()) {
        let words = shell_words(line);
        let Some([.., option, reader, file]) = words.get(..).filter(|words| words.contains(&"convert".to_owned()))
        else {
            continue;
        };
        assert_eq!(option, "--reader", "{line}");
        let sample = root().join(file);
        let run = program.run(&["import", "convert", "--reader", reader, &sample.display().to_string()]);
        assert!([0, 3].contains(&run.status), "{line}\n{}", run.stderr);
        let legs = |csv: &str| -> Vec<String> {
            csv.lines()
                .skip(1)
                .map(|row| row.split(',').next().unwrap().trim_start_matches("north/").to_owned())
                .collect()
        };
        let expected = std::fs::read_to_string(sample.with_file_name("expected.csv")).unwrap();
        let (given, wanted) = (legs(&run.stdout), legs(&expected));
        assert!(
            !given.is_empty() && given.iter().all(|leg| wanted.contains(leg)),
            "{line}\n{}{}",
            run.stdout,
            run.stderr
        );
        if reader == "pbx" {
            let shown = blocks(&page, "text").concat();
            assert_eq!(std::fs::read_to_string(&sample).unwrap(), shown, "the sample is not what the page shows");
            assert!(
                expected.starts_with(run.stdout.lines().next().unwrap()) && run.stdout.contains("LOCAL"),
                "{}",
                run.stdout
            );
        }
        tried.insert(reader.clone());
    }
    for reader in [
        "freeswitch-conference",
        "freepbx-paris",
        "zoom-telephone",
        "pexip-north",
        "teams-pstn",
        "teams-graph",
        "pbx",
    ] {
        assert!(tried.contains(reader), "{reader}: {tried:?}");
    }
}

/// Words as a shell would make them of a line without variables.
fn shell_words(line: &str) -> Vec<String> {
    let word = Regex::new(r#""([^"]*)"|'([^']*)'|(\S+)"#).unwrap();
    word.captures_iter(line)
        .map(|found| found.get(1).or(found.get(2)).or(found.get(3)).unwrap().as_str().to_owned())
        .collect()
}

#[test]
fn every_configuration_of_the_manual_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = folder.path().display().to_string();
    std::fs::write(folder.path().join("s3-key"), "secret\n").unwrap();
    std::fs::write(folder.path().join("mail-password"), "secret\n").unwrap();
    std::fs::write(folder.path().join("database-url"), "postgres://statementd:secret@db.internal/statementd\n")
        .unwrap();
    let mut accepted = 0;
    for (page, text) in pages() {
        for block in blocks(&text, "toml").iter().filter(|block| !block.contains("{{#include")) {
            let file = folder.path().join("statementd.toml");
            std::fs::write(&file, block.replace("/etc/statementd/secrets", &secrets)).unwrap();
            let sources = Sources::isolated().with_files([file]);
            if let Err(errors) = app::load(&sources) {
                panic!("{page}:\n{block}\n{errors}");
            }
            accepted += 1;
        }
    }
    assert!(accepted > 5, "{accepted}");
}

/// A reader who goes live writes one file, block by block.
#[test]
fn the_settings_of_going_live_make_up_one_file() {
    let text = std::fs::read_to_string(root().join("docs/going-live.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("statementd.toml");
    std::fs::write(&file, blocks(&text, "toml").concat()).unwrap();
    if let Err(errors) = app::load(&Sources::isolated().with_files([file])) {
        panic!("{errors}");
    }
}

/// What is past due closes and is mailed by the first tick: usage comes before it.
#[test]
fn the_manual_starts_the_daemon_after_everything_that_it_must_not_miss() {
    let text = |page: &str| std::fs::read_to_string(root().join("docs").join(page)).unwrap();
    let in_order = |page: &str, first: &str, then: &str| {
        let text = text(page);
        let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("{page} says nothing of {what}"));
        assert!(place(first) < place(then), "{page}: {first} comes before {then}");
    };
    in_order("installing.md", "Do not start the daemon yet", "systemctl enable --now");
    in_order("going-live.md", "import usage", "systemctl enable --now");
    in_order("backup.md", "import usage", "Start the daemon");
    in_order("configuration.md", "`/etc/statementd/statementd.toml`", "`./statementd.toml`");
    // After a restore nearly all that is held has been sent.
    assert!(!blocks(&text("backup.md"), "sh").concat().contains("release --period"));
}

/// (name, required) of the columns that a section of "Files in" lists.
fn columns_of(section: &str) -> Vec<(String, String)> {
    let row = Regex::new(r"^\| (`[^|]+`) \| (yes|column|no) \|").unwrap();
    let name = Regex::new("`([a-z_]+)`").unwrap();
    let rows = section.lines().filter_map(|line| row.captures(line));
    rows.flat_map(|found| {
        let required = found[2].to_owned();
        let names: Vec<_> =
            name.captures_iter(&found[1]).map(|name| (name[1].to_owned(), required.clone())).collect();
        names
    })
    .collect()
}

#[test]
fn a_file_needs_the_columns_that_the_manual_says_and_no_others() {
    let text = std::fs::read_to_string(root().join("docs/files-in.md")).unwrap();
    let program = Program::new();
    program.import_sample();
    let mut kinds = 0;
    for section in text.split("\n## ").skip(1) {
        let kind = section.lines().next().unwrap();
        let needed: Vec<String> =
            columns_of(section).into_iter().filter(|(_, required)| required != "no").map(|(name, _)| name).collect();
        let import = |columns: &[&str]| {
            let file = program.write("columns.csv", format!("{}\n", columns.join(",")));
            program.run(&["import", kind, &file])
        };
        let all: Vec<&str> = needed.iter().map(String::as_str).collect();
        assert!(all.len() > 1, "{kind}: {all:?}");
        let whole = import(&all);
        assert_eq!(whole.status, 0, "{kind}: {}", whole.stderr);
        for missing in &all {
            let others: Vec<&str> = all.iter().copied().filter(|column| column != missing).collect();
            let refused = import(&others).stderr;
            assert!(refused.contains(missing), "{kind} without {missing}: {refused}");
        }
        kinds += 1;
    }
    assert_eq!(kinds, 6);
}

#[test]
fn every_command_is_in_the_table_of_commands() {
    let text = std::fs::read_to_string(root().join("docs/commands.md")).unwrap();
    let table: String = text.split("\n## ").next().unwrap().to_owned();
    let mut definition = statementd::cli::definition();
    definition.build();
    for (words, _) in leaves_of(&definition) {
        let mut words = words.split(' ').skip(1);
        let first = words.next().unwrap();
        if ["completions", "man", "portal", "templates", "config"].contains(&first) {
            continue;
        }
        let names = |row: &&str| row.split('|').nth(1).is_some_and(|cell| cell.contains(&format!("`{first}")));
        let row = table.lines().find(names);
        let row = row.unwrap_or_else(|| panic!("{first} is missing"));
        // The first two columns of "import rejects list".
        for word in words.take(1) {
            assert!(row.contains(word), "{first} {word} is missing: {row}");
        }
    }
}

#[test]
fn the_manual_lists_the_topics_of_what_needs_a_person() {
    let text = std::fs::read_to_string(root().join("docs/metrics.md")).unwrap();
    let row = text.lines().find(|line| line.contains("statementd_attention`") && line.contains("topic")).unwrap();
    for topic in Topic::ALL {
        assert!(row.contains(&format!("`{}`", topic.word())), "{}", topic.word());
    }
}

#[test]
fn the_manual_lists_the_metrics_that_there_are() {
    let name = Regex::new(r"statementd_[a-z_]+").unwrap();
    let names = |file: &Path| -> BTreeSet<String> {
        name.find_iter(&std::fs::read_to_string(file).unwrap()).map(|found| found.as_str().to_owned()).collect()
    };
    let source = names(&root().join("src/daemon/metrics.rs"));
    assert_eq!(names(&root().join("docs/metrics.md")), source);
}
