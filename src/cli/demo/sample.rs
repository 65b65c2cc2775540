//! The sample, as the project ships it, and the parts that it runs on.

use std::path::{Path, PathBuf};

use crate::config::Sources;
use crate::intake::Kind;

/// The sample, as the project ships it.
const FILES: [(Kind, &str, &str); 4] = [
    (Kind::Tariffs, "tariffs.csv", include_str!("../../../sample/tariffs.csv")),
    (Kind::Accounts, "accounts.csv", include_str!("../../../sample/accounts.csv")),
    (Kind::Rooms, "rooms.csv", include_str!("../../../sample/rooms.csv")),
    (Kind::Usage, "usage.csv", USAGE),
];
pub(super) const USAGE: &str = include_str!("../../../sample/usage.csv");

pub(super) const ACCOUNT: &str = "602127";

pub(super) fn write_sample(folder: &Path) -> std::io::Result<Vec<(Kind, PathBuf)>> {
    let sample = folder.join("sample");
    std::fs::create_dir_all(&sample)?;
    FILES
        .iter()
        .map(|(kind, name, content)| {
            let path = sample.join(name);
            std::fs::write(&path, content)?;
            Ok((*kind, path))
        })
        .collect()
}

/// Embedded parts below `folder`; no file and no environment variable is read, so that the demo is the same
/// everywhere.
pub(super) fn sources(folder: &Path) -> Sources {
    let below = |name: &str| folder.join(name).display().to_string();
    Sources::isolated()
        .with("database.url", format!("sqlite://{}", below("statementd.db")))
        .with("archive.url", format!("file:{}", below("archive")))
        .with("mail.dir", below("mail"))
        .with("brand.name", "MeetingOne")
        .with("brand.support_email", "supporteu@meetingone.example")
        .with("brand.support_phone", "+32 2 789 00 10")
}

/// The configuration of `sources` as a file that other commands can use.
pub(super) fn write_configuration(folder: &Path) -> std::io::Result<PathBuf> {
    let path = folder.join("statementd.toml");
    let folder = std::path::absolute(folder)?;
    let below = |name: &str| folder.join(name).display().to_string();
    let text = format!(
        "# The demo. Its sample is of 2009: give commands that know --as-of 2009-06-05T06:00:00Z.\n\
         [database]\nurl = {}\n\n[archive]\nurl = {}\n\n[mail]\ntransport = \"file\"\ndir = {}\n\n\
         [brand]\nname = \"MeetingOne\"\nsupport_email = \"supporteu@meetingone.example\"\n\
         support_phone = \"+32 2 789 00 10\"\n\n[http]\nlisten = \"off\"\n",
        toml_text(&format!("sqlite://{}", below("statementd.db"))),
        toml_text(&format!("file:{}", below("archive"))),
        toml_text(&below("mail")),
    );
    std::fs::write(&path, text)?;
    Ok(path)
}

fn toml_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
