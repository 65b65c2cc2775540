//! The worker that takes usage in as it arrives. A watch on the folders makes it look sooner, and decides nothing.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tracing::Instrument;

use super::metrics::{Metrics, timed};
use super::worker::WorkerHandle;
use crate::fault_injection;
use crate::jobs::{Inboxes, IntakeRules};

/// Between two looks: a folder that is written to all day is not looked at all day.
const PAUSE: Duration = Duration::from_millis(200);
/// After a round that failed: the database needs time to come back.
const RETRY: Duration = Duration::from_secs(5);

/// Takes usage in until told to stop.
pub(super) async fn take_usage(handle: WorkerHandle) {
    let (mut inboxes, mut watched) = (Inboxes::default(), Watched::default());
    let mut again = Duration::ZERO;
    while let Some(active) = handle.next_within(again).await {
        let keep_going = handle.keep_going();
        let round = async {
            fault_injection::point("inboxes");
            watched.follow(&active.context.settings.intake, &handle.wake);
            match timed("intake", Box::pin(inboxes.take_usage(&active.context, &keep_going, &Metrics::show_waiting)))
                .await
            {
                Ok(round) => {
                    if round.stored + round.rejected > 0 {
                        tracing::info!(
                            stored = round.stored,
                            duplicates = round.duplicates,
                            rejected = round.rejected,
                            "Usage taken in"
                        );
                    }
                    round.again
                }
                Err(error) => {
                    tracing::error!("Taking usage in was interrupted, and goes on soon: {error}");
                    Some(RETRY)
                }
            }
        };
        again = round.instrument(handle.liveness.span()).await.unwrap_or(RETRY);
        handle.pause(PAUSE).await;
    }
}

/// The folders that are watched.
#[derive(Default)]
struct Watched {
    folders: BTreeSet<PathBuf>,
    watcher: Option<RecommendedWatcher>,
}

impl Watched {
    /// Watches the folders of these sources that are there, and no others.
    fn follow(&mut self, rules: &IntakeRules, wake: &Arc<Notify>) {
        let folders = rules.sources.iter().filter_map(|source| source.place.folder());
        let folders: BTreeSet<PathBuf> = folders.filter(|folder| folder.is_dir()).map(ToOwned::to_owned).collect();
        if folders == self.folders {
            return;
        }
        let wake = Arc::clone(wake);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading a file is an event as well.
            if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_)) && !is_written(event.kind)) {
                wake.notify_one();
            }
        });
        self.watcher = watcher.ok().map(|mut watcher| {
            for folder in &folders {
                if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
                    tracing::warn!(folder = %folder.display(), "The folder is looked at every minute only: {error}");
                }
            }
            watcher
        });
        self.folders = folders;
    }
}

fn is_written(kind: EventKind) -> bool {
    use notify::event::{AccessKind, AccessMode};
    matches!(kind, EventKind::Access(AccessKind::Close(AccessMode::Write)))
}
