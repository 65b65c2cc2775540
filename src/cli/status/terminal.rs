//! What `status` tells, dressed for a terminal: its width, colour where it is wanted, again and again on request.

use std::io::IsTerminal;
use std::time::Duration;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::reading::Status;
use crate::app::App;
use crate::cli::Exit;
use crate::cli::output::print;
use crate::domain::Period;

/// How often `--watch` looks.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Below this, wrapping makes nothing readable.
const NARROWEST: usize = 40;
const CLEAR: &str = "\x1b[H\x1b[2J\x1b[3J";

/// Shows the state until interrupted.
pub(super) async fn watch(app: &App, period: Option<Period>) -> anyhow::Result<Exit> {
    let clear = if std::io::stdout().is_terminal() { CLEAR } else { "" };
    loop {
        let status = Status::read(app, period).await?;
        let now = app.context.clock.now().format("%Y-%m-%d %H:%M:%S UTC");
        print(format!(
            "{clear}{now}, every {} s; Ctrl-C ends\n\n{}",
            LOOK_AGAIN.as_secs(),
            dressed(&status.render())
        ))?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => {
                interrupted?;
                return Ok(Exit::attention_if(status.needs_attention()));
            }
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
    }
}

/// As it is where nobody looks, as through a pipe.
pub(super) fn dressed(text: &str) -> String {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return text.to_owned();
    }
    let width = rustix::termios::tcgetwinsize(&stdout).map_or(0, |size| usize::from(size.ws_col));
    let fitted = if width < NARROWEST { text.to_owned() } else { fitted(text, width) };
    let unwanted = |name: &str, value: &str| {
        std::env::var(name).is_ok_and(|set| !set.is_empty() && (value.is_empty() || set == value))
    };
    if unwanted("NO_COLOR", "") || unwanted("TERM", "dumb") { fitted } else { painted(&fitted) }
}

/// List entries are wrapped, rows of a table cut.
fn fitted(text: &str, width: usize) -> String {
    let lines = text.lines().map(|line| match line {
        _ if line.width() <= width => line.to_owned(),
        _ if line.starts_with("  ") => wrapped(line, width),
        _ => cut(line, width),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn wrapped(line: &str, width: usize) -> String {
    let (mut lines, mut current) = (Vec::new(), " ".to_owned());
    for word in line.split_whitespace() {
        if current.width() + 1 + word.width() > width && !current.trim().is_empty() {
            lines.push(std::mem::replace(&mut current, "   ".to_owned()));
        }
        current.push(' ');
        current.push_str(word);
    }
    lines.push(current);
    lines.join("\n")
}

fn cut(line: &str, width: usize) -> String {
    let (mut cut, mut room) = (String::new(), width - 1);
    for char in line.chars() {
        let wide = char.width().unwrap_or(0);
        if wide > room {
            break;
        }
        room -= wide;
        cut.push(char);
    }
    cut.push('…');
    cut
}

fn painted(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let style = match line {
            _ if line.starts_with("Needs attention") => "1;31",
            _ if line.starts_with("Nothing needs attention") => "32",
            _ if line.starts_with("PERIOD") => "1",
            _ => return line.to_owned(),
        };
        format!("\x1b[{style}m{line}\x1b[0m")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_terminal_and_no_word_of_a_list_is_lost() {
        let text = "PERIOD   CLOSED  ARCHIVE MANIFEST of some length\n  account 602127, 2009-05, parked: no tariff has a row for 株式会社 from 2009-05-01 on";
        let fitted = fitted(text, 40);
        assert!(fitted.lines().all(|line| line.width() <= 40), "{fitted}");
        let words =
            |text: &str| text.lines().skip(1).flat_map(str::split_whitespace).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&fitted), words(text));
        assert!(fitted.starts_with("PERIOD   CLOSED  ARCHIVE MANIFEST of so…\n"), "{fitted}");
    }

    #[test]
    fn colour_says_what_the_words_say() {
        assert_eq!(painted("\nNeeds attention:\n  x"), "\n\x1b[1;31mNeeds attention:\x1b[0m\n  x");
        assert_eq!(painted("Deliveries: none"), "Deliveries: none");
    }
}
