//! Usage that is pushed: bodies that come at the same time are stored in one transaction, and each is answered once
//! that is committed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::knowledge::knowledge;
use super::names::printable;
use super::source::UsageSource;
use crate::fault_injection;
use crate::intake::Kind;
use crate::intake::readers::{Source, UnreadableItem, Waiting};
use crate::jobs::import::batch::{BatchWriter, PartOutcome, WaitingKeys};
use crate::jobs::import::bridge::{open_changes, waiting_legs};
use crate::jobs::import::collect::{Collector, Group, columns};
use crate::jobs::import::entry::Knowledge;
use crate::jobs::{Context, JobError};
use crate::pause_points;
use crate::store::Store;

/// Posts that are stored together, at most.
const POSTS_AT_ONCE: usize = 500;
/// Posts that wait for those that are being stored.
const POSTS_WAITING: usize = 1024;
/// From this many posts at once on, more are expected as soon as these are answered.
const CROWD: usize = 8;
/// How long more posts are then waited for: far less than a transaction takes, which each would otherwise need for
/// itself.
const LINGER: Duration = Duration::from_millis(5);
/// How long a sender waits for its answer before it is told to come again, to find what is stored by then.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);
/// How long the knowledge of what rows may refer to is used without reading it again, as long as no row is refused.
const KNOWN_FOR: Duration = Duration::from_secs(5);
/// How many bytes are kept of a body that cannot be read.
const LONGEST_KEPT: usize = 64 * 1024;

/// A body that was posted.
#[derive(Debug)]
pub struct Post {
    pub source: UsageSource,
    /// What is used as a file's name.
    pub name: String,
    pub body: Arc<[u8]>,
    /// Its share of the memory for bodies: given back when the post is gone, even if its sender still waits for an
    /// answer.
    pub room: OwnedSemaphorePermit,
}

/// What became of a post.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PostOutcome {
    pub stored: u64,
    pub duplicates: u64,
    pub skipped: u64,
    pub rejected: u64,
}

type Waiter = oneshot::Sender<Option<PostOutcome>>;

/// Takes posts to be stored. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PostQueue {
    sender: mpsc::Sender<(Post, Waiter)>,
}

/// Stores what comes through a [`PostQueue`].
pub struct PostWriter {
    receiver: mpsc::Receiver<(Post, Waiter)>,
    known: Option<(Knowledge, Instant)>,
    /// Posts that were stored together last.
    crowd: usize,
    /// What rejected rows wait for, as of the last commit; and since when that is used.
    waiting: WaitingKeys,
    waiting_since: Instant,
}

/// A queue, and the writer that stores what comes through it.
pub fn post_queue() -> (PostQueue, PostWriter) {
    let (sender, receiver) = mpsc::channel(POSTS_WAITING);
    let (waiting, waiting_since) = (WaitingKeys::default(), Instant::now());
    (PostQueue { sender }, PostWriter { receiver, known: None, crowd: 0, waiting, waiting_since })
}

impl PostQueue {
    /// Returns once the post is stored for good; `None` if it is not, and may be sent again.
    pub async fn store(&self, post: Post, patience: Duration) -> Option<PostOutcome> {
        let (waiter, answer) = oneshot::channel();
        self.sender.send_timeout((post, waiter), patience).await.ok()?;
        tokio::time::timeout(ANSWER_PATIENCE, answer).await.ok()?.ok().flatten()
    }
}

