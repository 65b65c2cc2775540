//! Sources of usage, from `[[intake]]`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{Config, Intake, OWN_CSV, Secret};
use crate::intake::readers::{self, Reader};
use crate::jobs::{After, IntakeRules, Place, UsageSource};

use super::limits::limits;

/// A token that is shorter can be guessed.
const SHORTEST_TOKEN: usize = 16;

/// The rules by which the daemon takes usage in.
pub(super) fn intake_rules(config: &Config) -> IntakeRules {
    // Cannot fail: invalid sources were refused when the configuration was loaded.
    let sources = config.intake.iter().filter_map(|intake| source(intake, config).ok()).collect();
    IntakeRules { sources, limits: limits(config) }
}

/// The source that an `[[intake]]` names; the error begins with the wrong setting and a colon.
pub(super) fn source(intake: &Intake, config: &Config) -> Result<UsageSource, String> {
    let place = match intake.from.as_deref() {
        None => Place::Commands,
        Some(from) => Place::parse(from, &store_options(intake, config)).map_err(|why| format!("from: {why}"))?,
    };
    let reader = match intake.reader()? {
        Some(reader) => reader,
        None => readers::preset(OWN_CSV).ok_or("reader: is missing")?.and_then(|own| Reader::new(&own))?,
    };
    check(intake, &place, &reader)?;
    Ok(UsageSource {
        name: intake.name.to_string(),
        reader: Arc::new(reader),
        place,
        follow: intake.follow,
        after: after(intake.after.as_deref().unwrap_or("keep"))?,
        settle: intake.settle,
        expect_every: intake.expect_every.map(Into::into),
        token: intake.token.as_ref().map(|token| token.as_secret().clone()),
    })
}

/// Its own, or those of the archive.
fn store_options(intake: &Intake, config: &Config) -> BTreeMap<String, String> {
    let own = intake.options.iter().map(|(name, value)| (name.clone(), value.expose().to_owned()));
    if intake.options.is_empty() { config.archive.exposed_options() } else { own.collect() }
}

fn check(intake: &Intake, place: &Place, reader: &Reader) -> Result<(), String> {
    let token = intake.token.as_ref().map(Secret::expose);
    let moves = intake.after.as_deref().is_some_and(|after| after != "keep");
    let why = match place {
        Place::Http if token.is_none() => "token: is missing, or token_file: anyone who knows the address could post",
        Place::Http if token.is_some_and(|token| token.len() < SHORTEST_TOKEN) => {
            "token: is shorter than 16 characters"
        }
        Place::Http if intake.follow || moves => "from: follow and after are for files",
        Place::Objects { .. } if intake.follow => "follow: an object never grows",
        Place::Commands if intake.follow || moves => "from: is missing",
        _ if intake.follow && !reader.can_follow() => "follow: this reader takes whole files only",
        _ if intake.follow && moves => "after: a file that grows is never done with",
        _ => return Ok(()),
    };
    Err(why.to_owned())
}

fn after(text: &str) -> Result<After, String> {
    match text.split_once(':') {
        None if text == "keep" => Ok(After::Keep),
        None if text == "delete" => Ok(After::Delete),
        Some(("move", folder)) if !folder.is_empty() && !folder.starts_with('.') => {
            Ok(After::Move(folder.to_owned()))
        }
        _ => Err(format!("after: must be \"keep\", \"delete\" or \"move:FOLDER\", not {text:?}")),
    }
}
