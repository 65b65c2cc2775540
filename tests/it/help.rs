//! Help fits a terminal of 80 columns, describes everything, and shows each command at work.

use clap::Command;
use statementd::cli;

/// Every command that can be run, with its words.
fn leaves(command: &Command, words: &str, found: &mut Vec<(String, Command)>) {
    let children: Vec<_> = command.get_subcommands().filter(|child| child.get_name() != "help").collect();
    if children.is_empty() {
        found.push((words.to_owned(), command.clone()));
    }
    for child in children {
        leaves(child, &format!("{words} {}", child.get_name()), found);
    }
}

/// Every command that can be run, with its words from `statementd` on.
pub(crate) fn leaves_of(root: &Command) -> Vec<(String, Command)> {
    let mut found = Vec::new();
    leaves(root, "statementd", &mut found);
    found
}

fn all() -> Vec<(String, Command)> {
    let mut root = cli::definition();
    root.build();
    let found = leaves_of(&root);
    assert!(found.len() > 40, "{}", found.len());
    found
}

#[test]
fn no_line_is_wider_than_80_columns() {
    for (words, mut command) in all() {
        let help = command.render_long_help().to_string();
        let wide: Vec<&str> = help.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "{words}: {wide:#?}");
    }
}

#[test]
fn every_option_is_described_and_the_common_ones_stand_apart() {
    for (words, command) in all() {
        for argument in command.get_arguments() {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!help.trim().is_empty(), "{words}: {} has no description", argument.get_id());
        }
        let heading = |name: &str| {
            command.get_arguments().find(|argument| argument.get_id() == name).and_then(|it| it.get_help_heading())
        };
        for common in ["config", "log", "verbose", "quiet", "no_migrate"] {
            assert_eq!(heading(common), Some("Global options"), "{words}: --{common}");
        }
    }
}

#[test]
fn every_command_has_examples_of_its_own() {
    let mut seen = std::collections::HashMap::new();
    for (words, command) in all() {
        let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(text.contains("Example"), "{words} has no example");
        let examples = text.lines().filter(|line| line.starts_with("  ") && line.contains("statementd "));
        let shows_it = |line: &str| words.split(' ').all(|word| line.split(' ').any(|shown| shown == word));
        assert!(examples.clone().any(shows_it), "{words}: another command's example\n{text}");
        for example in examples {
            if let Some(other) = seen.insert(example.to_owned(), words.clone()) {
                assert_eq!(other, words, "the same example twice: {example}");
            }
        }
    }
}
