//! The parts: database, archive, transport of mail, renderer.

use std::sync::Arc;

use anyhow::Context as _;

use crate::archive::{Archive, ArchiveError};
use crate::clock::Clock;
use crate::config::{self, Config, FilePath, TransportKind};
use crate::domain::MailDomain;
use crate::jobs::{Actor, Context};
use crate::mail::{MailFolder, SmtpSettings, Transport, Waits};
use crate::render::{Brand, RenderOptions, Renderer};
use crate::store::Store;

use super::rules::{portal_url, settings};

/// Why a command that only reads ends at once.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} is not there yet: \"statementd import …\", \"statementd migrate\" or \"statementd run\" make it. If there should be one, look at \
     database.url, --config and the folder in which this was run"
)]
pub struct NoDatabaseYet(String);

/// Refuses a database that is not there yet, or holds nothing of this program's, so that a typing error makes no new
/// one.
pub async fn require_database(config: &Config) -> anyhow::Result<()> {
    if let Some(file) = config.database.file()
        && !file.exists()
    {
        return Err(NoDatabaseYet(format!("the database {}", file.display())).into());
    }
    let store = open_store(config).await?;
    let has_schema = store.has_schema().await;
    store.close().await;
    if has_schema? {
        Ok(())
    } else {
        Err(NoDatabaseYet(format!("a schema in the database {}", config.database.url)).into())
    }
}

pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    let opened = Store::open(config.database.url()).await;
    let named =
        || format!("the database {} cannot be opened (see [database] in the configuration)", config.database.url);
    Ok(opened.with_context(named)?.with_lease(config.database.lease))
}

/// Everything but the database, which outlives a change of configuration.
pub fn context(config: &Config, store: Store, clock: Clock) -> anyhow::Result<Context> {
    let renderer = Renderer::new(&render_options(config)).context("statements cannot be rendered")?;
    Ok(Context {
        store,
        archive: open_archive(config)?,
        renderer: Arc::new(renderer),
        transport: Arc::new(transport(config)),
        clock,
        settings: Arc::new(settings(config)),
        actor: Actor::at_the_command_line(),
    })
}

pub fn open_archive(config: &Config) -> Result<Archive, ArchiveError> {
    let ca_file = config.archive.ca_file.as_ref().map(FilePath::as_path);
    Archive::open_trusting(config.archive.url.as_str(), &config.archive.exposed_options(), ca_file)
}

/// Where messages go.
pub fn transport(config: &Config) -> Transport {
    let mail = &config.mail;
    match (mail.transport, &mail.host) {
        (TransportKind::File, _) => Transport::File(MailFolder::at(mail.dir.to_path_buf())),
        (TransportKind::Smtp, Some(host)) => Transport::Smtp(SmtpSettings {
            host: host.clone(),
            port: mail.port(),
            tls: mail.tls,
            username: mail.username.as_ref().map(ToString::to_string),
            password: mail.password.as_ref().map(|password| password.as_secret().clone()),
            ca_file: mail.ca_file.as_ref().map(|file| file.to_path_buf()),
            helo: mail.helo.as_ref().map(MailDomain::ascii),
            waits: Waits::default(),
        }),
        // Always set: without a host the configuration is refused.
        (TransportKind::Smtp, None) | (TransportKind::Off, _) => Transport::Off,
    }
}

/// How statements look.
pub fn render_options(config: &Config) -> RenderOptions {
    RenderOptions {
        callers: config.statements.callers,
        headings: config.statements.headings,
        templates: config.statements.templates_folder(),
        brand: brand(&config.brand),
        portal_url: portal_url(&config.portal),
    }
}

fn brand(brand: &config::Brand) -> Brand {
    Brand {
        name: brand.name.to_string(),
        support_email: brand.support_email.as_ref().map(ToString::to_string),
        support_phone: brand.support_phone.as_ref().map(ToString::to_string),
        website: brand.website.clone(),
        logo: brand.logo.as_ref().map(FilePath::to_path_buf),
        colour: brand.colour,
        legal: brand.legal.as_ref().map(ToString::to_string),
        locale: Some(brand.locale.clone()),
    }
}
