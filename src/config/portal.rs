//! `[portal]`: the online consultation, on a listener of its own.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::findings::Findings;
use super::http::Listen;
use super::setting::{Setting, between, list, optional_text, text};
use super::values::{FilePath, Secret, interval};
use crate::domain::{EmailAddress, Invalid, WebUrl};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Portal {
    #[serde(with = "text")]
    pub listen: Listen,
    /// Where customers reach it: every link is made from it, never from a request.
    #[serde(with = "optional_text")]
    pub url: Option<WebUrl>,
    /// Months shown: the running one, and those before it.
    #[serde(deserialize_with = "between::<1, 60, _, _>")]
    pub months: u32,
    /// The operator's own people, who sign in at `/staff/sign-in` and see everything; empty: there are no such pages.
    #[serde(with = "list")]
    pub staff: Vec<EmailAddress>,
    /// Where they come from; empty: from anywhere.
    #[serde(with = "list")]
    pub staff_networks: Vec<Network>,
    /// Proxies that are trusted to name the client's address (`X-Forwarded-For`).
    #[serde(with = "list")]
    pub trusted_proxies: Vec<Network>,
    /// A session ends after so long without a request,
    #[serde(with = "interval")]
    pub session_idle: Duration,
    /// and in any case after this.
    #[serde(with = "interval")]
    pub session_longest: Duration,
    /// How long a link for a forgotten password works.
    #[serde(with = "interval")]
    pub link_valid: Duration,
    /// How long a link for a first password works.
    #[serde(with = "interval")]
    pub invite_valid: Duration,
    /// In characters.
    #[serde(deserialize_with = "between::<8, 128, _, _>")]
    pub password_shortest: u32,
    /// Passwords that no one may have: a list, or a sorted file of SHA-1.
    #[serde(with = "optional_text")]
    pub password_blocklist: Option<FilePath>,
    /// A file whose content seals second factors; without it, what seals them is in the database too.
    #[serde(with = "optional_text")]
    pub second_factor_key_file: Option<FilePath>,
    /// Its content.
    #[serde(skip)]
    pub second_factor_key: Option<Secret>,
}

impl Default for Portal {
    fn default() -> Self {
        Self {
            listen: Listen::Off,
            url: None,
            months: 4,
            staff: Vec::new(),
            staff_networks: Vec::new(),
            trusted_proxies: Vec::new(),
            session_idle: Duration::from_hours(1),
            session_longest: Duration::from_hours(12),
            link_valid: Duration::from_hours(1),
            invite_valid: Duration::from_hours(72),
            password_shortest: 15,
            password_blocklist: None,
            second_factor_key_file: None,
            second_factor_key: None,
        }
    }
}

impl Portal {
    pub(super) fn check(&mut self, findings: &mut Findings) {
        if self.url.is_none() && self.listen != Listen::Off {
            findings.add("portal.url", "is needed with portal.listen: where do customers reach it?");
        }
        if let Some(problem) = self.url.as_ref().and_then(|url| problem_of(&url.to_string())) {
            findings.add("portal.url", problem);
        }
        findings.readable("portal.password_blocklist", self.password_blocklist.as_ref());
        if let Some(file) = &self.second_factor_key_file {
            self.second_factor_key = findings.read_secret("portal.second_factor_key_file", file);
        }
        let minute = Duration::from_mins(1);
        if self.session_idle < minute || self.session_longest < self.session_idle {
            findings.add("portal.session_idle", "must be \"1m\" at least, and portal.session_longest no shorter");
        }
        if self.link_valid < minute || self.invite_valid < minute {
            findings.add("portal.link_valid", "must be \"1m\" at least, as portal.invite_valid");
        }
    }
}

/// What is wrong with the address, if anything.
fn problem_of(text: &str) -> Option<&'static str> {
    let url = url::Url::parse(text).ok()?;
    let is_loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if url.scheme() != "https" && !is_loopback {
        return Some("must begin with https://; http:// is for a loopback address only");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Some("must be a scheme, a host and perhaps a port, as \"https://account.example.com\", and no more");
    }
    None
}

/// A network, for example `10.0.0.0/8`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    pub fn net(&self) -> IpNet {
        self.0
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl Setting for Network {
    const WANTED: &'static str = "a network in quotes, as \"10.0.0.0/8\" or \"127.0.0.1\"";
}

impl FromStr for Network {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refuse = || Invalid("must be a network such as \"10.0.0.0/8\", or an address".into());
        let single = || text.parse::<IpAddr>().map(IpNet::from);
        text.parse::<IpNet>().or_else(|_| single()).map(Self).map_err(|_| refuse())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_come_by_https_or_stay_on_this_machine() {
        for good in
            ["https://account.example.com", "https://a.example:8443/", "http://127.0.0.1:8080", "http://[::1]"]
        {
            assert_eq!(problem_of(good), None, "{good}");
        }
        for bad in
            ["http://account.example.com", "http://10.0.0.1", "https://a.example/portal", "https://a.example/?x"]
        {
            assert!(problem_of(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_network_may_be_one_address() {
        let network: Network = "10.1.2.3".parse().unwrap();
        assert!(network.contains("10.1.2.3".parse().unwrap()) && !network.contains("10.1.2.4".parse().unwrap()));
        assert!("proxy.example".parse::<Network>().is_err());
    }
}