impl PostWriter {
    /// Stores posts until `stop`, after which none is taken any more; `context` returns the settings in force.
    pub async fn run(&mut self, context: impl Fn() -> Context, stop: &CancellationToken) {
        loop {
            let first = tokio::select! {
                biased;
                () = stop.cancelled() => {
                    self.receiver.close();
                    // Their senders are told to come again.
                    while self.receiver.try_recv().is_ok() {}
                    return;
                }
                first = self.receiver.recv() => first,
            };
            let Some(first) = first else {
                // No address is listened on, so that no one can post.
                return stop.cancelled().await;
            };
            let posts = self.gather(first).await;
            let mut by_source = BTreeMap::<String, Vec<(Post, Waiter)>>::new();
            for post in posts {
                by_source.entry(post.0.source.name.clone()).or_default().push(post);
            }
            let context = context();
            for posts in by_source.into_values() {
                let (posts, waiters): (Vec<Post>, Vec<Waiter>) = posts.into_iter().unzip();
                let stored = self.store(&context, Arc::new(posts)).await;
                if let Err(error) = &stored {
                    self.known = None;
                    tracing::error!(
                        "Posted usage could not be stored, and its senders are told to try again: {error}"
                    );
                }
                let mut outcomes = stored.unwrap_or_default().into_iter();
                for waiter in waiters {
                    let _ = waiter.send(outcomes.next());
                }
            }
        }
    }

    /// What is stored together with the first: what has come by now, and of a crowd what is about to come.
    async fn gather(&mut self, first: (Post, Waiter)) -> Vec<(Post, Waiter)> {
        let mut posts = vec![first];
        if self.crowd >= CROWD {
            let wait = async {
                while posts.len() < self.crowd
                    && let Some(next) = self.receiver.recv().await
                {
                    posts.push(next);
                }
            };
            let _ = tokio::time::timeout(LINGER, wait).await;
        }
        while posts.len() < POSTS_AT_ONCE
            && let Ok(next) = self.receiver.try_recv()
        {
            posts.push(next);
        }
        self.crowd = posts.len();
        // A sender that has been told to come again does so.
        posts.retain(|(_, waiter)| !waiter.is_closed());
        posts
    }

    /// Of one source. Rows that are refused are looked at once more with what is known by now.
    async fn store(&mut self, context: &Context, posts: Arc<Vec<Post>>) -> Result<Vec<PostOutcome>, JobError> {
        let begun = Instant::now();
        // What was settled or erased meanwhile is forgotten.
        if self.waiting_since.elapsed() >= KNOWN_FOR {
            (self.waiting, self.waiting_since) = (WaitingKeys::default(), begun);
        }
        let (known, since) = match self.known.take().filter(|(_, since)| since.elapsed() < KNOWN_FOR) {
            Some(known) => known,
            None => (knowledge(context).await?, begun),
        };
        if let Some(outcomes) = try_store(context, &known, &posts, (since >= begun, &mut self.waiting)).await? {
            self.known = Some((known, since));
            return Ok(outcomes);
        }
        let now = knowledge(context).await?;
        let outcomes = try_store(context, &now, &posts, (true, &mut self.waiting)).await?.unwrap_or_default();
        self.known = Some((now, begun));
        Ok(outcomes)
    }
}

