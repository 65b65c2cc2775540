//! Who a request comes from: the client's network, its cookies, its browser's family.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};

use crate::config::Network;

/// The address of the client: the last one in `X-Forwarded-For` that no trusted proxy has, if the connection itself
/// comes from one; anything else there may be the client's own invention.
pub(super) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = plain(peer);
    if !is_trusted(client) {
        return client;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let entries: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
    for entry in entries.into_iter().rev() {
        let Ok(address) = entry.trim().parse::<IpAddr>() else { break };
        client = plain(address);
        if !is_trusted(client) {
            break;
        }
    }
    client
}

fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// The name of the browser's family, by which its user can recognise it; nothing else of the header is kept.
pub(super) fn browser(headers: &HeaderMap) -> &'static str {
    const FAMILIES: [(&str, &str); 7] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    FAMILIES.iter().find(|(mark, _)| agent.contains(mark)).map_or("Browser", |(_, family)| family)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_may_say_who_the_client_is() {
        assert_eq!(address("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(address("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        // The client's own entries are to the left of what the proxies added, with or without blanks.
        assert_eq!(address("10.0.0.1", &["192.0.2.1, 198.51.100.1,10.0.0.2"]), "198.51.100.1");
        assert_eq!(address("10.0.0.1", &["192.0.2.1", "198.51.100.1 "]), "198.51.100.1");
        assert_eq!(address("10.0.0.1", &["192.0.2.1, nonsense"]), "10.0.0.1");
        assert_eq!(address("::ffff:10.0.0.1", &["::ffff:198.51.100.1"]), "198.51.100.1");
        assert_eq!(address("::1", &[]), "::1");
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=1; statementd=abc; b=2".parse().unwrap());
        assert_eq!(cookie(&headers, "statementd"), Some("abc"));
        assert_eq!(cookie(&headers, "tementd"), None);
    }
}
