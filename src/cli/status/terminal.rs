//! `status` on a terminal: fitted to its width, coloured if wanted, refreshed on request.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::reading::{Scope, Status};
use crate::app::App;
use crate::cli::Exit;
use crate::cli::output::in_full;
use crate::jobs::{PARTS_AGE, look_at_parts};

/// How often `--watch` looks.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Below this, wrapping makes nothing readable.
const NARROWEST: usize = 40;
/// Switches to the alternate screen, so that the terminal's content is there again afterwards, and hides the cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";
const HOME: &str = "\x1b[H";
/// Clears the rest of a line, of the screen: nothing flickers, as it would if all were cleared first.
const REST_OF_LINE: &str = "\x1b[K";
const REST_OF_SCREEN: &str = "\x1b[J";

/// Restores the terminal, however watching ends.
struct Screen;

impl Screen {
    /// `None` if the output is no terminal.
    fn enter() -> anyhow::Result<Option<Self>> {
        if !std::io::stdout().is_terminal() {
            return Ok(None);
        }
        write(ENTER)?;
        Ok(Some(Self))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Errors are ignored: a terminal that has gone need not be restored.
        let _ = write(LEAVE);
    }
}

/// Shows the state until interrupted, also while the database is away.
pub(super) async fn watch(app: &App, scope: &Scope, all: bool) -> anyhow::Result<Exit> {
    let screen = Screen::enter()?;
    let mut terminated = signal(SignalKind::terminate())?;
    let (mut parts, mut looked) = (Vec::new(), None::<Instant>);
    loop {
        if looked.is_none_or(|looked| looked.elapsed() > PARTS_AGE) {
            (parts, looked) = (look_at_parts(&app.context).await, Some(Instant::now()));
        }
        let (text, exit) = match Status::read(app, scope).await {
            Ok(status) => {
                let status = status.with_parts(parts.clone());
                (status.render(all), status.exit())
            }
            Err(error) => (format!("Needs attention:\n  {}", in_full(&error)), Exit::Failed),
        };
        let now = app.context.clock.now().format("%Y-%m-%d %H:%M:%S UTC");
        let text = dressed(&format!("{now}, every {} s; Ctrl-C ends\n\n{text}", LOOK_AGAIN.as_secs()));
        write(&if screen.is_some() { on_screen(&text, rows()) } else { format!("{text}\n\n") })?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => {
                interrupted?;
                return Ok(exit);
            }
            _ = terminated.recv() => return Ok(exit),
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
    }
}

fn write(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Written over what is on the screen. What is below the last row cannot be scrolled to, so a line says that there is
/// more.
fn on_screen(text: &str, rows: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let shown = if lines.len() <= rows { lines.len() } else { rows.saturating_sub(1) };
    let more = (shown < lines.len()).then(|| format!("… {} more lines", lines.len() - shown));
    let lines = lines.into_iter().take(shown).chain(more.as_deref());
    let lines: Vec<_> = lines.map(|line| format!("{line}{REST_OF_LINE}")).collect();
    format!("{HOME}{}{REST_OF_SCREEN}", lines.join("\r\n"))
}

/// As many as there can be, where the terminal does not say.
fn rows() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stdout());
    size.map(|size| usize::from(size.ws_row)).ok().filter(|rows| *rows > 0).unwrap_or(usize::MAX)
}

/// Unchanged if the output is no terminal, for example a pipe.
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
    fn watching_writes_over_what_stood_there_and_no_lower_than_the_last_row() {
        assert_eq!(on_screen("a\nb\nc", 3), "\x1b[Ha\x1b[K\r\nb\x1b[K\r\nc\x1b[K\x1b[J");
        assert_eq!(on_screen("a\nb\nc", 2), "\x1b[Ha\x1b[K\r\n… 2 more lines\x1b[K\x1b[J");
    }

    #[test]
    fn colour_says_what_the_words_say() {
        assert_eq!(painted("\nNeeds attention:\n  x"), "\n\x1b[1;31mNeeds attention:\x1b[0m\n  x");
        assert_eq!(painted("Deliveries: none"), "Deliveries: none");
    }
}
