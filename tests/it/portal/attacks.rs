//! What a stranger tries, and the answers.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::{HOLDER, OWNER, PASSWORD, Site};
use crate::support::Program;

const HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cache-control", "no-store"),
];

#[test]
fn every_answer_has_its_headers_whatever_is_asked() {
    let site = Site::start();
    let long = format!("password={}", "x".repeat(65 * 1024));
    let mut statuses = Vec::new();
    for (method, path, body) in [
        ("GET", "/sign-in", ""),
        ("GET", "/a/602127", ""),
        ("GET", "/nonsense", ""),
        ("DELETE", "/sign-in", ""),
        ("POST", "/sign-in", "number=1&email=a&password=b"),
        ("POST", "/sign-in", long.as_str()),
        ("POST", "/sign-out", ""),
        ("GET", "/password/nonsense", ""),
    ] {
        let answer = site.browser().ask(method, path, body);
        for (name, value) in HEADERS {
            assert_eq!(answer.header(name), Some(value), "{method} {path}: {name}");
        }
        assert!(answer.status < 500 && !answer.text().contains("<script"), "{method} {path}");
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [200, 303, 404, 405, 401, 413, 303, 404]);
    let style = site.browser().get("/sign-in").text();
    let style = style.split("/assets/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let asset = site.browser().get(&format!("/assets/{style}"));
    assert_eq!(asset.header("cache-control"), Some("public, max-age=31536000, immutable"));
}

#[test]
fn a_form_of_another_site_is_not_taken() {
    let mut site = Site::start();
    let browser = site.signed_in("602127", OWNER);
    for (name, value) in [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
    ] {
        let mut tricked = browser.clone();
        tricked.headers.push((name.to_owned(), value.to_owned()));
        let answer = tricked.post("/sign-out", &[]);
        assert_eq!(answer.status, 403, "{name}: {value}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
        assert!(answer.text().contains("<h1"), "{}", answer.text());
    }
    let mut browser = browser;
    assert_eq!(browser.get("/me").status, 200);
    browser.headers.push(("Sec-Fetch-Site".into(), "same-origin".into()));
    assert_eq!(browser.post("/sign-out", &[]).status, 303);
}

#[test]
fn wrong_passwords_are_slowed_down_and_lock_no_one_out() {
    let mut site = Site::start();
    let mut owner = site.signed_in("602127", OWNER);
    let statuses: Vec<u16> = (0..8).map(|_| site.browser().sign_in("602127", OWNER, "wrong").status).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
    let refused = site.browser().sign_in("602127", OWNER, PASSWORD);
    assert_eq!(refused.status, 429, "a stranger's browser is refused even with the password");
    assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() <= 61);
    // Someone unknown is slowed down in the same way.
    let unknown: Vec<u16> =
        (0..6).map(|_| site.browser().sign_in("602127", "nobody@phoenix.example", "wrong").status).collect();
    assert_eq!(unknown, [401, 401, 401, 401, 401, 429]);
    // The browser that signed in before gets in, and a link helps everyone else.
    owner.post("/sign-out", &[]);
    assert_eq!(owner.sign_in("602127", OWNER, PASSWORD).status, 303);
    let link = site.link("602127", OWNER);
    assert_eq!(site.browser().post(&link, &[("password", "gelb regnet kamel")]).status, 303);
}

#[test]
fn a_session_is_new_at_each_sign_in_and_nothing_that_was_planted_is_taken() {
    let mut site = Site::start();
    site.signed_in("602127", OWNER);
    let mut browser = site.browser();
    browser.cookies.insert("statementd".into(), "A".repeat(43));
    let signed_in = browser.sign_in("602127", OWNER, PASSWORD);
    let cookie =
        signed_in.headers.iter().find(|(name, value)| name == "set-cookie" && value.starts_with("statementd="));
    let (_, cookie) = cookie.unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    let first = browser.cookies["statementd"].clone();
    assert_ne!(first, "A".repeat(43));
    assert_eq!(browser.sign_in("602127", OWNER, PASSWORD).status, 303);
    assert_ne!(browser.cookies["statementd"], first);
    let mut old = site.browser();
    old.cookies.insert("statementd".into(), first);
    assert_eq!(old.get("/me").status, 303, "the session of before ended");
    for next in ["https://evil.example", "//evil.example/a/", "/\\evil.example"] {
        let form = [("number", "602127"), ("email", OWNER), ("password", PASSWORD), ("next", next)];
        assert_eq!(browser.post("/sign-in", &form).location(), "/a/602127", "{next}");
    }
}

#[test]
fn many_slow_clients_do_not_keep_others_out() {
    let site = Site::start();
    let slow: Vec<TcpStream> = (0..500)
        .map(|_| {
            let mut stream = TcpStream::connect(site.browser_address()).unwrap();
            stream.write_all(b"GET /sign-in HTTP/1.1\r\nHost: 127").unwrap();
            stream
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(site.browser().get("/sign-in").status, 200);
    }
    drop(slow);
}

#[test]
fn ten_thousand_wrong_passwords_are_refused_while_others_are_served() {
    const TRIES: usize = 10_000;
    const CLIENTS: usize = 8;
    let mut site = Site::start();
    let mut owner = site.signed_in("602127", OWNER);
    let guessing: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let site = site.browser();
            std::thread::spawn(move || {
                let tries = (0..TRIES / CLIENTS)
                    .map(|number| site.clone().sign_in("602127", OWNER, &format!("wrong {client} {number}")).status);
                tries.collect::<Vec<u16>>()
            })
        })
        .collect();
    let mut served = 0;
    while !guessing.iter().all(std::thread::JoinHandle::is_finished) {
        assert_eq!(owner.get("/a/602127").status, 200);
        served += 1;
    }
    let statuses: Vec<u16> = guessing.into_iter().flat_map(|client| client.join().unwrap()).collect();
    assert_eq!(statuses.len(), TRIES);
    // A few are looked at, all others turned away before anything is computed.
    assert!(statuses.iter().all(|status| [401, 429, 503].contains(status)), "{statuses:?}");
    let looked_at = statuses.iter().filter(|status| **status == 401).count();
    assert!((1..100).contains(&looked_at), "{looked_at} were looked at");
    assert!(served > 10, "{served} pages were served meanwhile");
    // The owner's own browser still signs in.
    owner.post("/sign-out", &[]);
    assert_eq!(owner.sign_in("602127", OWNER, PASSWORD).status, 303);
}

