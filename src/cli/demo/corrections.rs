//! Corrections for `demo --serve` to show: two prices that were wrong, and a message that bounced.
//!
//! March is corrected by a rerun that was rehearsed and then applied, April by one that is only rehearsed so far. The
//! month that the mini-guide shows is unchanged: from May on the prices are the old ones.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use super::sample::ACCOUNT;
use crate::app::{App, Trigger};
use crate::cli::close::whole_job;
use crate::domain::{Period, RerunSend, RerunState, RerunWhat};
use crate::intake::Kind;
use crate::jobs;
use crate::jobs::{RerunOrder, Selection};
use crate::store::DeliveryFilter;

/// Web calls of March, and toll-free access of April.
const PRICES: &str = "\
tariff,service_type,label,currency,rate_per_minute,increment_seconds,minimum_seconds,valid_from,label.fr
BASE-EUR,WEB,Web call,EUR,0.05,1,0,2009-03-01,Appel web
BASE-EUR,WEB,Web call,EUR,0.06,1,0,2009-04-01,Appel web
BASE-EUR,TOLLFREE,Toll-free access,EUR,0.119,1,0,2009-04-01,Numéro vert
BASE-EUR,TOLLFREE,Toll-free access,EUR,0.129,1,0,2009-05-01,Numéro vert
";
const REHEARSED: (&str, &str, &str) =
    ("2009-04-toll-free", "2009-04", "Toll-free access was offered at 0.119 € a minute in April");
const APPLIED: (&str, &str, &str) =
    ("2009-03-web-calls", "2009-03", "Web calls were offered at 0.05 € a minute in March");
/// Whose message of the last closed month comes back, and what the mail server there says.
const GONE: &str = "jb.codeau@phoenix.example";
const ANSWER: &str = "550 5.1.1 no such user here";

/// Where mail systems report what they could not deliver, below the demo's folder.
pub(super) fn bounces(folder: &Path) -> String {
    folder.join("bounces").display().to_string()
}

pub(super) async fn correct(app: &mut App, folder: &Path, through: &Selection) -> anyhow::Result<()> {
    let prices = folder.join("sample/tariffs-corrected.csv");
    std::fs::write(&prices, PRICES).with_context(|| prices.display().to_string())?;
    let (store, clock) = (app.context.store.clone(), app.context.clock);
    jobs::import_file(&store, clock, app.limits(), (Kind::Tariffs, &prices), &|_| {}).await?;
    for state in [RerunState::Rehearse, RerunState::Apply] {
        let mut settings = (*app.context.settings).clone();
        settings.reruns = vec![order(APPLIED, state)?, order(REHEARSED, RerunState::Rehearse)?];
        app.context.settings = Arc::new(settings);
        let _lock = store.lock_closing().await?;
        jobs::run_reruns(&app.context, &|| true).await?;
    }
    if let Some(period) = through.through {
        let chosen =
            DeliveryFilter { period: Some(period), recipient: Some(GONE.parse()?), ..DeliveryFilter::default() };
        let sent = store.read().await?.deliveries().list(&chosen).await?;
        let report = sent.first().map(|delivery| report(&delivery.message_id)).unwrap_or_default();
        std::fs::write(bounces(folder), report).with_context(|| bounces(folder))?;
    }
    let round = whole_job(app, Trigger::Command, through, true).await;
    round.error.map_or(Ok(()), |error| Err(anyhow::anyhow!(error)))
}

fn order((id, period, reason): (&str, &str, &str), state: RerunState) -> anyhow::Result<RerunOrder> {
    Ok(RerunOrder {
        id: id.parse()?,
        period: period.parse::<Period>()?,
        accounts: vec![ACCOUNT.parse()?],
        reason: reason.to_owned(),
        state,
        what: RerunWhat::Figures,
        send: RerunSend::Changed,
        recipients: Vec::new(),
    })
}

/// An mbox with the report of failure (RFC 3464) that a mail system sends.
fn report(message_id: &str) -> String {
    format!(
        "From MAILER-DAEMON Sun May  3 06:00:00 2009\nFrom: MAILER-DAEMON@mx.phoenix.example\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\n\n--B\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.phoenix.example\n\n\
         Final-Recipient: rfc822; {GONE}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; {ANSWER}\n\n--B\n\
         Content-Type: text/rfc822-headers\n\nMessage-ID: <{message_id}>\n\n--B--\n\n"
    )
}
