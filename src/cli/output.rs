//! Results on stdout: tables for people, JSON for scripts.

use std::io::{ErrorKind, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

/// The first error of stdout, if there was one.
static TROUBLE: OnceLock<std::io::Error> = OnceLock::new();

/// JSON was printed: a second value would make both unreadable.
static IS_TOLD: AtomicBool = AtomicBool::new(false);

/// Writes a line, or several, to stdout. A reader that has gone cuts no work short: [`unwritten`] tells at the end.
#[expect(clippy::unnecessary_wraps, reason = "called as all that writes output is, and where that ends a command")]
pub fn print(text: impl AsRef<str>) -> anyhow::Result<()> {
    if TROUBLE.get().is_none() {
        let mut out = std::io::stdout().lock();
        if let Err(error) = writeln!(out, "{}", text.as_ref()).and_then(|()| out.flush()) {
            let _ = TROUBLE.set(error);
        }
    }
    Ok(())
}

/// Why what was printed did not all get out; a reader that had seen enough, as `head` has, is no reason.
pub fn unwritten() -> Option<&'static std::io::Error> {
    TROUBLE.get().filter(|error| error.kind() != ErrorKind::BrokenPipe)
}

pub fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    IS_TOLD.store(true, Ordering::Relaxed);
    print(text)
}

/// Why a command failed that was asked for JSON: an object with `error`, unless what it came to was printed before.
pub fn print_failure(error: &anyhow::Error) {
    if !IS_TOLD.load(Ordering::Relaxed) {
        let _ = print_json(&serde_json::json!({ "error": in_full(error) }));
    }
}

/// A line on stderr for a person who waits at a terminal.
pub fn say(text: impl AsRef<str>) {
    // With stderr closed there is no one to tell.
    let _ = writeln!(std::io::stderr(), "{}", text.as_ref());
}

/// Why a command failed.
pub fn complain(error: &anyhow::Error) {
    say(format!("statementd: {}", in_full(error)));
}

/// An error with its causes, each said once: many a library's error repeats its cause.
pub fn in_full(error: &anyhow::Error) -> String {
    let mut told = String::new();
    // What a store said has been explained by the error around it, and can be a page of XML.
    let causes = error.chain().take_while(|cause| !cause.is::<object_store::Error>());
    for cause in causes.map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.contains(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

/// The reader of the output has seen enough, for example `head`.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Columns padded to their widest cell, two spaces apart.
pub struct Table {
    right_aligned: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A heading that begins with `>` is set to the right, like its column.
    pub fn new(headings: &[&str]) -> Self {
        Self {
            right_aligned: headings.iter().map(|heading| heading.starts_with('>')).collect(),
            rows: vec![headings.iter().map(|heading| heading.trim_start_matches('>').to_owned()).collect()],
        }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }

    pub fn render(&self) -> String {
        let widths: Vec<usize> = (0..self.right_aligned.len())
            .map(|column| {
                self.rows.iter().map(|row| row.get(column).map_or(0, |cell| cell.width())).max().unwrap_or(0)
            })
            .collect();
        let lines: Vec<String> = self.rows.iter().map(|row| self.line(row, &widths)).collect();
        lines.join("\n")
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let cells = row.iter().zip(widths).zip(&self.right_aligned).map(|((cell, width), right)| {
            let padding = " ".repeat(width - cell.width());
            if *right { format!("{padding}{cell}") } else { format!("{cell}{padding}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_that_was_said_is_not_said_again() {
        let error = anyhow::anyhow!("os error 2").context("database: os error 2").context("cannot be opened");
        assert_eq!(in_full(&error), "cannot be opened: database: os error 2");
    }

    #[test]
    fn columns_line_up_with_wide_characters_and_numbers_to_the_right() {
        let mut table = Table::new(&["Name", ">Charge"]);
        table.row(["株式会社".into(), "9".into()]);
        table.row(["Leo".into(), "132,07 €".into()]);
        assert_eq!(table.render(), "Name        Charge\n株式会社         9\nLeo       132,07 €");
    }
}
