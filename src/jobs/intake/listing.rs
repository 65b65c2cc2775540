//! What lies in a source's place, and what is to be done about each file of it.

use std::collections::{HashMap, HashSet};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::source::{After, NamePattern, Place, UsageSource};
use crate::archive::ObjectFolder;
use crate::store::{IntakeFile, IntakeFileState};

/// A file that has not changed for so long is read without being watched first.
const LONG_AGO: Duration = Duration::from_mins(1);

/// A file or an object that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub name: String,
    /// A whole file's name; device and inode of one that grows.
    pub identity: String,
    /// Differs whenever the file has changed.
    pub version: String,
    pub size: u64,
    /// How long ago it changed last; `None` if a file there is complete as soon as it is seen.
    pub age: Option<Duration>,
    /// Its name is as the source's pattern says; else it was followed under such a name.
    pub is_wanted: bool,
}

/// What is to be done about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Task {
    /// With what is known of it.
    Read(Found, Option<IntakeFile>),
    /// It was taken, and has still to be moved or deleted.
    PutAway(Found),
}

/// The result of a look at a source.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub tasks: Vec<Task>,
    /// Files that may still be written to.
    pub unsettled: usize,
    /// When to look again at the latest.
    pub again: Option<Duration>,
    /// Known files that are no longer there.
    pub gone: Vec<String>,
    /// How long the oldest file that is to be read has been there.
    pub oldest: Option<Duration>,
}

impl Look {
    /// Files that are to be read, now or once they have settled.
    pub(super) fn waiting(&self) -> u64 {
        let reads = self.tasks.iter().filter(|task| matches!(task, Task::Read(..))).count();
        (reads + self.unsettled) as u64
    }
}

/// Since when files have been seen as they are, by source and name.
pub(super) type Seen = HashMap<(String, String), (String, Instant)>;

/// Everything that lies in the source's place; the error says why that cannot be known.
pub(super) async fn list(source: &UsageSource, known: &[IntakeFile]) -> Result<Vec<Found>, String> {
    match &source.place {
        Place::Folder { folder, pattern } => {
            let followed: HashSet<String> = known
                .iter()
                .filter(|file| file.state == IntakeFileState::Following)
                .map(|file| file.identity.clone())
                .collect();
            let (folder, pattern, follow) = (folder.clone(), pattern.clone(), source.follow);
            let place = folder.display().to_string();
            let listed = tokio::task::spawn_blocking(move || list_folder(&folder, &pattern, follow, &followed));
            let listed = listed.await.map_err(io::Error::other).and_then(|listed| listed);
            listed.map_err(|error| format!("{place}: {error}"))
        }
        Place::Objects { url, options, pattern } => {
            let folder = ObjectFolder::open(url, options).map_err(|error| error.to_string())?;
            let listed = folder.list().await.map_err(|error| error.to_string())?;
            let wanted = listed.into_iter().filter(|object| pattern.matches(&object.name));
            Ok(wanted
                .map(|object| Found {
                    identity: object.name.clone(),
                    name: object.name,
                    version: object.version,
                    size: object.size,
                    age: None,
                    is_wanted: true,
                })
                .collect())
        }
        Place::Commands | Place::Http => Ok(Vec::new()),
    }
}

fn list_folder(
    folder: &Path,
    pattern: &NamePattern,
    follow: bool,
    followed: &HashSet<String>,
) -> io::Result<Vec<Found>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let Ok(name) = entry?.file_name().into_string() else { continue };
        let is_wanted = pattern.matches(&name);
        if !is_wanted && !follow {
            continue;
        }
        // A file that disappears meanwhile is left out.
        let Ok(metadata) = std::fs::metadata(folder.join(&name)) else { continue };
        if !metadata.is_file() {
            continue;
        }
        let identity = if follow { format!("{}:{}", metadata.dev(), metadata.ino()) } else { name.clone() };
        if is_wanted || followed.contains(&identity) {
            let age = metadata.modified().ok().and_then(|modified| modified.elapsed().ok()).unwrap_or_default();
            let version = version(&metadata);
            all.push(Found { name, identity, version, size: metadata.len(), age: Some(age), is_wanted });
        }
    }
    // The oldest first: what one file begins, a later one may end.
    all.sort_by(|a, b| b.age.cmp(&a.age).then_with(|| a.name.cmp(&b.name)));
    Ok(all)
}

pub(super) fn version(metadata: &std::fs::Metadata) -> String {
    format!("{}.{}.{:09}", metadata.len(), metadata.mtime(), metadata.mtime_nsec())
}

/// What is to be done about what is there.
pub(super) fn decide(source: &UsageSource, found: Vec<Found>, known: Vec<IntakeFile>, seen: &mut Seen) -> Look {
    let mut look = Look::default();
    let mut known: HashMap<String, IntakeFile> =
        known.into_iter().map(|file| (file.identity.clone(), file)).collect();
    for found in found {
        let known = known.remove(&found.identity);
        let is_same = known.as_ref().is_some_and(|known| known.version == found.version);
        if let Some(known) = known.as_ref().filter(|_| is_same) {
            if known.state == IntakeFileState::Taken && source.after != After::Keep && found.is_wanted {
                look.tasks.push(Task::PutAway(found));
            }
            continue;
        }
        let is_followed = source.follow && !is_gzip_name(&found.name);
        let unsettled = if is_followed { None } else { unsettled_for(source, &found, seen) };
        if let Some(rest) = unsettled {
            look.unsettled += 1;
            look.again = Some(look.again.map_or(rest, |again| again.min(rest)));
        } else {
            look.oldest = look.oldest.max(found.age);
            look.tasks.push(Task::Read(found, known));
        }
    }
    look.gone = known.into_keys().collect();
    look
}

pub(super) fn is_gzip_name(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"))
}

/// How long a whole file has still to be left alone; `None` if it can be read.
fn unsettled_for(source: &UsageSource, found: &Found, seen: &mut Seen) -> Option<Duration> {
    let age = found.age?;
    let key = (source.name.clone(), found.name.clone());
    if source.settle.is_zero() || age >= source.settle.max(LONG_AGO) {
        seen.remove(&key);
        return None;
    }
    let now = Instant::now();
    let (version, since) = seen.entry(key.clone()).or_insert_with(|| (found.version.clone(), now));
    if *version != found.version {
        (*version, *since) = (found.version.clone(), now);
    }
    let rest = source.settle.checked_sub(since.elapsed()).filter(|rest| !rest.is_zero());
    if rest.is_none() {
        seen.remove(&key);
    }
    rest
}
