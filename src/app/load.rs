//! Loading the configuration, with what only the parts can tell about its values.

use crate::archive::{Archive, ArchiveError, Cloud};
use crate::config::{Config, ConfigErrors, FilePath, Findings, Loaded, Sources};
use crate::mail::{Signer, Transport};

use super::intake::source;
use super::parts::transport;
use super::rules::mail_rules;

/// The configuration that `sources` make up, with its secrets read; or everything that is wrong with it.
pub fn load(sources: &Sources) -> Result<Config, ConfigErrors> {
    load_with_origins(sources).map(|loaded| loaded.config)
}

/// Like [`load`], with where each value came from.
pub fn load_with_origins(sources: &Sources) -> Result<Loaded, ConfigErrors> {
    Loaded::load(sources, check_parts)
}

fn check_parts(config: &mut Config, is_sound: &dyn Fn(&str) -> bool, findings: &mut Findings) {
    if is_sound("mail") {
        check_mail(config, findings);
    }
    if is_sound("intake") {
        check_intake(config, findings);
    }
    check_archive(config, is_sound("archive"), findings);
}

fn check_mail(config: &Config, findings: &mut Findings) {
    if let Transport::Smtp(settings) = transport(config)
        && settings.ca_file.is_some()
        && let Err(why) = settings.try_tls()
    {
        findings.add("mail.ca_file", format!("cannot be used: {why}"));
    }
    // In a build that cannot sign, the setting was refused before.
    if let Some(dkim) = mail_rules(config).dkim.filter(|_| cfg!(feature = "dkim"))
        && let Err(why) = Signer::try_key(&dkim)
    {
        findings.add("mail.dkim.key_file", why);
    }
}

fn check_intake(config: &Config, findings: &mut Findings) {
    for (index, intake) in config.intake.iter().enumerate() {
        if let Err(why) = source(intake, config) {
            let (key, why) = why.split_once(": ").unwrap_or(("reader", &why));
            findings.add_at(&["intake", &index.to_string(), key], why);
        }
    }
}

/// Checks the kind of store whatever else is wrong, then its options, then builds the store as it will be used.
fn check_archive(config: &mut Config, is_sound: bool, findings: &mut Findings) {
    let archive = &mut config.archive;
    if archive.url.folder().is_some() {
        if is_sound {
            archive.settle_options("local", |_| false, findings);
        }
        return;
    }
    let cloud = match Cloud::of(archive.url.as_str()) {
        Ok(cloud) => cloud,
        Err(why) => return findings.add("archive.url", why),
    };
    if !is_sound {
        return;
    }
    let before = findings.count();
    archive.settle_options(cloud.name(), |name| cloud.knows_option(name), findings);
    if findings.count() > before {
        return;
    }
    let ca_file = archive.ca_file.as_ref().map(FilePath::as_path);
    let opened = Archive::open_trusting(archive.url.as_str(), &archive.exposed_options(), ca_file);
    if let Err(ArchiveError::BadUrl { why, .. }) = opened {
        match why.strip_prefix("archive.options.").and_then(|rest| rest.split_once(' ')) {
            Some((name, why)) => findings.add_at(&["archive", "options", name], why),
            None => findings.add("archive", format!("cannot be used: {why}")),
        }
    }
}
