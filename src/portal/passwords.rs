//! Passwords: which are allowed, and their costly hash.

use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::render::Message;

/// Computations at the same time, of 19 MiB each.
const AT_ONCE: usize = 2;
/// Computations that may wait.
const WAITING: usize = 32;
/// In characters.
const LONGEST: usize = 128;
/// Letters and digits beside the words that an attacker would try first.
const SHORTEST_BESIDE: usize = 8;

/// Computes and compares, a few at a time.
pub(super) struct Passwords {
    permits: Semaphore,
    waiting: AtomicUsize,
    /// Compared with if there is no hash to compare with.
    dummy: String,
    #[cfg(test)]
    computed: AtomicUsize,
}

/// Why nothing was computed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    #[error("too many passwords are being compared")]
    Busy,
    #[error("a password cannot be computed: {0}")]
    Failed(String),
}

impl Passwords {
    pub(super) fn new() -> Result<Self, PasswordError> {
        Ok(Self {
            permits: Semaphore::new(AT_ONCE),
            waiting: AtomicUsize::new(0),
            dummy: hash("a password that no one has")?,
            #[cfg(test)]
            computed: AtomicUsize::new(0),
        })
    }

    /// Whether `password` is the one that `kept` was computed from; without `kept` it is not, after the same work.
    pub(super) async fn is_right(&self, password: &str, kept: Option<&str>) -> Result<bool, PasswordError> {
        let (password, is_there) = (password.to_owned(), kept.is_some());
        let kept = kept.unwrap_or(&self.dummy).to_owned();
        let fits = self.compute(move || {
            let kept = PasswordHash::new(&kept).map_err(|error| PasswordError::Failed(error.to_string()))?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &kept).is_ok())
        });
        Ok(fits.await? && is_there)
    }

    /// What is kept of a new password.
    pub(super) async fn keep(&self, password: &str) -> Result<String, PasswordError> {
        let password = password.to_owned();
        self.compute(move || hash(&password)).await
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _turn = Turn::wait(&self.waiting)?;
        let _permit = self.permits.acquire().await.map_err(|_| PasswordError::Busy)?;
        #[cfg(test)]
        self.computed.fetch_add(1, Ordering::Relaxed);
        tokio::task::spawn_blocking(work).await.map_err(|error| PasswordError::Failed(error.to_string()))?
    }
}

/// A place in the queue, released when dropped.
struct Turn<'a>(&'a AtomicUsize);

impl<'a> Turn<'a> {
    fn wait(waiting: &'a AtomicUsize) -> Result<Self, PasswordError> {
        let turn = Self(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) >= AT_ONCE + WAITING { Err(PasswordError::Busy) } else { Ok(turn) }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The hash of a password that is set without a page, for example by `demo`.
pub(crate) fn hash(password: &str) -> Result<String, PasswordError> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| PasswordError::Failed(error.to_string()))
}

/// What is wrong with a new password, if anything. `context`: words that an attacker would try first.
pub(super) fn problem(password: &str, shortest: usize, context: &[&str]) -> Option<Message> {
    let length = password.chars().count();
    if length < shortest {
        return Some(Message::PasswordShort);
    }
    if length > LONGEST {
        return Some(Message::PasswordLong);
    }
    let context: Vec<String> = context.iter().flat_map(|text| words_of(text)).collect();
    let context: Vec<&str> = context.iter().map(String::as_str).collect();
    if beside(password, &context) < SHORTEST_BESIDE {
        return Some(Message::PasswordWeak);
    }
    let is_weak = zxcvbn::zxcvbn(password, &context).score() < zxcvbn::Score::Three;
    is_weak.then_some(Message::PasswordWeak)
}

/// Characters that are left when the words that an attacker would try first are taken out.
fn beside(password: &str, context: &[&str]) -> usize {
    let mut words = context.to_vec();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = words.into_iter().fold(password.to_lowercase(), |rest, word| rest.replace(word, ""));
    rest.chars().filter(|c| c.is_alphanumeric()).count()
}

/// A text, and the words in it.
fn words_of(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2);
    std::iter::once(text).chain(words).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_and_not_what_an_attacker_would_try_first() {
        let context = ["leo@phoenix.example", "602127", "MeetingOne Phoenix"];
        let of = |password: &str| problem(password, 15, &context);
        assert_eq!(of("blau regnet kamel"), None);
        assert_eq!(of("été où ça bègue"), None);
        assert_eq!(of("short"), Some(Message::PasswordShort));
        assert_eq!(of(&"ab".repeat(65)), Some(Message::PasswordLong));
        for weak in [
            "aaaaaaaaaaaaaaaaaa",
            "123456789012345678",
            "passwordpassword",
            "leo@phoenix.example",
            "phoenix602127phoenix",
        ] {
            assert_eq!(of(weak), Some(Message::PasswordWeak), "{weak}");
        }
    }

    #[tokio::test]
    async fn an_unknown_address_costs_as_much_as_a_known_one() {
        let passwords = Passwords::new().unwrap();
        let kept = passwords.keep("blau regnet kamel").await.unwrap();
        let computed = || passwords.computed.load(Ordering::Relaxed);
        let mut costs = Vec::new();
        for (password, kept, right) in [
            ("blau regnet kamel", Some(kept.as_str()), true),
            ("gelb regnet kamel", Some(kept.as_str()), false),
            ("gelb regnet kamel", None, false),
            ("a password that no one has", None, false),
        ] {
            let before = computed();
            assert_eq!(passwords.is_right(password, kept).await.unwrap(), right, "{password}");
            costs.push(computed() - before);
        }
        assert_eq!(costs, [1, 1, 1, 1]);
        let parameters = |kept: &str| kept.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(parameters(&passwords.dummy), parameters(&kept));
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
    }
}
