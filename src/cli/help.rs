//! How help looks: 80 columns wide, the options that all commands share apart from a command's own.
//!
//! Texts are written in the source without regard to the width: paragraphs are joined here, and clap breaks them
//! where they end.

use clap::Command;

/// A line that is longer than this is hard to read, and many terminals are no wider.
const WIDTH: usize = 80;

/// The command line that `definition` is, for example `--help`, completions and man pages show it.
pub(super) fn shown(definition: Command) -> Command {
    tidy(definition.max_term_width(WIDTH))
}

fn tidy(command: Command) -> Command {
    let text = command.get_after_help().map(|text| joined(&text.to_string()));
    let command = match text {
        Some(text) => command.after_help(text),
        None => command,
    };
    command.mut_subcommands(tidy)
}

/// Paragraphs as one line each; what is indented, or heads such lines, stays as it is.
fn joined(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let is_list = paragraph.lines().any(|line| line.starts_with("  "));
        if is_list { paragraph.to_owned() } else { paragraph.lines().collect::<Vec<_>>().join(" ") }
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_joined_and_examples_left_alone() {
        let text = "One\ntwo.\n\nExamples:\n  a\n  b";
        assert_eq!(joined(text), "One two.\n\nExamples:\n  a\n  b");
    }
}
