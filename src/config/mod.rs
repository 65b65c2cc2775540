//! Configuration: one file per section, each with its fields, their defaults, and what they must fulfil.
//!
//! Later wins: built-in defaults, files in order, `STATEMENTD__SECTION__KEY` environment variables, flags. Only the
//! `[[rerun]]`, `[[approve]]` and `[[intake]]` tables of all files are kept together. What is unknown or wrong is
//! refused with its key, value and place, all of it in one go. Relative paths start at the working directory.
//!
//! Reading order: `sources`, `layers` (one tree per source), `load` (trees to a checked [`Config`]), the sections,
//! `setting` and `values` (how single values are read), `effective` (what is in force, what a reload changed).

mod archive;
mod billing;
mod bounds;
mod brand;
mod database;
mod default_file;
mod effective;
mod findings;
mod http;
mod intake;
mod layers;
mod load;
mod log;
mod mail;
mod operations;
mod portal;
mod privacy;
mod problem;
mod rerun;
mod schedule;
mod setting;
mod source_file;
mod sources;
mod statements;
#[cfg(test)]
mod tests;
mod values;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use archive::{Archive, ArchiveUrl, StoreOption};
pub use billing::{Billing, LateUsageKind, RecodedKind};
pub use bounds::{Approve, Factor, Limit};
pub use brand::Brand;
pub use database::{Database, DatabaseUrl};
pub use findings::Findings;
pub use http::{Http, Listen};
pub use intake::{Intake, OWN_CSV, named_reader};
pub use load::{Loaded, PartsCheck};
pub use log::{Log, LogForm, LogLevel};
pub use mail::{Dkim, Mail, TransportKind};
pub use operations::Operations;
pub use portal::{Network, Portal};
pub use privacy::Privacy;
pub use problem::{ConfigErrors, Origin, Problem};
pub use rerun::Rerun;
pub use schedule::{CronPattern, Schedule, ScheduleZone};
pub use sources::Sources;
pub use statements::Statements;
pub use values::{ByteSize, FilePath, Interval, Secret};

/// Everything that can be set; [`Default`] is what holds without any file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub database: Database,
    pub archive: Archive,
    pub mail: Mail,
    pub schedule: Schedule,
    pub billing: Billing,
    pub statements: Statements,
    pub brand: Brand,
    pub privacy: Privacy,
    pub http: Http,
    pub portal: Portal,
    pub operations: Operations,
    pub log: Log,
    /// In the order of the files.
    pub rerun: Vec<Rerun>,
    pub approve: Vec<Approve>,
    pub intake: Vec<Intake>,
    /// Which of `WHERE_THINGS_GO` a file, variable or flag sets.
    #[serde(skip)]
    pub named: Named,
}

/// Keys that were set somewhere. Two configurations with the same values are the same, wherever they were set.
#[derive(Debug, Clone, Default)]
pub struct Named(pub Vec<&'static str>);

impl PartialEq for Named {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The keys that say where state, files and mail go. Removing one from the files must not silently bring its default
/// back.
const WHERE_THINGS_GO: [&str; 4] = ["database.url", "archive.url", "mail.transport", "mail.dir"];

impl Config {
    /// Refuses `newer` where it no longer names what this one names of `WHERE_THINGS_GO`.
    pub fn refuse_disappeared(&self, newer: &Self) -> Result<(), String> {
        // A folder that no mail goes to any more may be forgotten.
        let is_needed = |key: &str| key != "mail.dir" || newer.mail.transport == TransportKind::File;
        let gone = self.named.0.iter().filter(|key| is_needed(key) && !newer.named.0.contains(key));
        let gone: Vec<&str> = gone.copied().collect();
        if gone.is_empty() {
            return Ok(());
        }
        Err(format!(
            "it no longer sets {}, which would fall back to the built-in default: write down what is meant",
            gone.join(", ")
        ))
    }

    /// The files whose content belongs to the configuration: secrets, keys, certificates, the logo.
    pub fn named_files(&self) -> impl Iterator<Item = &Path> {
        let dkim_key = self.mail.dkim.as_ref().map(|dkim| &dkim.key_file);
        let optional = [
            self.database.url_file.as_ref(),
            self.mail.password_file.as_ref(),
            self.mail.ca_file.as_ref(),
            self.archive.ca_file.as_ref(),
            dkim_key,
            self.brand.logo.as_ref(),
        ];
        let tokens = self.intake.iter().map(|intake| intake.token_file.as_ref());
        optional.into_iter().chain(tokens).flatten().map(FilePath::as_path)
    }

    /// What is allowed and probably not meant, as sentences.
    pub fn doubts(&self, now: chrono::DateTime<chrono::Utc>) -> Vec<String> {
        let mut doubts = Vec::new();
        if let Some(times) = self.schedule.skips_months(now) {
            let times: Vec<_> =
                times.iter().map(|time| time.naive_local().format("%Y-%m-%d %H:%M").to_string()).collect();
            let (close, times) = (&self.schedule.close, times.join(", "));
            doubts.push(format!(
                "schedule.close = \"{close}\" skips months: it next means {times} ({})",
                self.schedule.time_zone
            ));
        }
        if let Some((wanted, instead)) = self.schedule.overruled_by_grace(now) {
            let [wanted, instead] = [wanted, instead].map(|time| time.format("%Y-%m-%d %H:%M").to_string());
            let (close, zone) = (&self.schedule.close, &self.schedule.time_zone);
            doubts.push(format!(
                "schedule.close = \"{close}\" means {wanted} ({zone}), when schedule.grace has not passed: months close \
                 when it has, at {instead}"
            ));
        }
        if self.mail.transport == TransportKind::Smtp {
            if self.mail.from.to_string().contains("@localhost") {
                let from = &self.mail.from;
                doubts.push(format!("mail.from = \"{from}\" is no address that anyone outside can answer to"));
            }
            if self.operations.notify.is_empty() {
                doubts.push("operations.notify is empty: no one gets a mail when something needs a person".into());
            }
        }
        if let Some(bounces) = self.mail.bounces.as_ref().filter(|path| !path.as_path().exists()) {
            doubts.push(format!("mail.bounces = \"{bounces}\" is not there yet: an mbox comes with its first mail, if the path is right; until then bounced mail is not noticed"));
        }
        doubts
    }

    /// Lets each section for which `wanted` says so check its values, and read the secrets that it names.
    fn check(&mut self, wanted: impl Fn(&str) -> bool, findings: &mut Findings) {
        type Check<'a> = (&'static str, Box<dyn FnMut(&mut Findings) + 'a>);
        let sections: [Check<'_>; 10] = [
            ("database", Box::new(|findings| self.database.check(findings))),
            ("mail", Box::new(|findings| self.mail.check(findings))),
            ("schedule", Box::new(|findings| self.schedule.check(findings))),
            ("billing", Box::new(|findings| self.billing.check(findings))),
            ("statements", Box::new(|findings| self.statements.check(findings))),
            ("brand", Box::new(|findings| self.brand.check(findings))),
            ("portal", Box::new(|findings| self.portal.check(findings))),
            ("rerun", Box::new(|findings| Rerun::check_all(&self.rerun, findings))),
            ("approve", Box::new(|findings| Approve::check_all(&self.approve, findings))),
            ("intake", Box::new(|findings| Intake::check_all(&mut self.intake, findings))),
        ];
        for (_, mut check) in sections.into_iter().filter(|(section, _)| wanted(section)) {
            check(findings);
        }
    }
}
