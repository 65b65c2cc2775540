//! How often somebody may try: before anything is looked up, and for unknown addresses as for known ones.
//!
//! A browser that once signed in with an address is counted apart, so that no stranger can keep its owner out.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use sha2::{Digest, Sha256};

/// Keys of one kind that are kept before those that are as good as new are forgotten.
const KEYS: usize = 20_000;
/// Keys of one kind at most, since whoever has many networks can make as many as they like: some 20 MiB.
const MOST_KEYS: usize = 200_000;
/// Not at each try: looking at all keys is work.
const TIDY_EVERY: Duration = Duration::from_secs(5);
/// What a wish for a link is put off by while there are more.
const FULL: Duration = Duration::from_mins(5);

/// Of what was typed as an address: as long as a digest, whatever that was.
type Address = [u8; 16];

pub(super) struct Throttle {
    by_network: Limiter<IpAddr>,
    by_both: Limiter<(IpAddr, Address)>,
    by_address: Limiter<Address>,
    by_browser: Limiter<String>,
    by_second_factor: Limiter<String>,
    links_by_network: Limiter<IpAddr>,
    links_by_address: Limiter<Address>,
}

/// Counts tries by a key.
struct Limiter<K: Hash + Eq + Clone> {
    tries: RateLimiter<K, HashMapStateStore<K>, DefaultClock>,
    /// When keys were last forgotten.
    tidied: Mutex<Instant>,
}

/// How long to wait before the next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooOften(pub(super) Duration);

impl Throttle {
    pub(super) fn new() -> Self {
        Self {
            by_network: limiter(30, Duration::from_secs(6)),
            by_both: limiter(5, Duration::from_mins(1)),
            by_address: limiter(20, Duration::from_secs(30)),
            by_browser: limiter(10, Duration::from_secs(30)),
            by_second_factor: limiter(5, Duration::from_secs(30)),
            links_by_network: limiter(10, Duration::from_mins(6)),
            links_by_address: limiter(3, Duration::from_mins(20)),
        }
    }

    /// A try at signing in. `browser`: the digest of its token, where it is known with this address.
    pub(super) fn sign_in(&self, network: IpAddr, address: &str, browser: Option<&str>) -> Result<(), TooOften> {
        // Where no more can be counted, failures of a person still are, in the database: nobody is kept out by that.
        if let Some(browser) = browser {
            return self.by_browser.check(&browser.to_owned(), Ok(()));
        }
        let address = key(address);
        self.by_network.check(&network, Ok(()))?;
        self.by_both.check(&(network, address), Ok(()))?;
        self.by_address.check(&address, Ok(()))
    }

    /// A try at a code of the second factor. `token`: the digest of whatever names the one who tries.
    pub(super) fn second_factor(&self, token: &str) -> Result<(), TooOften> {
        self.by_second_factor.check(&token.to_owned(), Err(TooOften(FULL)))
    }

    /// A wish for a link.
    pub(super) fn link(&self, network: IpAddr, address: &str) -> Result<(), TooOften> {
        self.links_by_network.check(&network, Err(TooOften(FULL)))?;
        self.links_by_address.check(&key(address), Err(TooOften(FULL)))
    }
}

fn limiter<K: Hash + Eq + Clone>(burst: u32, one_per: Duration) -> Limiter<K> {
    let quota = Quota::with_period(one_per).unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN));
    let quota = quota.allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN));
    Limiter { tries: RateLimiter::hashmap(quota), tidied: Mutex::new(Instant::now()) }
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// Counts a try; `full` is the answer while there is no more room to count in.
    fn check(&self, key: &K, full: Result<(), TooOften>) -> Result<(), TooOften> {
        if self.tries.len() > KEYS
            && let Ok(mut tidied) = self.tidied.try_lock()
            && tidied.elapsed() > TIDY_EVERY
        {
            self.tries.retain_recent();
            *tidied = Instant::now();
        }
        if self.tries.len() >= MOST_KEYS {
            return full;
        }
        let refused = |until: governor::NotUntil<_>| TooOften(until.wait_time_from(DefaultClock::default().now()));
        self.tries.check_key(key).map_err(refused)
    }
}

fn key(address: &str) -> Address {
    let digest = Sha256::digest(address.trim().to_lowercase().as_bytes());
    std::array::from_fn(|place| digest[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(last: u8) -> IpAddr {
        IpAddr::from([198, 51, 100, last])
    }

    #[test]
    fn one_client_has_five_tries_at_an_address_and_another_has_its_own() {
        let throttle = Throttle::new();
        for _ in 0..5 {
            assert_eq!(throttle.sign_in(network(1), "leo@phoenix.example", None), Ok(()));
        }
        assert!(throttle.sign_in(network(1), " LEO@phoenix.example", None).is_err());
        assert_eq!(throttle.sign_in(network(2), "leo@phoenix.example", None), Ok(()));
        assert_eq!(throttle.sign_in(network(1), "compta@phoenix.example", None), Ok(()));
    }

    #[test]
    fn strangers_use_up_their_own_tries_and_not_those_of_a_known_browser() {
        let throttle = Throttle::new();
        let strangers = (0..100).filter(|n| throttle.sign_in(network(*n), "leo@phoenix.example", None).is_ok());
        assert_eq!(strangers.count(), 20);
        assert_eq!(throttle.sign_in(network(1), "leo@phoenix.example", Some("digest")), Ok(()));
    }

    #[test]
    fn whoever_has_many_networks_fills_no_memory_and_keeps_nobody_out() {
        let throttle = Throttle::new();
        let network = |n: u32| IpAddr::from(n.to_be_bytes());
        for n in 0..300_000 {
            let _ = throttle.sign_in(network(n), &format!("{n}@phoenix.example"), None);
            let _ = throttle.link(network(n), "leo@phoenix.example");
        }
        for keys in [throttle.by_network.tries.len(), throttle.by_both.tries.len(), throttle.by_address.tries.len()] {
            assert!(keys <= MOST_KEYS, "{keys}");
        }
        assert_eq!(throttle.sign_in(network(1_000_000), "compta@phoenix.example", None), Ok(()));
        assert_eq!(throttle.link(network(1_000_000), "compta@phoenix.example"), Err(TooOften(FULL)));
    }

    #[test]
    fn a_network_cannot_try_many_addresses() {
        let throttle = Throttle::new();
        let tries = (0..100).filter(|n| throttle.sign_in(network(1), &format!("{n}@phoenix.example"), None).is_ok());
        assert_eq!(tries.count(), 30);
    }
}
