//! The second factor: asked for after the password, set up and taken away by the person themselves.
//!
//! A code counts once; twenty wrong ones in a row, and only a recovery code helps, or a new password by a link.

use axum::http::StatusCode;
use chrono::TimeDelta;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::respond::{Refusal, html, see_other, with_status};
use super::visit::{Answer, Visit};
use super::{client, session};
use crate::jobs::Context;
use crate::render::{FormPage, Message, SecondFactorPage};
use crate::second_factor::{SecondFactor, SecondFactorError, SecondFactorKey, recovery_codes, recovery_digest};
use crate::store::PersonKey;
use crate::token::Token;

/// How long a right password waits for the second factor.
pub(super) const VALID: TimeDelta = TimeDelta::minutes(10);
/// Wrong codes in a row after which only a recovery code helps.
pub(super) const MOST_FAILURES: i64 = 20;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CodeForm {
    pub(super) code: String,
}

/// Whether a person has to give a second factor.
pub(super) async fn is_required(context: &Context, person: PersonKey) -> Result<bool, Refusal> {
    let kept = context.store.read_for_people().await?.portal_people().second_factor(person).await?;
    Ok(kept.is_some_and(|kept| kept.is_confirmed))
}

/// The next page for a person whose password was right: the one that asks for the second factor.
pub(super) async fn challenge(visit: &Visit, person: PersonKey, target: &str) -> Answer {
    let token = Token::random().map_err(|error| Refusal::Broken(error.to_string()))?;
    let mut tx = visit.context.store.write().await?;
    tx.portal_people().insert_challenge(&token.sha256(), (person, target), visit.context.clock.now() + VALID).await?;
    tx.commit().await?;
    let mut response = see_other("/sign-in/code");
    let lasts = VALID.to_std().ok();
    let cookie = (session::challenge_cookie(&visit.shared), token.expose());
    session::set_cookie(&mut response, &visit.shared, cookie, lasts);
    Ok(response)
}

pub(super) async fn code_form(visit: &Visit) -> Answer {
    match owing(visit).await? {
        Some(_) => code_page(visit, None),
        None => Ok(see_other("/sign-in")),
    }
}

/// A code of the app, or a recovery code: begins the session.
pub(super) async fn give_code(visit: &Visit) -> Answer {
    let Some((token, person, target)) = owing(visit).await? else { return Ok(see_other("/sign-in")) };
    let form: CodeForm = visit.form()?;
    visit.shared.throttle.second_factor(&token.sha256())?;
    if !verify(&visit.context, person, &form.code).await? {
        return code_page(visit, Some(Message::CodeWrong));
    }
    let mut tx = visit.context.store.write().await?;
    tx.portal_people().end_challenge(&token.sha256()).await?;
    tx.commit().await?;
    let mut response = session::begin(visit, person, &target).await?;
    let cookie = (session::challenge_cookie(&visit.shared), "");
    session::set_cookie(&mut response, &visit.shared, cookie, Some(std::time::Duration::ZERO));
    Ok(response)
}

/// Whether a code of the app, or a recovery code, is right; it is used up then.
pub(super) async fn verify(context: &Context, person: PersonKey, code: &str) -> Result<bool, Refusal> {
    let now = context.clock.now();
    let mut tx = context.store.write().await?;
    let Some(kept) = tx.portal_people().second_factor(person).await?.filter(|kept| kept.is_confirmed) else {
        return Ok(false);
    };
    let is_right = if let Some(digest) = recovery_digest(code) {
        tx.portal_people().use_recovery_code(person, &digest, now).await?
    } else if kept.failures >= MOST_FAILURES {
        false
    } else {
        let secret = SecondFactor::open(&kept.sealed, &key(context)?, &person.name())?;
        match secret.step_of(code)? {
            Some(step) => tx.portal_people().use_second_factor(person, step).await?,
            None => false,
        }
    };
    if !is_right {
        tx.portal_people().count_wrong_code(person).await?;
    }
    tx.commit().await?;
    Ok(is_right)
}

/// What one has, and what can be done about it.
pub(super) async fn page(visit: &Visit) -> Answer {
    let person = visit.viewer()?.person();
    let mut tx = visit.context.store.read_for_people().await?;
    let left = tx.portal_people().recovery_codes_left(person).await?;
    let page = match tx.portal_people().second_factor(person).await? {
        Some(kept) if kept.is_confirmed => SecondFactorPage::On { left },
        _ => SecondFactorPage::Off,
    };
    show(visit, &page, None)
}

