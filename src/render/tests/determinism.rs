//! The same statement is the same bytes: twice, and on a machine with another zone, language and day.

use std::process::Command;

use super::golden;
use super::outputs::{files, renderer};
use crate::digest::sha256_hex;

const MARK: &str = "digest of all outputs: ";

#[test]
fn the_machine_s_zone_and_language_change_nothing() {
    let here = digest();
    for (zone, language) in [("Asia/Tokyo", "ja_JP.UTF-8"), ("America/New_York", "de_DE.UTF-8"), ("UTC", "C")] {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture", "render::tests::determinism::print_the_digest"])
            .env("TZ", zone)
            .env("LANG", language)
            .env("LC_ALL", language)
            .output()
            .unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        let there = output.split_once(MARK).unwrap().1.split_whitespace().next().unwrap();
        assert_eq!(there, here, "{zone} {language}");
    }
}

#[test]
#[ignore = "the other half of the test above"]
fn print_the_digest() {
    println!("{MARK}{}", digest());
}

fn digest() -> String {
    let files = files(&renderer(), &golden::may(), true);
    sha256_hex(&files.into_iter().flat_map(|(_, bytes)| bytes).collect::<Vec<_>>())
}
