//! What the program left behind.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::path::Path;

/// Every file below `folder`: path relative to it, and content. Only for a folder that nothing writes to meanwhile.
pub fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(folder, folder, &mut files, |path, error| panic!("{}: {error}", path.display()));
    files
}

/// Like [`files_below`], of a folder that a daemon may be writing to: without files under a temporary name, and without
/// those that went while this looked.
pub fn finished_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(folder, folder, &mut files, |path, error| {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{}: {error}", path.display());
    });
    files.retain(|name, _| !name.contains('#') && !name.ends_with(".unfinished"));
    files
}

fn collect(
    root: &Path,
    folder: &Path,
    files: &mut BTreeMap<String, Vec<u8>>,
    unreadable: impl Fn(&Path, &Error) + Copy,
) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files, unreadable);
            continue;
        }
        match std::fs::read(&path) {
            Ok(content) => {
                files.insert(path.strip_prefix(root).unwrap().display().to_string(), content);
            }
            Err(error) => unreadable(&path, &error),
        }
    }
}

/// Whom each mail file in a folder is for and what it brings, sorted. Unlike Message-IDs, which a secret of each
/// installation makes, they are the same for the same work.
pub fn letters(folder: &Path) -> Vec<String> {
    let mut letters: Vec<String> = files_below(folder)
        .into_values()
        .map(|bytes| {
            let message = mail_parser::MessageParser::default().parse(&bytes).expect("a mail file parses");
            let to =
                message.to().and_then(|to| to.first()).and_then(|to| to.address()).expect("a mail has a recipient");
            let files: Vec<_> = message.attachments().filter_map(mail_parser::MimeHeaders::attachment_name).collect();
            format!("{to} {} {files:?}", message.subject().unwrap_or_default())
        })
        .collect();
    letters.sort();
    letters
}

/// The Message-IDs of all mail files in a folder, sorted; a file without one fails the test.
pub fn mail_ids(folder: &Path) -> Vec<String> {
    let mut ids: Vec<String> = files_below(folder)
        .into_iter()
        .map(|(name, bytes)| {
            assert!(
                name.rsplit_once('.').is_some_and(|(_, end)| end == "eml"),
                "left over in the mail folder: {name}"
            );
            let message = mail_parser::MessageParser::default().parse(&bytes).expect("a mail file parses");
            message.message_id().expect("a mail has a Message-ID").to_owned()
        })
        .collect();
    ids.sort();
    ids
}
