//! Bounces: reports of failure in the mailbox that `mail.bounces` names become states of deliveries.
//!
//! Anyone can send mail there. Each mail is noted before it is parsed, so that none can end the process twice; what
//! has been read is remembered, so that many cannot hide one; and a round ends after a while, so that mail goes on.

mod round;

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::jobs::{Context, JobError};
use crate::mail::{BounceBox, Mbox, MboxPlace, mark_seen, read_mail, unique_name};
use round::{BounceRound, BouncesRead, Taken};

/// Mails whose outcome is committed together.
const TOGETHER: usize = 200;

/// Reads what is new.
pub(crate) async fn read_bounces(context: &Context) -> Result<BouncesRead, JobError> {
    let Some(path) = context.settings.mail.bounces.clone() else { return Ok(BouncesRead::default()) };
    let failed = |source| JobError::Bounces { path: path.clone(), source };
    let mut round = BounceRound::new(context);
    let opened = path.clone();
    match tokio::task::spawn_blocking(move || BounceBox::open(&opened)).await?.map_err(failed)? {
        BounceBox::NotYet => tell_once(&path),
        BounceBox::Maildir(mails) => read_maildir(&mut round, &path, mails).await?,
        BounceBox::Mboxes(files) => {
            for file in files {
                read_mbox(&mut round, &file).await?;
            }
        }
    }
    let read = round.read;
    if read.came_back > 0 {
        tracing::warn!(deliveries = read.came_back, "Mail that had been accepted came back");
    }
    if read.nameless > 0 {
        let reports = read.nameless;
        tracing::warn!(reports, "Reports in mail.bounces speak of failures and name no message: read them yourself");
    }
    Ok(read)
}

/// An mbox that is not there may come, or be misspelt: said once for each path.
fn tell_once(path: &Path) {
    static TOLD: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    if TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned()) {
        let path = path.display();
        tracing::warn!(%path, "Nothing is there under mail.bounces yet: an mbox comes with its first mail, if the path is right");
    }
}

async fn read_mbox(round: &mut BounceRound<'_>, file: &Path) -> Result<(), JobError> {
    let failed = |source| JobError::Bounces { path: file.to_path_buf(), source };
    let name = file.display().to_string();
    loop {
        let known = round.context.store.read().await?.bounces().place(&name).await?;
        let place = known.map(|(offset, before_sha256)| MboxPlace { offset, before_sha256 });
        let (path, before) = (file.to_owned(), place.clone());
        let opened = tokio::task::spawn_blocking(move || Mbox::open(&path, before.as_ref())).await?;
        let Some(mut mbox) = opened.map_err(failed)? else { return Ok(()) };
        let (mut taken, mut is_end) = (Vec::new(), false);
        while taken.len() < TOGETHER && round.goes_on() {
            let (read, next) = tokio::task::spawn_blocking(move || {
                let next = mbox.next_mail();
                (mbox, next)
            })
            .await?;
            mbox = read;
            let Some((begins_at, mail)) = next.map_err(failed)? else {
                is_end = true;
                break;
            };
            taken.push((begins_at, round.take(mail, &format!("{name} at byte {begins_at}")).await?));
        }
        let mut tx = round.context.store.write().await?;
        let mut go_on_at = mbox.offset();
        for (begins_at, taken) in taken {
            if !round.settle(&mut tx, taken).await? {
                go_on_at = go_on_at.min(begins_at);
            }
        }
        let has_held_back = go_on_at < mbox.offset();
        let new = tokio::task::spawn_blocking(move || mbox.into_place(go_on_at)).await?.map_err(failed)?;
        if place.as_ref() != Some(&new) {
            tx.bounces().keep_place(&name, new.offset, new.before_sha256).await?;
        }
        tx.commit().await?;
        if is_end || has_held_back || !round.goes_on() {
            return Ok(());
        }
    }
}

async fn read_maildir(round: &mut BounceRound<'_>, maildir: &Path, mails: Vec<PathBuf>) -> Result<(), JobError> {
    let folder = maildir.display().to_string();
    let seen: HashSet<String> =
        round.context.store.read().await?.bounces().seen(&folder).await?.into_iter().collect();
    forget_gone(round, &folder, &seen, &mails).await?;
    let new: Vec<_> = mails.into_iter().filter(|mail| !seen.contains(&unique_name(mail))).collect();
    for some in new.chunks(TOGETHER) {
        let mut taken: Vec<(PathBuf, Taken)> = Vec::new();
        for path in some {
            if !round.goes_on() {
                break;
            }
            let read = path.clone();
            match tokio::task::spawn_blocking(move || read_mail(&read)).await? {
                Ok(Some(mail)) => taken.push((path.clone(), round.take(mail, &path.display().to_string()).await?)),
                Ok(None) => {}
                // One that cannot be read does not stop the others.
                Err(error) => {
                    tracing::warn!(path = %path.display(), "A mail in mail.bounces cannot be read: {error}");
                }
            }
        }
        let mut tx = round.context.store.write().await?;
        let mut done = Vec::new();
        for (path, taken) in taken {
            if round.settle(&mut tx, taken).await? {
                done.push(path);
            }
        }
        tx.commit().await?;
        mark(round, &folder, done).await?;
    }
    Ok(())
}

/// Marks mails as seen; what cannot be marked is remembered.
async fn mark(round: &BounceRound<'_>, folder: &str, done: Vec<PathBuf>) -> Result<(), JobError> {
    let marking = move || done.into_iter().filter(|path| mark_seen(path).is_err()).collect::<Vec<_>>();
    let unmarked = tokio::task::spawn_blocking(marking).await?;
    if unmarked.is_empty() {
        return Ok(());
    }
    let mut tx = round.context.store.write().await?;
    for path in &unmarked {
        tx.bounces().keep_seen(folder, &unique_name(path)).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Mails that someone took out of the maildir need no memory.
async fn forget_gone(
    round: &BounceRound<'_>,
    folder: &str,
    seen: &HashSet<String>,
    mails: &[PathBuf],
) -> Result<(), JobError> {
    let there: HashSet<String> = mails.iter().map(|mail| unique_name(mail)).collect();
    let gone: Vec<_> = seen.difference(&there).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let mut tx = round.context.store.write().await?;
    for name in gone {
        tx.bounces().forget_seen(folder, name).await?;
    }
    tx.commit().await?;
    Ok(())
}
