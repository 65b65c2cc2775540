//! Who may post: the token of the source, and a limit for those who do not know it.
//!
//! Wrong tokens are counted by network. Beyond the limit a network is told to wait, whatever token it sends, so that
//! no one can guess for long. A network from which the right token came lately is not: a bridge whose neighbour is
//! set up wrongly must lose no usage.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;

use crate::digest::sha256_hex;
use crate::jobs::{IntakeRules, Place, UsageSource};
use crate::web::{Limiter, TooOften};

/// Wrong tokens of one network: so many at once, and one more each time that this has passed; as for signing in.
const WRONG_AT_ONCE: u32 = 30;
const ONE_MORE_PER: Duration = Duration::from_secs(6);
/// How long a network counts as a bridge's own after the right token came from it.
const KNOWN_FOR: Duration = Duration::from_hours(24);
/// Networks that are known, and networks that have to wait, at most.
const MOST_NETWORKS: usize = 20_000;

/// Counts requests with wrong tokens.
pub(super) struct Senders {
    wrong: Limiter<IpAddr>,
    /// By network and source: when the right token came.
    known: Mutex<HashMap<(IpAddr, String), Instant>>,
    /// By network: until when it has to wait.
    waiting: Mutex<HashMap<IpAddr, Instant>>,
}

/// Why a sender may not post.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotAllowed {
    Unknown,
    TooOften(Duration),
}

impl Senders {
    pub(super) fn new() -> Self {
        Self { wrong: Limiter::new(WRONG_AT_ONCE, ONE_MORE_PER), known: Mutex::default(), waiting: Mutex::default() }
    }

    /// The source of this name, if the sender knows its token.
    pub(super) fn source(
        &self,
        rules: &IntakeRules,
        (name, headers): (&str, &HeaderMap),
        network: IpAddr,
    ) -> Result<UsageSource, NotAllowed> {
        let found = find(rules, name, headers);
        let sender = (network, name.to_owned());
        let is_known = remembered(&self.known, &sender).is_some_and(|since| since.elapsed() < KNOWN_FOR);
        if !is_known
            && let Some(until) = remembered(&self.waiting, &network)
            && let Some(wait) = until.checked_duration_since(Instant::now())
        {
            return Err(NotAllowed::TooOften(wait));
        }
        let Some(source) = found else {
            return Err(match self.wrong.check(&network, Ok(())) {
                Ok(()) => NotAllowed::Unknown,
                Err(TooOften(wait)) => {
                    remember(&self.waiting, network, Instant::now() + wait);
                    NotAllowed::TooOften(wait)
                }
            });
        };
        remember(&self.known, sender, Instant::now());
        Ok(source.clone())
    }
}

fn remembered<K: std::hash::Hash + Eq>(map: &Mutex<HashMap<K, Instant>>, key: &K) -> Option<Instant> {
    map.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied()
}

fn remember<K: std::hash::Hash + Eq>(map: &Mutex<HashMap<K, Instant>>, key: K, at: Instant) {
    let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
    if map.len() >= MOST_NETWORKS {
        map.clear();
    }
    map.insert(key, at);
}

fn find<'a>(rules: &'a IntakeRules, name: &str, headers: &HeaderMap) -> Option<&'a UsageSource> {
    let source = rules.sources.iter().find(|source| source.name == name && matches!(source.place, Place::Http))?;
    let wanted = source.token.as_ref()?.expose_secret();
    let given = given_token(headers)?;
    // Digests are compared, so the time of the comparison reveals nothing.
    (sha256_hex(wanted.as_bytes()) == sha256_hex(given.as_bytes())).then_some(source)
}

/// A bearer token, or the password of Basic authentication.
fn given_token(headers: &HeaderMap) -> Option<String> {
    let (scheme, value) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(value.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    decoded.split_once(':').map(|(_, password)| password.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::intake::readers::{Reader, ReaderSettings};
    use crate::jobs::After;

    const TOKEN: &str = "a-token-of-24-characters";

    fn rules() -> IntakeRules {
        let settings = ReaderSettings { reader: "asterisk-cel".into(), ..ReaderSettings::default() };
        let source = UsageSource {
            name: "fs".into(),
            reader: Arc::new(Reader::new(&settings).unwrap()),
            place: Place::parse("http", &BTreeMap::new()).unwrap(),
            follow: false,
            after: After::Keep,
            settle: Duration::ZERO,
            expect_every: None,
            token: Some(TOKEN.to_owned().into()),
        };
        IntakeRules { sources: vec![source], ..IntakeRules::default() }
    }

    fn post(senders: &Senders, name: &str, token: &str, last: u8) -> Result<(), NotAllowed> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        senders.source(&rules(), (name, &headers), IpAddr::from([198, 51, 100, last])).map(drop)
    }

    #[test]
    fn a_network_that_guesses_has_to_wait_and_no_other_one() {
        let senders = Senders::new();
        for _ in 0..WRONG_AT_ONCE {
            assert_eq!(post(&senders, "fs", "guess", 1), Err(NotAllowed::Unknown));
        }
        assert!(matches!(post(&senders, "nobody", "guess", 1), Err(NotAllowed::TooOften(_))));
        assert!(matches!(post(&senders, "fs", TOKEN, 1), Err(NotAllowed::TooOften(_))), "no one may guess on");
        assert_eq!(post(&senders, "fs", TOKEN, 2), Ok(()));
    }

    #[test]
    fn a_bridge_that_is_known_goes_on_posting_beside_one_that_is_set_up_wrongly() {
        let senders = Senders::new();
        assert_eq!(post(&senders, "fs", TOKEN, 1), Ok(()));
        let refused = (0..100).filter(|_| matches!(post(&senders, "fs", "old", 1), Err(NotAllowed::TooOften(_))));
        assert!(refused.count() > 60);
        assert_eq!(post(&senders, "fs", TOKEN, 1), Ok(()));
    }

    #[test]
    fn a_token_is_a_bearer_s_or_a_password() {
        let given = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            given_token(&headers)
        };
        assert_eq!(given("Bearer s3cret").as_deref(), Some("s3cret"));
        assert_eq!(given("basic dXNlcjpzM2M6cmV0").as_deref(), Some("s3c:ret"));
        assert_eq!(given("Digest x"), None);
    }
}
