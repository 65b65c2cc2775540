//! Whatever files and variables contain, the answer is a configuration or a refusal.

use proptest::prelude::*;

use super::super::{ByteSize, Interval};
use super::{from_environment, from_text};

/// Texts that look like configuration often enough to get past the parser.
fn likely_text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "(database|archive|mail|schedule|billing|statements|brand|http|rerun|mail.dkim|archive.options)",
        "(url|url_file|port|close|grace|time_zone|from|only|formats|colour|id|period|accounts|listen|password)",
        "\\PC{0,12}",
    ];
    let value = prop_oneof![
        "\"[^\"\\\\\\p{Cc}]{0,20}\"",
        "-?[0-9]{1,25}(\\.[0-9]{1,3})?",
        "(true|false|nan|2026-10-01|07:00:00|1e999)",
        "\\[[\"a-z0-9, ]{0,12}\\]",
        "\\{ [a-z]{1,6} = [0-9]{1,3} \\}",
        "\"[0-9]{0,20}[dhms×MBKi]{0,3}\"",
    ];
    let line = (0_u8..4, word, value).prop_map(|(kind, word, value)| match kind {
        0 => format!("[{word}]"),
        1 => format!("[[{word}]]"),
        _ => format!("{word} = {value}"),
    });
    proptest::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in prop_oneof![likely_text(), "\\PC{0,200}"]) {
        let _ = from_text(&text);
    }

    #[test]
    fn no_variable_makes_it_panic(
        name in "STATEMENTD__(MAIL|SCHEDULE|RERUN|ARCHIVE__OPTIONS|\\PC{0,8})__(PORT|CLOSE|GRACE|FROM|ONLY|\\PC{0,8})",
        value in "\\PC{0,40}",
    ) {
        let _ = from_environment(&[(&name, &value)]);
    }

    #[test]
    fn any_text_is_a_password(password in "[^\\x00]{1,40}") {
        let config = from_environment(&[("STATEMENTD__MAIL__USERNAME", "u"), ("STATEMENTD__MAIL__PASSWORD", &password)]);
        let read = config.unwrap().mail.password.unwrap();
        prop_assert_eq!(read.expose(), password);
    }

    #[test]
    fn intervals_and_sizes_survive_being_shown(seconds in 0_u32..300_000_000, bytes in any::<u64>()) {
        let interval: Interval = format!("{seconds}s").parse().unwrap();
        prop_assert_eq!(interval.to_string().parse::<Interval>().unwrap(), interval);
        let size = ByteSize(bytes);
        prop_assert_eq!(size.to_string().parse::<ByteSize>().unwrap(), size);
    }
}
