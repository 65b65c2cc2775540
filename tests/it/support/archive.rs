//! What the program left behind.

use std::collections::BTreeMap;
use std::path::Path;

/// Every file below `folder`: path relative to it, and content.
pub fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(folder, folder, &mut files);
    files
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
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
