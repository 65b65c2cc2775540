//! The connection limit of a listener: how many there are at most, and which one is closed for a new one.
//!
//! A connection on which nothing is being answered costs its owner nothing, so it must not keep others out: when all
//! places are taken, the one that has waited for longest, for a request or for the rest of one, is cut. Those that
//! are being answered stay.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// All places of a listener. Cheap to clone.
#[derive(Clone)]
pub(super) struct Connections {
    places: Arc<Semaphore>,
    waiting: Arc<Mutex<Waiting>>,
}

/// Connections without a request under way, in the order in which they began to wait.
#[derive(Default)]
struct Waiting {
    next: u64,
    by_turn: BTreeMap<u64, CancellationToken>,
}

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// For the head of a request.
    Waiting,
    /// A request is under way, since then.
    Answering(Instant),
}

/// One connection's place; free again when this is dropped.
pub(super) struct ConnectionSlot {
    waiting: Arc<Mutex<Waiting>>,
    stage: watch::Sender<Stage>,
    /// Its place in the order of closing; `None` while it must not be closed.
    turn: Mutex<Option<u64>>,
    /// Cancelled when the connection has to give way.
    gives_way: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

/// A request that is under way until this is dropped.
pub(super) struct UnderWay {
    place: Arc<ConnectionSlot>,
}

impl Connections {
    pub(super) fn new(places: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), waiting: Arc::default() }
    }

    /// Returns a place as soon as there is one, which another connection may have to leave.
    /// `None` never comes: nothing closes the places.
    pub(super) async fn place(&self) -> Option<ConnectionSlot> {
        if self.places.available_permits() == 0 {
            // Either the one that is cut ends now, or one of those that are being answered will.
            self.cut_longest_waiting();
        }
        let permit = Arc::clone(&self.places).acquire_owned().await.ok()?;
        Some(self.taken(permit))
    }

    /// Ends the connection that has waited for longest; false if none waits.
    pub(super) fn cut_longest_waiting(&self) -> bool {
        let longest = lock(&self.waiting).by_turn.pop_first();
        longest.is_some_and(|(_, token)| {
            token.cancel();
            true
        })
    }

    fn taken(&self, permit: OwnedSemaphorePermit) -> ConnectionSlot {
        let gives_way = CancellationToken::new();
        let turn = Mutex::new(Some(lock(&self.waiting).begin(gives_way.clone())));
        let stage = watch::Sender::new(Stage::Waiting);
        ConnectionSlot { waiting: Arc::clone(&self.waiting), stage, turn, gives_way, _permit: permit }
    }
}

impl Waiting {
    fn begin(&mut self, token: CancellationToken) -> u64 {
        self.next += 1;
        self.by_turn.insert(self.next, token);
        self.next
    }
}

impl ConnectionSlot {
    /// Notes that the head of a request has come; its body is waited for, until [`Self::has_come`].
    pub(super) fn answer(self: &Arc<Self>) -> UnderWay {
        self.queue_anew();
        self.stage.send_replace(Stage::Answering(Instant::now()));
        UnderWay { place: Arc::clone(self) }
    }

    pub(super) fn stages(&self) -> watch::Receiver<Stage> {
        self.stage.subscribe()
    }

    /// Returns when the connection has to go.
    pub(super) async fn gives_way(&self) {
        self.gives_way.cancelled().await;
    }

    /// Notes that all of the request has come: it is being answered, and stays.
    pub(super) fn has_come(&self) {
        if let Some(turn) = lock(&self.turn).take() {
            lock(&self.waiting).by_turn.remove(&turn);
        }
    }

    fn queue_anew(&self) {
        self.has_come();
        *lock(&self.turn) = Some(lock(&self.waiting).begin(self.gives_way.clone()));
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.has_come();
    }
}

impl UnderWay {
    /// Notes that more has come: its time begins anew.
    pub(super) fn goes_on(&self) {
        self.place.stage.send_replace(Stage::Answering(Instant::now()));
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.place.queue_anew();
        self.place.stage.send_replace(Stage::Waiting);
    }
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
