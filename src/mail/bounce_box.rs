//! Where bounces arrive: a maildir, an mbox file, or a folder of mbox files.
//!
//! In a maildir, what has been read is marked as seen; an mbox is only ever read, since the mail system writes it.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use mail_parser::mailbox::mbox::MessageIterator;

/// A message of the box.
#[derive(Debug)]
pub struct BoxedMail {
    pub bytes: Vec<u8>,
    pub place: MailPlace,
}

/// Where a message of the box lies; for one in an mbox there is nothing to mark.
#[derive(Debug)]
pub struct MailPlace(Option<PathBuf>);

/// Messages, one after the other; in a maildir those that are not marked as seen. Blocks.
pub fn read_box(path: &Path) -> io::Result<Box<dyn Iterator<Item = io::Result<BoxedMail>>>> {
    if !path.is_dir() {
        return Ok(read_mbox(path));
    }
    if path.join("new").is_dir() {
        return Ok(Box::new(unseen_files(path)?.into_iter().map(read_file)));
    }
    Ok(Box::new(sorted_files(path)?.into_iter().flat_map(|file| read_mbox(&file))))
}

impl MailPlace {
    /// Whether the message is a file of its own.
    pub fn is_file(&self) -> bool {
        self.0.is_some()
    }

    /// Marks the message as seen, where it is a file; one that has gone meanwhile needs no mark. Blocks.
    pub fn mark_seen(&self) -> io::Result<()> {
        let Some((path, folder, name)) = self.0.as_deref().and_then(in_maildir) else { return Ok(()) };
        let (unique, flags) = name.split_once(":2,").unwrap_or((name, ""));
        let mut flags: Vec<char> = flags.chars().chain(['S']).collect();
        flags.sort_unstable();
        flags.dedup();
        let seen = folder.join("cur").join(format!("{unique}:2,{}", String::from_iter(flags)));
        match std::fs::rename(path, seen) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// A file of a maildir with the maildir and its own name.
fn in_maildir(path: &Path) -> Option<(&Path, &Path, &str)> {
    Some((path, path.parent()?.parent()?, path.file_name()?.to_str()?))
}

fn unseen_files(maildir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = sorted_files(&maildir.join("new"))?;
    let cur = maildir.join("cur");
    std::fs::create_dir_all(&cur)?;
    let is_seen = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.split_once(":2,").is_some_and(|(_, flags)| flags.contains('S'))
    };
    files.extend(sorted_files(&cur)?.into_iter().filter(|path| !is_seen(path)));
    Ok(files)
}

fn sorted_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_file(path: PathBuf) -> io::Result<BoxedMail> {
    Ok(BoxedMail { bytes: std::fs::read(&path)?, place: MailPlace(Some(path)) })
}

/// An mbox that is not there holds nothing yet.
fn read_mbox(path: &Path) -> Box<dyn Iterator<Item = io::Result<BoxedMail>>> {
    match File::open(path) {
        Ok(file) => Box::new(MessageIterator::new(BufReader::new(file)).map(|message| {
            let bytes = message?.unwrap_contents();
            Ok(BoxedMail { bytes, place: MailPlace(None) })
        })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Box::new(std::iter::empty()),
        Err(error) => Box::new(std::iter::once(Err(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(path: &Path) -> Vec<BoxedMail> {
        read_box(path).unwrap().collect::<io::Result<_>>().unwrap()
    }

    #[test]
    fn a_maildir_gives_what_is_unseen_until_it_is_marked() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["new", "cur", "tmp"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
        }
        std::fs::write(dir.path().join("new/1.host"), "one").unwrap();
        std::fs::write(dir.path().join("cur/2.host:2,F"), "two").unwrap();
        std::fs::write(dir.path().join("cur/3.host:2,S"), "three").unwrap();
        let mails = all(dir.path());
        assert_eq!(mails.iter().map(|mail| mail.bytes.as_slice()).collect::<Vec<_>>(), [b"one", b"two"]);
        for mail in &mails {
            mail.place.mark_seen().unwrap();
            mail.place.mark_seen().unwrap();
        }
        assert!(all(dir.path()).is_empty());
        assert!(dir.path().join("cur/1.host:2,S").exists() && dir.path().join("cur/2.host:2,FS").exists());
    }

    #[test]
    fn an_mbox_is_read_message_by_message_and_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bounces");
        let content = "From a@b Wed Jun  3 06:00:00 2009\nSubject: 1\n\n>From here\n\nFrom c@d Wed Jun  3 06:00:01 2009\nSubject: 2\n\n";
        std::fs::write(&path, content).unwrap();
        for box_path in [path.as_path(), dir.path()] {
            let mails = all(box_path);
            assert_eq!(mails.len(), 2);
            assert_eq!(mails[0].bytes, b"Subject: 1\n\nFrom here\n\n");
            mails[0].place.mark_seen().unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        assert!(all(&dir.path().join("not there yet")).is_empty());
    }
}
