//! Messages as files: one `.eml` each, whole or not there at all.
//!
//! A file's name follows from its message, so that a message written again after a crash replaces itself.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::{Failure, Message};
use crate::durable_folder;
use crate::files::create_anew;

/// Writes the message and returns once it is safe on disk. Blocks.
pub(super) fn write(dir: &Path, message: &Message) -> Result<String, Failure> {
    let name = format!("{}.eml", message.file_stem);
    replace(dir, &name, &message.bytes)
        .map_err(|error| Failure::Unreachable(format!("mail.dir {}: {error}", dir.display())))?;
    Ok(format!("written to {name}"))
}

/// Whether messages can be written here: a file is, and removed again. Blocks.
pub(super) fn probe(dir: &Path) -> Result<(), Failure> {
    // A file without a name: nothing of it is left, however this ends.
    let written = std::fs::create_dir_all(dir).and_then(|()| tempfile::tempfile_in(dir)?.write_all(b"probe"));
    written.map_err(|error| Failure::Unreachable(format!("mail.dir {}: {error}", dir.display())))
}

fn replace(dir: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    // Not *.eml, so that whoever takes messages from the folder leaves it alone.
    let unfinished = dir.join(format!(".{name}.unfinished"));
    let mut file = match create_anew(&unfinished) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            durable_folder::create_all(dir)?;
            create_anew(&unfinished)?
        }
        opened => opened?,
    };
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&unfinished, dir.join(name))?;
    // The new name is in the folder only once the folder is on disk.
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: &[u8]) -> Message {
        Message {
            sender: "a@x.example".parse().unwrap(),
            recipient: "b@x.example".parse().unwrap(),
            file_stem: "2009-05-602127-0123456789ab".into(),
            bytes: bytes.to_vec(),
        }
    }

    #[test]
    fn a_message_written_twice_is_one_file() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("mail");
        write(&dir, &message(b"first")).unwrap();
        write(&dir, &message(b"again")).unwrap();
        let names: Vec<_> = std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["2009-05-602127-0123456789ab.eml"]);
        assert_eq!(std::fs::read(dir.join(&names[0])).unwrap(), b"again");
    }

    #[test]
    fn what_a_death_left_half_written_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".2009-05-602127-0123456789ab.eml.unfinished"), "half of a longer mess")
            .unwrap();
        write(dir.path(), &message(b"whole")).unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        assert_eq!(std::fs::read(dir.path().join("2009-05-602127-0123456789ab.eml")).unwrap(), b"whole");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named_with_its_key() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("file"), "").unwrap();
        let failure = write(&root.path().join("file"), &message(b"x")).unwrap_err();
        assert!(failure.to_string().starts_with("mail.dir "), "{failure}");
    }
}
