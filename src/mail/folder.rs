//! Messages as files: one `.eml` each, whole or not there at all.
//!
//! A file's name follows from its message, so that a message written again after a crash replaces itself. Those who
//! write at the same time wait for the disk together: first for what is in their files, then for their names.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::{Failure, Message};
use crate::durable_folder;
use crate::files::create_anew;
use crate::group_sync::{GroupSync, Unsynced};

/// The folder that messages go to.
#[derive(Debug, Clone)]
pub struct MailFolder {
    dir: PathBuf,
    disk: GroupSync,
}

impl MailFolder {
    pub fn at(dir: PathBuf) -> Self {
        Self { disk: GroupSync::new(dir.clone()), dir }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes the message and returns once it is safe on disk.
    pub(super) async fn write(&self, message: Message) -> Result<String, Failure> {
        let name = format!("{}.eml", message.file_stem);
        // Not *.eml, so that a program that takes messages from the folder leaves it alone.
        let unfinished = self.dir.join(format!(".{name}.unfinished"));
        let written = self.replace(unfinished, self.dir.join(&name), message.bytes).await;
        written.map_err(|error| self.unreachable(&error))?;
        Ok(format!("written to {name}"))
    }

    async fn replace(&self, unfinished: PathBuf, file: PathBuf, bytes: Vec<u8>) -> std::io::Result<()> {
        let size = bytes.len() as u64;
        let (dir, at) = (self.dir.clone(), unfinished.clone());
        tokio::task::spawn_blocking(move || write_unsynced(&dir, &at, &bytes)).await??;
        self.on_disk(Unsynced::file(unfinished.clone(), size)).await?;
        std::fs::rename(&unfinished, &file)?;
        // The file itself is not looked at again: a program that takes messages from the folder may have taken it by
        // now.
        self.on_disk(Unsynced::folder(self.dir.clone())).await
    }

    async fn on_disk(&self, what: Unsynced) -> std::io::Result<()> {
        self.disk.sync(vec![what]).await.map_err(|(_, error)| error)
    }

    /// Whether messages can be written here: a file is, and removed again.
    pub(super) async fn probe(&self) -> Result<(), Failure> {
        let dir = self.dir.clone();
        // A file without a name: nothing of it is left, however this ends.
        let probe =
            move || std::fs::create_dir_all(&dir).and_then(|()| tempfile::tempfile_in(&dir)?.write_all(b"probe"));
        let probed = tokio::task::spawn_blocking(probe).await.map_err(std::io::Error::from).flatten();
        probed.map_err(|error| self.unreachable(&error))
    }

    fn unreachable(&self, error: &std::io::Error) -> Failure {
        Failure::Unreachable(format!("mail.dir {}: {error}", self.dir.display()))
    }
}

fn write_unsynced(dir: &Path, file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut made = match create_anew(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            durable_folder::create_all(dir)?;
            create_anew(file)?
        }
        opened => opened?,
    };
    made.write_all(bytes)
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

    #[tokio::test]
    async fn a_message_written_twice_is_one_file() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("mail");
        let folder = MailFolder::at(dir.clone());
        folder.write(message(b"first")).await.unwrap();
        folder.write(message(b"again")).await.unwrap();
        let names: Vec<_> = std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["2009-05-602127-0123456789ab.eml"]);
        assert_eq!(std::fs::read(dir.join(&names[0])).unwrap(), b"again");
    }

    #[tokio::test]
    async fn what_a_death_left_half_written_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".2009-05-602127-0123456789ab.eml.unfinished"), "half of a longer mess")
            .unwrap();
        MailFolder::at(dir.path().to_owned()).write(message(b"whole")).await.unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        assert_eq!(std::fs::read(dir.path().join("2009-05-602127-0123456789ab.eml")).unwrap(), b"whole");
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_named_with_its_key() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("file"), "").unwrap();
        let failure = MailFolder::at(root.path().join("file")).write(message(b"x")).await.unwrap_err();
        assert!(failure.to_string().starts_with("mail.dir "), "{failure}");
    }
}