/// `None` if rows were refused and nothing was stored, since something may have changed in the meantime (`is_final`
/// says that it has not).
async fn try_store(
    context: &Context,
    knowledge: &Knowledge,
    posts: &Arc<Vec<Post>>,
    (is_final, rejected): (bool, &mut WaitingKeys),
) -> Result<Option<Vec<PostOutcome>>, JobError> {
    let Some(source) = posts.first().map(|post| &post.source) else { return Ok(Some(Vec::new())) };
    let (store, name, now) = (&context.store, source.name.as_str(), context.clock.now());
    // Taken out: if this fails, they are read again.
    let mut writer = BatchWriter::new(store, knowledge.clone(), (Kind::Usage, name), &columns()?)
        .knowing(std::mem::take(rejected));
    let waiting =
        if source.reader.keeps_state() { hold_waiting(store, name, &mut writer).await? } else { Waiting::default() };
    let collector = Collector::new(Arc::clone(&source.reader), knowledge.clone())?;
    let bodies = Arc::clone(posts);
    let Collected { groups, owners } =
        tokio::task::spawn_blocking(move || collect(collector, &bodies, waiting)).await?;
    let mut outcomes = vec![PostOutcome::default(); posts.len()];
    let (mut skipped, mut changes) = (BTreeMap::<String, u64>::new(), Vec::new());
    for group in groups {
        changes.extend(open_changes(&group.waiting)?);
        let files: Vec<usize> = group.parts.iter().map(|part| part.file).collect();
        for part in &group.parts {
            if let Some(outcome) = owners.get(part.file).and_then(|owner| outcomes.get_mut(*owner)) {
                outcome.skipped += part.skipped.values().sum::<u64>();
            }
            for (reason, items) in &part.skipped {
                *skipped.entry(reason.clone()).or_default() += items;
            }
        }
        let told = writer.write_group(group).await?;
        for (file, PartOutcome { stored, duplicates, rejected }) in files.into_iter().zip(told.parts) {
            let Some(outcome) = owners.get(file).and_then(|owner| outcomes.get_mut(*owner)) else { continue };
            outcome.stored += stored;
            outcome.duplicates += duplicates;
            outcome.rejected += rejected;
        }
    }
    if !is_final && outcomes.iter().any(|outcome| outcome.rejected > 0) {
        return Ok(None);
    }
    let sum = |of: fn(&PostOutcome) -> u64| outcomes.iter().map(of).sum::<u64>();
    let mut counts = vec![
        ("files", "", posts.len() as u64),
        ("stored", "", sum(|outcome| outcome.stored)),
        ("duplicates", "", sum(|outcome| outcome.duplicates)),
        ("rejected", "", sum(|outcome| outcome.rejected)),
    ];
    counts.extend(skipped.iter().map(|(reason, items)| ("skipped", reason.as_str(), *items)));
    if let Some(tx) = writer.transaction() {
        tx.intake().note_open_legs(name, &changes, now).await?;
        tx.intake().count(name, &counts).await?;
        tx.intake().note(name, posts.last().map_or("", |post| &post.name), now).await?;
    }
    fault_injection::point("push");
    pause_points::reach("before-posts-are-committed").await;
    writer.commit(false).await?;
    *rejected = writer.into_known();
    Ok(Some(outcomes))
}

/// The legs whose end has not come, held until the writer commits, so that no other process pairs the same ends.
async fn hold_waiting(store: &Store, name: &str, writer: &mut BatchWriter) -> Result<Waiting, JobError> {
    let mut tx = store.write().await?;
    tx.work().lock_imports().await?;
    let waiting = waiting_legs(&mut tx, name).await?;
    writer.go_on_in(tx);
    Ok(waiting)
}

struct Collected {
    groups: Vec<Group>,
    /// Which post each file of the collector is.
    owners: Vec<usize>,
}

fn collect(mut collector: Collector, posts: &[Post], mut waiting: Waiting) -> Collected {
    let (mut groups, mut owners) = (Vec::new(), Vec::new());
    for (owner, post) in posts.iter().enumerate() {
        let source = Source::of_bytes(&post.name, Arc::clone(&post.body));
        let place = format!("{}: {}", post.source.name, printable(&post.name));
        let mut flush = |group: Group| {
            groups.push(group);
            true
        };
        let fault = match collector.read((&source, &place), &mut waiting, &mut flush, &mut || Ok(())) {
            Ok(doubt) => doubt.filter(|doubt| doubt.is_certain).map(|doubt| doubt.words),
            Err(error) => Some(error.to_string()),
        };
        if let Some(reason) = fault {
            // Kept, and so answered as taken: its sender would send the same for ever.
            let text = post.body[..post.body.len().min(LONGEST_KEPT)].to_vec();
            collector.add_unreadable(&place, &UnreadableItem { line: 0, text, reason });
        }
        owners.resize(collector.files(), owner);
    }
    groups.push(collector.take());
    Collected { groups, owners }
}
