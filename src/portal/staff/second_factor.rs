//! The second factor, which no one of the staff goes without: set up after the first password, asked for after each
//! other.
//!
//! A code counts once; twenty wrong ones in a row, and only a recovery code helps, or `portal staff reset`.

use axum::http::StatusCode;

use super::session;
use super::visit::{StaffVisit, is_named};
use crate::domain::EmailAddress;
use crate::jobs::Context;
use crate::portal::client;
use crate::portal::respond::{Refusal, see_other, with_status};
use crate::portal::second_factor::{CodeForm, MOST_FAILURES, VALID, key};
use crate::portal::session::set_cookie;
use crate::portal::visit::Answer;
use crate::render::{Message, StaffForm};
use crate::second_factor::{SecondFactor, recovery_codes, recovery_digest};
use crate::store::StaffKey;
use crate::token::Token;

/// A person who gave a right password.
struct Owing {
    token: Token,
    person: StaffKey,
    address: EmailAddress,
    target: String,
}

/// The next page for a person whose password was right: the one that asks for the second factor, or sets it up.
pub(super) async fn challenge(visit: &StaffVisit, person: StaffKey, target: &str) -> Answer {
    let token = Token::random().map_err(|error| Refusal::Broken(error.to_string()))?;
    let proposed = SecondFactor::generate()?.seal(&key(&visit.context)?, &person.name())?;
    let mut tx = visit.write().await?;
    tx.staff_people().insert_challenge(&token.sha256(), (person, target), visit.context.clock.now() + VALID).await?;
    tx.staff_people().propose_second_factor(person, &proposed).await?;
    let kept = tx.staff_people().second_factor(person).await?;
    tx.commit().await?;
    let mut response = see_other(match kept {
        Some(kept) if kept.is_confirmed => "/staff/sign-in/code",
        _ => "/staff/sign-in/second-factor",
    });
    let cookie = (session::challenge_cookie(&visit.shared), token.expose());
    set_cookie(&mut response, &visit.shared, cookie, VALID.to_std().ok());
    Ok(response)
}

pub(super) async fn code_form(visit: &StaffVisit) -> Answer {
    match owing(visit).await? {
        Some(_) => visit.page(&StaffForm::Code { error: None }),
        None => Ok(see_other("/staff/sign-in")),
    }
}

/// A code of the app, or a recovery code: begins the session.
pub(super) async fn give_code(visit: &StaffVisit) -> Answer {
    let Some(owing) = owing(visit).await? else { return Ok(see_other("/staff/sign-in")) };
    let form: CodeForm = visit.form()?;
    visit.shared.staff.throttle.second_factor(&owing.token.sha256())?;
    if !verify(&visit.context, owing.person, &form.code).await? {
        let page = visit.page(&StaffForm::Code { error: Some(Message::CodeWrong) })?;
        return Ok(with_status(StatusCode::UNAUTHORIZED, page));
    }
    end(visit, &owing).await?;
    session::begin(visit, (owing.person, &owing.address), Ok(see_other(&owing.target))).await
}

/// Shows the secret, and asks for a first code of it. Looking changes nothing.
pub(super) async fn set_up_form(visit: &StaffVisit) -> Answer {
    let Some(owing) = owing(visit).await? else { return Ok(see_other("/staff/sign-in")) };
    match proposed(visit, owing.person).await? {
        Some(secret) => set_up_page(visit, &owing, &secret, None),
        None => Ok(see_other("/staff/sign-in/code")),
    }
}

