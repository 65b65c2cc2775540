//! How often a client may try, by a key such as its address or network.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

/// How many keys of one kind are kept before those that have fully recovered are forgotten.
const KEYS: usize = 20_000;
/// Keys of one kind at most, since an attacker with many networks can make as many as they like: some 20 MiB.
pub const MOST_KEYS: usize = 200_000;
/// Not at each try: looking at all keys is work.
const TIDY_EVERY: Duration = Duration::from_secs(5);

/// Counts tries by a key.
pub struct Limiter<K: Hash + Eq + Clone> {
    tries: RateLimiter<K, HashMapStateStore<K>, DefaultClock>,
    /// When keys were last forgotten.
    tidied: Mutex<Instant>,
}

/// How long to wait before the next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooOften(pub Duration);

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// So many tries at once, and one more each time that `one_per` has passed.
    pub fn new(burst: u32, one_per: Duration) -> Self {
        let quota = Quota::with_period(one_per).unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN));
        let quota = quota.allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN));
        Self { tries: RateLimiter::hashmap(quota), tidied: Mutex::new(Instant::now()) }
    }

    /// Counts a try; `full` is the answer while there is no more room to count in.
    pub fn check(&self, key: &K, full: Result<(), TooOften>) -> Result<(), TooOften> {
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

    /// How many keys are kept.
    pub fn keys(&self) -> usize {
        self.tries.len()
    }
}

/// What limits count as one client: an IPv4 address, or a network of IPv6 as homes and offices get them.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_a_v6_network_as_one() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:198.51.100.1"), "198.51.100.1");
    }
}