/// Proposes a secret, which is in force once a code of it was right.
pub(super) async fn begin(visit: &Visit) -> Answer {
    let person = visit.viewer()?.person();
    let secret = SecondFactor::generate()?;
    let sealed = secret.seal(&key(&visit.context)?, &person.name())?;
    let mut tx = visit.context.store.write().await?;
    let is_proposed = tx.portal_people().propose_second_factor(person, &sealed).await?;
    tx.commit().await?;
    if !is_proposed {
        return page(visit).await;
    }
    show(visit, &proposed(visit, &secret)?, None)
}

pub(super) async fn confirm(visit: &Visit) -> Answer {
    let person = visit.viewer()?.person();
    let form: CodeForm = visit.form()?;
    visit.shared.throttle.second_factor(visit.viewer()?.token_sha256())?;
    let kept = visit.context.store.read_for_people().await?.portal_people().second_factor(person).await?;
    let Some(kept) = kept.filter(|kept| !kept.is_confirmed) else {
        return Ok(with_status(StatusCode::UNPROCESSABLE_ENTITY, page(visit).await?));
    };
    let now = visit.context.clock.now();
    let secret = SecondFactor::open(&kept.sealed, &key(&visit.context)?, &person.name())?;
    let Some(step) = secret.step_of(&form.code)? else {
        return show(visit, &proposed(visit, &secret)?, Some(Message::CodeWrong));
    };
    let codes = recovery_codes()?;
    let digests: Vec<String> = codes.iter().filter_map(|code| recovery_digest(code)).collect();
    let mut tx = visit.context.store.write().await?;
    let is_confirmed = tx.portal_people().confirm_second_factor(person, (step, &digests), now).await?;
    tx.commit().await?;
    if !is_confirmed {
        return page(visit).await;
    }
    show(visit, &SecondFactorPage::Codes { codes }, None)
}

/// Takes it away, for a person who has it at hand.
pub(super) async fn remove(visit: &Visit) -> Answer {
    let person = visit.viewer()?.person();
    let form: CodeForm = visit.form()?;
    visit.shared.throttle.second_factor(visit.viewer()?.token_sha256())?;
    if !verify(&visit.context, person, &form.code).await? {
        let left = visit.context.store.read_for_people().await?.portal_people().recovery_codes_left(person).await?;
        return show(visit, &SecondFactorPage::On { left }, Some(Message::CodeWrong));
    }
    let mut tx = visit.context.store.write().await?;
    tx.portal_people().forget_second_factor(person).await?;
    tx.commit().await?;
    show(visit, &SecondFactorPage::Off, None)
}

fn proposed(visit: &Visit, secret: &SecondFactor) -> Result<SecondFactorPage, Refusal> {
    let address = visit.viewer()?.address().to_string();
    let uri = secret.uri(visit.context.renderer.brand_name(), &address);
    Ok(SecondFactorPage::Proposed { secret: secret.text(), uri })
}

fn show(visit: &Visit, page: &SecondFactorPage, error: Option<Message>) -> Answer {
    let response = html(visit.context.renderer.second_factor_page(&visit.frame, page, error)?);
    Ok(if error.is_some() { with_status(StatusCode::UNPROCESSABLE_ENTITY, response) } else { response })
}

fn code_page(visit: &Visit, error: Option<Message>) -> Answer {
    let response = html(visit.context.renderer.form_page(&visit.frame, &FormPage::Code, error)?);
    Ok(if error.is_some() { with_status(StatusCode::UNAUTHORIZED, response) } else { response })
}

/// The person who has to give the second factor in this browser.
async fn owing(visit: &Visit) -> Result<Option<(Token, PersonKey, String)>, Refusal> {
    let token = client::cookie(&visit.headers, session::challenge_cookie(&visit.shared)).and_then(Token::parse);
    let Some(token) = token else { return Ok(None) };
    let now = visit.context.clock.now();
    let found = visit.context.store.read_for_people().await?.portal_people().challenge(&token.sha256(), now).await?;
    Ok(found.map(|(person, target)| (token, person, target)))
}

/// The key that seals and opens second factors.
pub(super) fn key(context: &Context) -> Result<SecondFactorKey, Refusal> {
    let own = context.settings.portal.second_factor_key.as_ref().map(|key| key.expose_secret());
    Ok(SecondFactorKey::new(context.store.message_key()?, own))
}

impl From<SecondFactorError> for Refusal {
    fn from(error: SecondFactorError) -> Self {
        Self::Broken(error.to_string())
    }
}
