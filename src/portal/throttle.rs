//! How often a client may try: counted before anything is looked up, and for unknown addresses as for known ones.
//!
//! A browser that once signed in with an address is counted apart, so that no stranger can keep its owner out.

use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::web::{Limiter, TooOften};

/// How long a request for a link has to wait if there are too many.
const FULL: Duration = Duration::from_mins(5);

/// A digest of what was typed as an address, so that its length is fixed.
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

impl Throttle {
    pub(super) fn new() -> Self {
        Self {
            by_network: Limiter::new(30, Duration::from_secs(6)),
            by_both: Limiter::new(5, Duration::from_mins(1)),
            by_address: Limiter::new(20, Duration::from_secs(30)),
            by_browser: Limiter::new(10, Duration::from_secs(30)),
            by_second_factor: Limiter::new(5, Duration::from_secs(30)),
            links_by_network: Limiter::new(10, Duration::from_mins(6)),
            links_by_address: Limiter::new(3, Duration::from_mins(20)),
        }
    }

    /// An attempt to sign in. `browser` is the digest of its token, if it is known with this address.
    pub(super) fn sign_in(&self, network: IpAddr, address: &str, browser: Option<&str>) -> Result<(), TooOften> {
        // Where no more can be counted, failures of a person still are, in the database: no one is kept out by that.
        if let Some(browser) = browser {
            return self.by_browser.check(&browser.to_owned(), Ok(()));
        }
        let address = key(address);
        self.by_network.check(&network, Ok(()))?;
        self.by_both.check(&(network, address), Ok(()))?;
        self.by_address.check(&address, Ok(()))
    }

    /// An attempt at a code of the second factor. `token` is the digest of the challenge or session.
    pub(super) fn second_factor(&self, token: &str) -> Result<(), TooOften> {
        self.by_second_factor.check(&token.to_owned(), Err(TooOften(FULL)))
    }

    /// A request for a link.
    pub(super) fn link(&self, network: IpAddr, address: &str) -> Result<(), TooOften> {
        self.links_by_network.check(&network, Err(TooOften(FULL)))?;
        self.links_by_address.check(&key(address), Err(TooOften(FULL)))
    }
}

fn key(address: &str) -> Address {
    let digest = Sha256::digest(address.trim().to_lowercase().as_bytes());
    std::array::from_fn(|place| digest[place])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::MOST_KEYS;

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
    fn many_networks_fill_no_memory_and_keep_no_one_out() {
        let throttle = Throttle::new();
        let network = |n: u32| IpAddr::from(n.to_be_bytes());
        for n in 0..300_000 {
            let _ = throttle.sign_in(network(n), &format!("{n}@phoenix.example"), None);
            let _ = throttle.link(network(n), "leo@phoenix.example");
        }
        for keys in [throttle.by_network.keys(), throttle.by_both.keys(), throttle.by_address.keys()] {
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
