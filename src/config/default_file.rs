//! Which file is read when none is named: /etc/statementd/statementd.toml, else statementd.toml in the working
//! folder.
//!
//! /etc comes first, and the other one counts only if none but root or this user can have written it: otherwise a
//! file that another user puts where an operator happens to be working would send the mail password to that user's
//! server. A file that is there and may not be read is an error and not "no configuration".

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::source_file::{IN_ETC, SourceFile};

pub(super) const IN_WORKING_FOLDER: &str = "statementd.toml";

pub(super) fn find() -> Option<SourceFile> {
    find_in(Path::new(IN_ETC), Path::new(IN_WORKING_FOLDER))
}

fn find_in(etc: &Path, here: &Path) -> Option<SourceFile> {
    if is_there(etc) {
        return Some(SourceFile::new(etc.to_owned()));
    }
    if !is_there(here) {
        return None;
    }
    let here = here.to_owned();
    Some(match distrust(&here) {
        Ok(()) => SourceFile::new(here),
        Err(why) => SourceFile::refused(here, why),
    })
}

/// True also if this user may not look.
fn is_there(path: &Path) -> bool {
    !matches!(std::fs::symlink_metadata(path), Err(error) if error.kind() == io::ErrorKind::NotFound)
}

/// Refuses a file that others than root and this user can have written, or put there.
fn distrust(file: &Path) -> Result<(), String> {
    let target = std::fs::canonicalize(file).map_err(|error| format!("cannot be read: {error}"))?;
    let folder = std::path::absolute(file).ok().and_then(|file| file.parent().map(Path::to_owned));
    let looked_at = [Some(target.clone()), target.parent().map(Path::to_owned), folder];
    for path in looked_at.into_iter().flatten() {
        let metadata = std::fs::metadata(&path).map_err(|error| format!("cannot be read: {error}"))?;
        if let Some(why) = fault_of(&metadata) {
            return Err(format!(
                "counts only if no one but you or root can have written it, and {} {why}: if it is yours, name it with \
                 --config",
                shown(&path)
            ));
        }
    }
    Ok(())
}

fn fault_of(metadata: &Metadata) -> Option<&'static str> {
    let me = rustix::process::geteuid().as_raw();
    if ![0, me].contains(&metadata.uid()) {
        return Some("belongs to another user");
    }
    // A user's own group has the user's number on most systems.
    let is_own_group = [0, me].contains(&metadata.gid());
    let writable = metadata.mode() & if is_own_group { 0o002 } else { 0o022 };
    (writable != 0).then_some("can be written by others")
}

fn shown(path: &Path) -> String {
    let kind = if path.is_dir() { "the folder " } else { "" };
    format!("{kind}{}", path.display())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::super::source_file::advice;
    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    /// How the file that is found is read, if one is.
    fn read(etc: &Path, here: &Path) -> Option<Result<String, String>> {
        let bytes = find_in(etc, here)?.read();
        Some(bytes.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()))
    }

    #[test]
    fn etc_comes_first_and_then_the_working_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (etc, here) = (folder.path().join("etc.toml"), folder.path().join(IN_WORKING_FOLDER));
        assert!(read(&etc, &here).is_none());
        std::fs::write(&here, "a = 1").unwrap();
        set_mode(&here, 0o640);
        assert_eq!(read(&etc, &here).unwrap().unwrap(), "a = 1");
        std::fs::write(&etc, "b = 2").unwrap();
        assert_eq!(read(&etc, &here).unwrap().unwrap(), "b = 2");
    }

    #[test]
    fn what_others_can_have_written_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (etc, here) = (folder.path().join("etc.toml"), folder.path().join(IN_WORKING_FOLDER));
        std::fs::write(&here, "a = 1").unwrap();
        set_mode(&here, 0o646);
        let why = read(&etc, &here).unwrap().unwrap_err();
        assert!(why.contains("statementd.toml can be written by others") && why.contains("--config"), "{why}");
        set_mode(&here, 0o644);
        set_mode(folder.path(), 0o777);
        let why = read(&etc, &here).unwrap().unwrap_err();
        assert!(why.contains("the folder ") && why.contains("can be written by others"), "{why}");
        // A file that is trusted itself, by a link that any user could have put there.
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join(IN_WORKING_FOLDER);
        std::os::unix::fs::symlink(&here, &link).unwrap();
        assert!(read(&etc, &link).unwrap().is_err());
        set_mode(folder.path(), 0o755);
        assert!(read(&etc, &link).unwrap().is_ok());
    }

    #[test]
    fn a_file_in_etc_that_cannot_be_read_is_not_no_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let (etc, here) = (folder.path().join("etc.toml"), folder.path().join(IN_WORKING_FOLDER));
        std::fs::write(&here, "a = 1").unwrap();
        std::os::unix::fs::symlink("/nonexistent/target", &etc).unwrap();
        assert!(read(&etc, &here).unwrap().unwrap_err().contains("cannot be read"));
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(advice(Path::new(IN_ETC), &denied).contains("sudo -u statementd statementd"));
    }
}
