//! How often somebody may try: before anything is looked up, and for unknown addresses as for known ones.
//!
//! A browser that once signed in with an address is counted apart, so that no stranger can keep its owner out.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

type Limiter<K> = RateLimiter<K, HashMapStateStore<K>, DefaultClock>;

/// Keys of one kind that are kept before those that are as good as new are forgotten.
const KEYS: usize = 20_000;
/// Characters of what was typed as an address that tell keys apart.
const LONGEST_KEY: usize = 254;

pub(super) struct Throttle {
    by_network: Limiter<IpAddr>,
    by_both: Limiter<(IpAddr, String)>,
    by_address: Limiter<String>,
    by_browser: Limiter<String>,
    by_second_factor: Limiter<String>,
    links_by_network: Limiter<IpAddr>,
    links_by_address: Limiter<String>,
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
        if let Some(browser) = browser {
            return check(&self.by_browser, &browser.to_owned());
        }
        let address = key(address);
        check(&self.by_network, &network)?;
        check(&self.by_both, &(network, address.clone()))?;
        check(&self.by_address, &address)
    }

    /// A try at a code of the second factor. `token`: the digest of whatever names the one who tries.
    pub(super) fn second_factor(&self, token: &str) -> Result<(), TooOften> {
        check(&self.by_second_factor, &token.to_owned())
    }

    /// A wish for a link.
    pub(super) fn link(&self, network: IpAddr, address: &str) -> Result<(), TooOften> {
        check(&self.links_by_network, &network)?;
        check(&self.links_by_address, &key(address))
    }
}

fn limiter<K: Hash + Eq + Clone>(burst: u32, one_per: Duration) -> Limiter<K> {
    let quota = Quota::with_period(one_per).unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN));
    RateLimiter::hashmap(quota.allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN)))
}

fn check<K: Hash + Eq + Clone>(limiter: &Limiter<K>, key: &K) -> Result<(), TooOften> {
    if limiter.len() > KEYS {
        limiter.retain_recent();
    }
    let refused = |until: governor::NotUntil<_>| TooOften(until.wait_time_from(DefaultClock::default().now()));
    limiter.check_key(key).map_err(refused)
}

fn key(address: &str) -> String {
    address.trim().to_lowercase().chars().take(LONGEST_KEY).collect()
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
    fn a_network_cannot_try_many_addresses() {
        let throttle = Throttle::new();
        let tries = (0..100).filter(|n| throttle.sign_in(network(1), &format!("{n}@phoenix.example"), None).is_ok());
        assert_eq!(tries.count(), 30);
    }
}
