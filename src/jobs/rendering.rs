//! A statement's files, rendered from the frozen statement and its usage, ahead of whoever takes them.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::room_usage::read_rooms;
use super::{Context, JobError};
use crate::archive::FileName;
use crate::domain::Statement;
use crate::render::{Formats, RenderedFile, Renderer};
use crate::store::UsageScope;

/// Rendered files that nobody has taken yet, per statement.
const FILES_AHEAD: usize = 4;

/// Renders what the settings ask for.
pub(super) fn render(
    context: &Context,
    statement: Arc<Statement>,
    scope: UsageScope,
) -> mpsc::Receiver<Result<RenderedFile, JobError>> {
    render_as(context, statement, scope, context.settings.formats, context.settings.empty_rooms)
}

/// Reads participants and renders; `empty_rooms`: rooms without usage get files too.
pub(super) fn render_as(
    context: &Context,
    statement: Arc<Statement>,
    scope: UsageScope,
    formats: Formats,
    empty_rooms: bool,
) -> mpsc::Receiver<Result<RenderedFile, JobError>> {
    let (sender, files) = mpsc::channel(FILES_AHEAD);
    let mut rooms = read_rooms(context.store.clone(), scope);
    let renderer = Arc::clone(&context.renderer);
    tokio::task::spawn_blocking(move || {
        let mut send = |file: RenderedFile| sender.blocking_send(Ok(file)).is_ok();
        let mut run = |renderer: &Renderer| -> Result<(), JobError> {
            let mut rendering = renderer.statement(&statement, formats, empty_rooms)?;
            while let Some(usage) = rooms.blocking_recv() {
                let usage = usage?;
                if !rendering.room(&usage.room, &usage.participants)?.into_iter().all(&mut send) {
                    return Ok(());
                }
            }
            Ok(rendering.finish(&mut send)?)
        };
        if let Err(error) = run(&renderer) {
            // A receiver that went away needs no error.
            let _ = sender.blocking_send(Err(error));
        }
    });
    files
}

/// Within the statement's folder.
pub(super) fn file_name(file: &RenderedFile) -> String {
    match &file.room {
        None => FileName::Account(file.extension),
        Some(room) => FileName::Room(room.clone(), file.extension),
    }
    .to_string()
}