#[test]
fn another_name_than_its_own_is_not_answered() {
    let site = Site::start();
    let mut stream = TcpStream::connect(site.browser_address()).unwrap();
    stream.write_all(b"GET /sign-in HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
}

#[test]
fn no_address_password_token_or_number_reaches_a_log() {
    let mut site = Site::with(Program::new(), "", &["-vv", "--log", "json"]);
    let mut browser = site.signed_in("332703", HOLDER);
    let tokens: Vec<String> = browser.cookies.values().cloned().chain(site.links()).collect();
    for path in ["/a/602127", "/a/602127/rooms/332703.xlsx", "/a/999999", "/me", "/nonsense", "/password/x"] {
        browser.get(path);
    }
    browser.sign_in("332703", HOLDER, "a wrong canarypassword");
    browser.post("/me/password", &[("current", PASSWORD), ("password", "x")]);
    browser.ask("POST", "/sign-in", "%ff=%ff&&&=");
    let log = site.running.log();
    let secrets = tokens.iter().map(|token| token.trim_start_matches("/password/"));
    for canary in secrets.chain([HOLDER, "mariline", "phoenix.example", "canarypassword", PASSWORD, "332703"]) {
        assert!(!log.to_lowercase().contains(&canary.to_lowercase()), "{canary} is in\n{log}");
    }
}
