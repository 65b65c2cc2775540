//! `demo --serve`: the sample online, on a loopback address, as of an evening in May 2009.
//!
//! Three months are closed and mailed, May is running: what the mini-guide shows. For the operator's own people there
//! is more to see (`corrections`). The passwords are made up anew each time.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::corrections;
use super::sample::{ACCOUNT, sources, write_sample};
use crate::app::{self, App, Trigger};
use crate::cli::Exit;
use crate::cli::close::whole_job;
use crate::cli::output::{Table, print, say};
use crate::clock::Clock;
use crate::daemon::Signals;
use crate::domain::EmailAddress;
use crate::jobs;
use crate::jobs::Selection;
use crate::portal::{Portal, passwords};
use crate::token::Token;

/// 22:00 in Paris.
const EVENING: &str = "2009-05-31T20:00:00Z";
const LAST_CLOSED: &str = "2009-04";
/// Who signs in with which number: the account's owner, and the cardholder of its busiest room.
const PEOPLE: [(&str, &str); 2] =
    [(ACCOUNT, "compta@phoenix.example"), ("332703", "mariline.ballester@phoenix.example")];
/// Of the operator's own people.
const STAFF: &str = "finance@meetingone.example";
/// Characters of a password that is made up.
const PASSWORD: usize = 20;

pub(super) async fn serve(folder: &Path, listen: SocketAddr) -> anyhow::Result<Exit> {
    if !listen.ip().is_loopback() {
        bail!("--listen {listen} is no loopback address: the sample is for this machine only");
    }
    let mut signals = Signals::new()?;
    let clock = Clock::starting_at(EVENING.parse()?);
    // A free port is known only once it is taken, and links need it.
    let listen = match listen.port() {
        0 => std::net::TcpListener::bind(listen)?.local_addr()?,
        _ => listen,
    };
    let url = format!("http://{listen}");
    let sources = sources(folder)
        .with("portal.listen", listen.to_string())
        .with("portal.url", url.clone())
        .with("mail.bounces", corrections::bounces(folder))
        .with("portal.staff", STAFF);
    let mut app = App::open(app::load(&sources)?, clock, true).await?;
    let closed = Selection { through: Some(LAST_CLOSED.parse()?), accounts: Vec::new() };
    close_sample(&app, folder, &closed).await?;
    corrections::correct(&mut app, folder, &closed).await?;
    let (context, mail, stop) = (app.context.clone(), Arc::new(Notify::new()), CancellationToken::new());
    let parts = Box::new(move || context.clone());
    let portal = Portal::bind(listen, &app.config.portal, parts, Arc::clone(&mail)).await?;
    let mut table = Table::new(&["NUMBER", "USER NAME", "PASSWORD"]);
    for (number, address) in PEOPLE {
        table.row([number.to_owned(), address.to_owned(), new_password(&app, &address.parse()?).await?]);
    }
    print(format!("{url}/sign-in\n\n{}", table.render()))?;
    let link = staff_link(&app, &url).await?;
    print(format!(
        "For {STAFF}, once (asks for an app for one-time codes):\n{link}\n\nCtrl-C ends it. Mail: {}/mail",
        folder.display()
    ))?;
    let serving = tokio::spawn(portal.serve(stop.clone()));
    tokio::select! {
        () = signals.next() => {}
        () = send_mail(&app, &mail) => {}
    }
    stop.cancel();
    serving.await.context("the online consultation stopped")?;
    app.close().await;
    Ok(Exit::Done)
}

async fn close_sample(app: &App, folder: &Path, closed: &Selection) -> anyhow::Result<()> {
    let sample = write_sample(folder).with_context(|| format!("{} cannot be written", folder.display()))?;
    let bounces = corrections::bounces(folder);
    std::fs::write(&bounces, "").with_context(|| bounces.clone())?;
    for (kind, file) in sample {
        jobs::import_file(&app.context.store, app.context.clock, app.limits(), (kind, &file), &|_| {}).await?;
    }
    let round = whole_job(app, Trigger::Command, closed, true).await;
    say(round.summary());
    if let Some(error) = round.error {
        anyhow::bail!(error);
    }
    Ok(())
}

/// Sets a password that no one knew before.
async fn new_password(app: &App, address: &EmailAddress) -> anyhow::Result<String> {
    let token = Token::random()?;
    let password = &token.expose()[..PASSWORD];
    let kept = passwords::hash(password)?;
    let mut tx = app.context.store.write().await?;
    let person = tx.portal_people().person_or_new(address).await?;
    tx.portal_people().set_password(person, &kept, app.context.clock.now()).await?;
    tx.commit().await?;
    Ok(password.to_owned())
}

/// Where the operator's own people set a password and a second factor.
async fn staff_link(app: &App, url: &str) -> anyhow::Result<String> {
    let (token, address) = (Token::random()?, STAFF.parse()?);
    let expires = app.context.clock.now() + app.context.settings.portal.invite_valid;
    let mut tx = app.context.store.write().await?;
    let person = tx.staff_people().person_or_new(&address).await?;
    tx.staff_people().reset(person).await?;
    tx.staff_sessions().insert_link(&token.sha256(), person, expires).await?;
    tx.commit().await?;
    Ok(format!("{url}/staff/link/{}", token.expose()))
}

/// Messages about passwords go into the folder as they are asked for.
async fn send_mail(app: &App, wake: &Notify) {
    loop {
        wake.notified().await;
        if let Err(error) = jobs::send_portal_mail(&app.context, &|| true).await {
            tracing::error!("A message about a password could not be sent: {error}");
        }
    }
}
