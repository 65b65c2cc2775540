//! Names that would do something if they were not merely shown.

use super::golden::{self, GoldenMonth};
use super::outputs::{files, renderer, text};
use crate::domain::BillingCode;
use crate::render::Attached;

const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% raw %}",
    "{ $count } \\u0041",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\u{202e}gnp.exe\u{2066}",
    "👩‍👩‍👧‍👦 &amp; <b>",
];

#[test]
fn hostile_names_do_nothing_but_be_shown() {
    for name in HOSTILE {
        let month = may_named(name);
        let files = files(&renderer(), &month, true);
        for (file, bytes) in files.iter().filter(|(file, _)| file.contains(".html")) {
            let page = String::from_utf8_lossy(bytes);
            assert!(!page.contains("<script") && !page.contains("<img"), "{file}: {name}");
            assert!(page.contains(&escaped(name)), "{file}: {name}");
        }
        let json: serde_json::Value = serde_json::from_str(&text(&files, "account.json")).unwrap();
        assert_eq!(json["account"]["company"], name);
        let mail = renderer().mail(&month.statement, None, Some(&name.parse().unwrap()), &Attached::Files).unwrap();
        assert!(!mail.html.contains("<script") && !mail.html.contains("<img"), "{name}");
        assert!(mail.text.contains(name), "{name}");
        assert!(!mail.subject.contains('\n'));
    }
}

#[test]
fn names_of_ten_thousand_characters_fit() {
    let mut month = golden::may();
    month.statement.account.company = "é".repeat(10_000).parse().unwrap();
    month.statement.rooms[1].cardholder = "=".repeat(10_000).parse().unwrap();
    let files = files(&renderer(), &month, false);
    assert_eq!(files.len(), 9);
    let mail = renderer().mail(&month.statement, None, Some(&month.statement.account.company), &Attached::Files);
    assert!(mail.unwrap().text.len() < 25_000);
}

/// May in which every name is `name`.
fn may_named(name: &str) -> GoldenMonth {
    let mut month = golden::may();
    let hostile = || name.parse().unwrap();
    month.statement.account.company = hostile();
    for room in &mut month.statement.rooms {
        room.cardholder = hostile();
    }
    // Codes are shorter than names.
    let code: BillingCode = name.chars().take(128).collect::<String>().parse().unwrap();
    for line in &mut month.statement.lines {
        line.billing_code = Some(code.clone());
    }
    for leg in &mut month.participants {
        leg.caller = code.as_str().parse().ok();
    }
    month.statement.billing_codes.last_mut().unwrap().code = Some(code);
    month
}

/// May with all hostile names at once, and a long one.
pub(super) fn hostile_may() -> GoldenMonth {
    let mut month = may_named(&HOSTILE.join(" "));
    month.statement.rooms[1].cardholder = "=É".repeat(5_000).parse().unwrap();
    month
}

fn escaped(name: &str) -> String {
    name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