/// A first code: the second factor is in force from now on, and the session begins with the recovery codes.
pub(super) async fn set_up(visit: &StaffVisit) -> Answer {
    let Some(owing) = owing(visit).await? else { return Ok(see_other("/staff/sign-in")) };
    let form: CodeForm = visit.form()?;
    visit.shared.staff.throttle.second_factor(&owing.token.sha256())?;
    let Some(secret) = proposed(visit, owing.person).await? else { return Ok(see_other("/staff/sign-in/code")) };
    let now = visit.context.clock.now();
    let Some(step) = secret.step_of(&form.code)? else {
        let page = set_up_page(visit, &owing, &secret, Some(Message::CodeWrong))?;
        return Ok(with_status(StatusCode::UNPROCESSABLE_ENTITY, page));
    };
    let codes = recovery_codes()?;
    let digests: Vec<String> = codes.iter().filter_map(|code| recovery_digest(code)).collect();
    let mut tx = visit.write().await?;
    let is_confirmed = tx.staff_people().confirm_second_factor(owing.person, (step, &digests), now).await?;
    tx.commit().await?;
    if !is_confirmed {
        return Ok(see_other("/staff/sign-in/code"));
    }
    end(visit, &owing).await?;
    let page = visit.page(&StaffForm::RecoveryCodes { codes, next: owing.target.clone() });
    session::begin(visit, (owing.person, &owing.address), page).await
}

/// Whether a code of the app, or a recovery code, is right; it is used up then.
async fn verify(context: &Context, person: StaffKey, code: &str) -> Result<bool, Refusal> {
    let now = context.clock.now();
    let mut tx = context.store.write().await?;
    let Some(kept) = tx.staff_people().second_factor(person).await?.filter(|kept| kept.is_confirmed) else {
        return Ok(false);
    };
    let is_right = if let Some(digest) = recovery_digest(code) {
        tx.staff_people().use_recovery_code(person, &digest, now).await?
    } else if kept.failures >= MOST_FAILURES {
        false
    } else {
        let secret = SecondFactor::open(&kept.sealed, &key(context)?, &person.name())?;
        match secret.step_of(code)? {
            Some(step) => tx.staff_people().use_second_factor(person, step).await?,
            None => false,
        }
    };
    if !is_right {
        tx.staff_people().count_wrong_code(person).await?;
    }
    tx.commit().await?;
    Ok(is_right)
}

/// The secret of someone who has not confirmed it yet.
async fn proposed(visit: &StaffVisit, person: StaffKey) -> Result<Option<SecondFactor>, Refusal> {
    let kept = visit.context.store.read_for_people().await?.staff_people().second_factor(person).await?;
    let Some(kept) = kept.filter(|kept| !kept.is_confirmed) else { return Ok(None) };
    Ok(Some(SecondFactor::open(&kept.sealed, &key(&visit.context)?, &person.name())?))
}

fn set_up_page(visit: &StaffVisit, owing: &Owing, secret: &SecondFactor, error: Option<Message>) -> Answer {
    let issuer = format!("{} staff", visit.context.renderer.brand_name());
    let uri = secret.uri(&issuer, &owing.address.to_string());
    visit.page(&StaffForm::SetUp { secret: secret.text(), uri, error })
}

/// The challenge is over, once.
async fn end(visit: &StaffVisit, owing: &Owing) -> Result<(), Refusal> {
    let mut tx = visit.write().await?;
    let is_first = tx.staff_people().end_challenge(&owing.token.sha256()).await?;
    tx.commit().await?;
    if is_first { Ok(()) } else { Err(Refusal::SignInFirst) }
}

/// The person who has to give the second factor in this browser.
async fn owing(visit: &StaffVisit) -> Result<Option<Owing>, Refusal> {
    let token = client::cookie(&visit.headers, session::challenge_cookie(&visit.shared)).and_then(Token::parse);
    let Some(token) = token else { return Ok(None) };
    let now = visit.context.clock.now();
    let found = visit.context.store.read_for_people().await?.staff_people().challenge(&token.sha256(), now).await?;
    let Some((person, address, target)) = found else { return Ok(None) };
    let address = address.parse().ok().filter(|address| is_named(&visit.context, address));
    Ok(address.map(|address| Owing { token, person, address, target }))
}
