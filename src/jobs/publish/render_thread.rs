//! A statement's files, rendered from the frozen statement and its usage.
//!
//! Rendering has threads of its own, outside of the async runtime, so it may wait for the disk without handing work
//! over.

use std::sync::{Arc, LazyLock, OnceLock};

use rayon_core::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc, oneshot};

use crate::domain::{Formats, Statement};
use crate::jobs::publish::room_legs::read_rooms;
use crate::jobs::{Context, JobError};
use crate::render::{RenderedFile, Renderer, RoomLegs};
use crate::store::{StoreError, UsageScope};

/// Rendered files that wait to be taken, per statement.
const FILES_AHEAD: usize = 4;
/// Statements that are read and rendered in addition to one per processor: some wait for the store.
const WAITING_FOR_STORE: usize = 4;

/// What is rendered.
pub(crate) struct RenderJob {
    statement: Arc<Statement>,
    renderer: Arc<Renderer>,
    rooms: mpsc::Receiver<Result<RoomLegs, StoreError>>,
    formats: Formats,
    /// Rooms without usage get files too.
    empty_rooms: bool,
}

impl RenderJob {
    /// Renders what the settings ask for; starts to read the usage.
    pub fn new(context: &Context, statement: &Arc<Statement>, scope: UsageScope) -> Self {
        Self {
            rooms: read_rooms(context.store.clone(), scope, Arc::clone(statement)),
            statement: Arc::clone(statement),
            renderer: Arc::clone(&context.renderer),
            formats: context.settings.formats,
            empty_rooms: context.settings.empty_rooms,
        }
    }

    /// Renders other files than the settings ask for.
    pub fn with(self, formats: Formats, empty_rooms: bool) -> Self {
        Self { formats, empty_rooms, ..self }
    }

    /// Renders until the end, or until `take` says false.
    pub fn run(mut self, take: &mut impl FnMut(RenderedFile) -> bool) -> Result<(), JobError> {
        let mut rendering = self.renderer.statement(&self.statement, self.formats, self.empty_rooms)?;
        while let Some(legs) = self.rooms.blocking_recv() {
            if !rendering.room(legs?)?.into_iter().all(&mut *take) {
                return Ok(());
            }
        }
        Ok(rendering.finish(take)?)
    }

    /// Renders ahead of anyone who takes the files.
    pub fn files(self) -> RenderedFiles {
        let (sender, files) = mpsc::channel(FILES_AHEAD);
        let done = spawn(move || self.run(&mut |file| sender.blocking_send(file).is_ok()));
        RenderedFiles { files, done: Some(done) }
    }
}

/// Files as they are finished.
pub(crate) struct RenderedFiles {
    files: mpsc::Receiver<RenderedFile>,
    done: Option<oneshot::Receiver<Result<(), JobError>>>,
}

impl RenderedFiles {
    /// The next file; `None` once all have been returned.
    pub async fn next(&mut self) -> Result<Option<RenderedFile>, JobError> {
        if let Some(file) = self.files.recv().await {
            return Ok(Some(file));
        }
        match self.done.take() {
            Some(done) => done.await.unwrap_or(Err(JobError::RenderingStopped)).map(|()| None),
            None => Ok(None),
        }
    }
}

/// Runs `work` on one of a few threads outside of the async runtime. The sender is dropped, and the receiver told, if
/// it panics.
pub(crate) fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> oneshot::Receiver<T> {
    let (sender, result) = oneshot::channel();
    let span = tracing::Span::current();
    match threads() {
        // A receiver that has ended needs no result.
        Ok(threads) => threads.spawn(move || drop(sender.send(span.in_scope(work)))),
        Err(error) => tracing::error!("No thread can be started for rendering: {error}"),
    }
    result
}

/// A turn to read and render a statement, which is in memory for as long.
pub(super) async fn turn() -> Option<SemaphorePermit<'static>> {
    static TURNS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(statements_at_once()));
    // Never closed.
    TURNS.acquire().await.ok()
}

/// Of this process.
fn statements_at_once() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from) + WAITING_FOR_STORE
}

/// As many as there are turns: some of them wait for their usage.
fn threads() -> Result<&'static ThreadPool, &'static ThreadPoolBuildError> {
    static THREADS: OnceLock<Result<ThreadPool, ThreadPoolBuildError>> = OnceLock::new();
    let start = || {
        ThreadPoolBuilder::new()
            .num_threads(statements_at_once())
            .thread_name(|number| format!("render-{number}"))
            // Rayon ends the process otherwise; the panic's message is in the log by now.
            .panic_handler(drop)
            .build()
    };
    THREADS.get_or_init(start).as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_panics_is_told_and_costs_no_thread() {
        for _ in 0..2 * statements_at_once() {
            assert!(spawn(|| -> u8 { panic!("ordered by a test") }).await.is_err());
        }
        assert_eq!(spawn(|| 7).await, Ok(7));
    }
}
