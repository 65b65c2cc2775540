//! The names under which a listener answers.
//!
//! A page in a browser may have its own name point at this machine and then read what is served here as if it were its
//! own (DNS rebinding). It cannot change the name that the browser sends along, so a request for a name that is not
//! ours is not answered. Programs that send no name at all are no browsers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What a request may call this machine. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hosts {
    listen: IpAddr,
    names: Arc<[String]>,
}

impl Hosts {
    /// `listen` is the address that the listener is bound to, `names` are those that were configured.
    pub fn new(listen: SocketAddr, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let names = names.into_iter().map(|name| name.as_ref().to_ascii_lowercase()).collect();
        Self { listen: listen.ip(), names }
    }

    /// `host` as it is in a request, with or without a port.
    pub fn know(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        if host.contains('@') {
            return false;
        }
        let name = authority.host();
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        if let Ok(address) = address {
            // An address cannot be made to point elsewhere; listening on all of them, any may be this machine's.
            let is_own = address.is_loopback() || address == self.listen || self.listen.is_unspecified();
            return is_own || self.names.iter().any(|known| *known == address.to_string());
        }
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        name == "localhost" || self.names.contains(&name)
    }
}

/// A layer that answers requests for other machines itself: 421.
pub async fn only_known_hosts(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let in_uri = request.uri().authority().map(Authority::as_str);
    let in_head = request.headers().get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or("?"));
    if in_uri.into_iter().chain(in_head).all(|host| hosts.know(host)) {
        return next.run(request).await;
    }
    let why = "This is not the machine that was asked for: the name is not known here, nor configured.\n";
    (StatusCode::MISDIRECTED_REQUEST, why).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(listen: &str) -> Hosts {
        Hosts::new(listen.parse().unwrap(), ["Status.Example.com"])
    }

    #[test]
    fn this_machine_is_known_by_its_addresses_and_configured_names() {
        let hosts = hosts("192.0.2.7:9464");
        for own in [
            "localhost",
            "LOCALHOST:9464",
            "localhost.:80",
            "127.0.0.1:9464",
            "127.9.9.9",
            "[::1]:9464",
            "192.0.2.7",
            "status.example.com:443",
        ] {
            assert!(hosts.know(own), "{own}");
        }
    }

    #[test]
    fn no_other_name_is() {
        let hosts = hosts("192.0.2.7:9464");
        for other in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evil.example#localhost",
            "localhost@evil.example",
            "evil.example@localhost",
            "192.0.2.8",
            "",
            "a b",
        ] {
            assert!(!hosts.know(other), "{other}");
        }
    }

    #[test]
    fn who_listens_on_all_addresses_has_any() {
        assert!(hosts("0.0.0.0:80").know("192.0.2.8") && hosts("[::]:80").know("[2001:db8::1]:80"));
        assert!(!hosts("0.0.0.0:80").know("evil.example"));
    }
}
