//! `import convert`: what a reader makes of a file.

use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;

use super::{Exit, GlobalOptions};
use crate::config::{Config, named_reader};
use crate::intake::readers::{Reader, ReaderSettings, Source};
use crate::jobs::{self, Converted};
use crate::store::Directory;

/// How many unusable items are listed one by one.
const REFUSED_TOLD: usize = 10;

#[derive(Debug, Args)]
#[command(after_help = "\
Rows go to stdout, counts by reason to stderr; nothing is stored. Service types are found by the access numbers that
were imported; rows without one have their number in the column access_number.

Readers: freeswitch-conference, asterisk-cel, asterisk-cdr, cisco-meeting-server, delimited, json, xml; presets: freepbx,
freeswitch-cdr-json, freeswitch-cdr-xml, jitsi, pexip, teams-graph, teams-pstn, twilio, zoom-telephone; or the name of an [[intake]].

Examples:
  statementd import convert --reader freeswitch-conference 0f2f7f7a.cdr.xml
  statementd import convert --reader bridge1 Master.csv > usage.csv")]
pub struct ConvertArgs {
    /// A reader, a preset, or the name of an [[intake]]
    #[arg(long, value_name = "NAME")]
    pub reader: String,
    /// The file, as it is or compressed by gzip; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

pub async fn convert(globals: &GlobalOptions, args: ConvertArgs, json: bool) -> anyhow::Result<Exit> {
    let reader = reader_of(&globals.config()?, &args.reader)?;
    let known = known(globals).await;
    let file = args.file.display().to_string();
    let converting = tokio::task::spawn_blocking(move || {
        let source = if args.file.as_os_str() == "-" {
            Source::of_input("standard input", &mut io::stdin().lock())?
        } else {
            Source::of_path(&args.file)
        };
        let mut output = BufWriter::new(io::stdout().lock());
        let converted = jobs::convert(&reader, &source, &known, &mut output)?;
        output.flush()?;
        anyhow::Ok(converted)
    });
    let converted = converting.await?.with_context(|| file.clone())?;
    if json {
        tell_as_json(&file, &converted);
    } else {
        tell(&file, &converted);
    }
    let needs_a_person = converted.unpriced > 0 || converted.counts.rows == 0 || !converted.refused.is_empty();
    Ok(Exit::attention_if(needs_a_person))
}

/// What `name` means in this configuration.
pub(super) fn reader_of(config: &Config, name: &str) -> anyhow::Result<Reader> {
    let source = config.intake.iter().find(|source| source.name.to_string() == name);
    let reader = match source {
        Some(source) => source.reader(),
        None => named_reader(name, &ReaderSettings::default()),
    };
    match reader {
        Ok(Some(reader)) => Ok(reader),
        Ok(None) => bail!("the reader {name} reads the contract's own CSV: there is nothing to convert"),
        Err(why) => bail!("--reader {name}: {why}; give it in an [[intake]] of the configuration"),
    }
}

/// The access numbers, where there is a database; a file can be looked at without one.
async fn known(globals: &GlobalOptions) -> Directory {
    let Ok(app) = globals.open().await else { return Directory::default() };
    let known = async { app.context.store.read().await?.master().directory().await };
    let known = known.await.unwrap_or_default();
    app.close().await;
    known
}

#[expect(clippy::print_stderr, reason = "the counts that stand beside the rows on stdout")]
fn tell(file: &str, converted: &Converted) {
    eprintln!("{file}: {} rows", converted.counts.rows);
    for (reason, count) in &converted.counts.skipped {
        eprintln!("{file}: {count} skipped: {reason}");
    }
    for item in converted.refused.iter().take(REFUSED_TOLD) {
        eprintln!("{file}: line {}: {}", item.line, item.reason);
    }
    if !converted.refused.is_empty() {
        eprintln!("{file}: {} items cannot be used", converted.refused.len());
    }
    if converted.waiting > 0 {
        eprintln!("{file}: {} legs whose end has not come", converted.waiting);
    }
    if converted.unpriced > 0 {
        eprintln!(
            "{file}: {} rows have no service type: import access-numbers, or set the reader's default",
            converted.unpriced
        );
    }
    if let Some(doubt) = &converted.counts.doubt {
        eprintln!("{file}: {}", doubt.words);
    }
}

#[expect(clippy::print_stderr, reason = "the counts that stand beside the rows on stdout")]
fn tell_as_json(file: &str, converted: &Converted) {
    let refused = converted.refused.iter().map(|item| json!({ "line": item.line, "reason": item.reason }));
    let report = json!({
        "file": file, "rows": converted.counts.rows, "skipped": converted.counts.skipped,
        "refused": refused.collect::<Vec<_>>(), "waiting": converted.waiting, "without_service_type": converted.unpriced,
        "warning": converted.counts.doubt.as_ref().map(|doubt| &doubt.words),
    });
    eprintln!("{report}");
}
