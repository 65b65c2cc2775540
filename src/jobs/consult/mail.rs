//! Mail about passwords: who gets one is found out here, not where it was asked for, so that known and unknown
//! addresses are answered alike. `mail.redirect_to` and `mail.only` hold as for statements.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{EmailAddress, LocaleTag, Mailbox};
use crate::jobs::deliver::{compose, signer};
use crate::jobs::{Context, JobError};
use crate::mail::{EmailBody, EmailContent, Failure, MailSender, Message, Transport, message_id_of};
use crate::render::{MailBody, PasswordMail};
use crate::store::{MailState, PortalMail, PortalMailKind};
use crate::token::Token;

/// After this, a process that claimed a message and noted no result is taken for dead.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// A message is tried again after this, and then after twice as long each time.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
/// Given up after this many attempts: a link asked for in vain is asked for again.
const ATTEMPTS: i64 = 8;

/// How an attempt ended, and when there is another.
type Ending = (MailState, Option<String>, Option<DateTime<Utc>>);

/// Sends what is due; returns how many messages went out.
pub async fn send_portal_mail(context: &Context, keep_going: &(impl Fn() -> bool + Sync)) -> Result<u64, JobError> {
    let mut sent = 0;
    if matches!(*context.transport, Transport::Off) {
        return Ok(sent);
    }
    while keep_going() {
        let now = context.clock.now();
        if !context.store.read().await?.portal_mail().has_due_mail(now).await? {
            break;
        }
        let mut tx = context.store.write().await?;
        let claimed = tx.portal_mail().claim_mail(now, LEASE).await?;
        tx.commit().await?;
        let Some(mail) = claimed else { break };
        let (state, answer, next) = attempt(context, &mail, now).await?;
        sent += u64::from(state == MailState::Sent);
        let mut tx = context.store.write().await?;
        tx.portal_mail().settle_mail(&mail, (state, answer.as_deref()), next, now).await?;
        tx.commit().await?;
    }
    Ok(sent)
}

async fn attempt(context: &Context, mail: &PortalMail, now: DateTime<Utc>) -> Result<Ending, JobError> {
    let Some((locale, body)) = body_of(context, mail, now).await? else {
        return Ok((MailState::Nothing, None, None));
    };
    let to = context.settings.mail.redirect_to.as_ref().unwrap_or(&mail.address);
    if !compose::is_listed(to, &context.settings) {
        return Ok((MailState::Held, Some("mail.only does not list the recipient's domain".to_owned()), None));
    }
    let message = message(context, mail, (&locale, to), body)?;
    let failure = match MailSender::send_one(Arc::clone(&context.transport), message).await {
        Ok(answer) => return Ok((MailState::Sent, Some(answer), None)),
        Err(failure) => failure,
    };
    let is_over = matches!(failure, Failure::Refused(_)) || mail.attempts >= ATTEMPTS;
    if is_over {
        return Ok((MailState::Failed, Some(failure.to_string()), None));
    }
    let doubled = i32::try_from(mail.attempts - 1).unwrap_or(0).min(10);
    Ok((MailState::Queued, Some(failure.to_string()), Some(now + FIRST_WAIT * 2_i32.pow(doubled.unsigned_abs()))))
}

/// The message, in the account's language; `None` if no one is to get it.
async fn body_of(
    context: &Context,
    mail: &PortalMail,
    now: DateTime<Utc>,
) -> Result<Option<(LocaleTag, MailBody)>, JobError> {
    let rules = &context.settings.portal;
    let Some(url) = &rules.url else { return Ok(None) };
    let place = {
        let mut tx = context.store.read().await?;
        match mail.kind {
            PortalMailKind::Changed => tx.portal().places(&mail.address, now).await?.into_iter().next(),
            _ => tx.portal().place_named(&mail.address, &mail.number, now).await?,
        }
    };
    let Some(place) = place else { return Ok(None) };
    let number = match &place.room {
        Some((room, _)) => room.grouped(),
        None => place.account.to_string(),
    };
    let said = match mail.kind {
        PortalMailKind::Changed => PasswordMail::Changed { link: format!("{url}/password/forgot") },
        PortalMailKind::Invite => {
            let (link, expires) = new_link(context, (&mail.address, url), now + rules.invite_valid).await?;
            PasswordMail::Invite { link, expires }
        }
        PortalMailKind::Forgotten => {
            let (link, expires) = new_link(context, (&mail.address, url), now + rules.link_valid).await?;
            PasswordMail::Forgotten { link, expires }
        }
    };
    let body = context.renderer.password_mail(&place.locale, &number, &said)?;
    Ok(Some((place.locale, body)))
}

/// A link for the person with this address, who is made known where they are not.
async fn new_link(
    context: &Context,
    (address, url): (&EmailAddress, &str),
    expires: DateTime<Utc>,
) -> Result<(String, DateTime<Utc>), JobError> {
    let token = Token::random().map_err(JobError::Randomness)?;
    let mut tx = context.store.write().await?;
    let person = tx.portal_people().person_or_new(address).await?;
    tx.portal_sessions().insert_link(&token.sha256(), person, expires).await?;
    tx.commit().await?;
    Ok((format!("{url}/password/{}", token.expose()), expires))
}

fn message(
    context: &Context,
    mail: &PortalMail,
    (locale, to): (&LocaleTag, &EmailAddress),
    body: MailBody,
) -> Result<Message, JobError> {
    let rules = &context.settings.mail;
    // Another attempt has another link, and is another message.
    let identity = format!("portal {} {} {}", mail.kind.as_str(), mail.key, mail.attempts);
    let message_id = message_id_of(context.store.message_key()?, &rules.from, &identity);
    let subject = match rules.redirect_to {
        Some(_) => format!("[{}] {}", mail.address, body.subject),
        None => body.subject,
    };
    let email = EmailContent {
        message_id: &message_id,
        date: mail.queued_at,
        from: &rules.from,
        reply_to: rules.reply_to.as_ref(),
        to: &Mailbox { name: None, address: to.clone() },
        language: locale.as_str(),
        subject: &subject,
        body: &EmailBody::new(&body.text, &body.html),
        attachments: &[],
    };
    let file_stem = format!("portal-{}-{}", mail.kind.as_str(), &message_id[..compose::FILE_DIGITS]);
    Ok(email.compose(file_stem, signer(context)?.as_ref())?)
}
