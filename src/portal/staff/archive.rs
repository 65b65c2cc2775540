//! The archive's objects for staff, by the checked download that customers use: what is not as it was written is not
//! handed out, and the page says what to run.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use tokio::sync::mpsc;

use super::visit::{Opened, StaffVisit};
use crate::content::Content;
use crate::domain::Period;
use crate::jobs::{FetchError, month_file, write_month_zip};
use crate::portal::respond::{self, Refusal};
use crate::portal::visit::Answer;
use crate::render::{Message, StaffFrame};
use crate::web::OfAnyLength;

/// Pieces of a ZIP that wait for the client.
const PIECES: usize = 8;

/// The status of a page that refuses a damaged file.
const DAMAGED: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;

/// Why a file is not handed out, as a page.
pub(super) fn refuse(visit: &StaffVisit, error: &FetchError) -> Answer {
    let (status, title, hint) = match error {
        FetchError::Damaged { .. } | FetchError::MonthDamaged { .. } => {
            tracing::error!("Staff asked for a file of the archive that is not as it was written: {error}");
            (DAMAGED, "This file is damaged", "It is not handed out. The person who runs statementd should see this:")
        }
        FetchError::Archive(_) => {
            tracing::error!("A file of the archive could not be read for staff: {error}");
            (StatusCode::SERVICE_UNAVAILABLE, "The archive does not answer", "Try again in a moment.")
        }
        FetchError::MonthBeingMade { .. } => {
            (StatusCode::SERVICE_UNAVAILABLE, "This file is being made anew", "Try again in a moment.")
        }
        _ => (StatusCode::NOT_FOUND, "There is no such file", "The archive does not have it:"),
    };
    let signed_in = visit.member.as_ref().map(|member| member.address().to_string());
    let frame = StaffFrame { signed_in, path: visit.path.clone() };
    let page = visit.context.renderer.staff_refusal_page(&frame, (title, hint, &error.to_string()))?;
    Ok(respond::with_status(status, respond::html(page)))
}

/// A month's table of contents or manifest.
pub(super) async fn month_object(visit: &StaffVisit) -> Answer {
    let period: Period = visit.parameters.get("period").parse().map_err(|_| Refusal::NotFound)?;
    let name = visit.parameters.get("file");
    let bytes = match month_file(&visit.context, period, name).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(Refusal::NotFound),
        Err(error) => return refuse(visit, &error),
    };
    let what = format!("the month's {name}");
    visit.note(Opened { period: Some(period), what: &what, ..Opened::default() }).await?;
    let media_type = match name.rsplit_once('.') {
        Some((_, "html")) => return Ok(respond::statement_page(bytes)),
        Some((_, "csv")) => "text/csv; charset=utf-8",
        _ => "application/json",
    };
    respond::file(media_type, &format!("{period}-{name}"), Content::from(bytes))
        .map_err(|error| Refusal::Broken(error.to_string()))
}

/// The month as one file, sent as it is made.
pub(super) async fn month_zip(visit: &StaffVisit) -> Answer {
    let period: Period = visit.parameters.get("period").parse().map_err(|_| Refusal::NotFound)?;
    let context = visit.context.clone();
    let known = context.store.read_for_people().await?.statements().statement_periods().await?;
    if !known.contains(&period) {
        return Err(Refusal::NotFound);
    }
    let busy = |_| Refusal::Said(StatusCode::SERVICE_UNAVAILABLE, Message::Unavailable);
    let permit = Arc::clone(&visit.shared.staff.zips).try_acquire_owned().map_err(busy)?;
    visit.note(Opened { period: Some(period), what: "the month as ZIP", ..Opened::default() }).await?;
    let (sender, receiver) = mpsc::channel::<std::io::Result<Vec<u8>>>(PIECES);
    tokio::spawn(async move {
        if let Err(error) = write_month_zip(&context, period, &sender).await {
            tracing::error!("The ZIP of a month was not finished: {error}");
            // The connection is cut, so that a part is not taken for the whole.
            let _ = sender.send(Err(std::io::Error::other("the ZIP could not be finished"))).await;
        }
        drop(permit);
    });
    let pieces = futures_util::stream::unfold(receiver, |mut receiver| async move {
        let piece = receiver.recv().await?;
        Some((piece.map(Bytes::from), receiver))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.extensions_mut().insert(OfAnyLength);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    if let Ok(value) = format!("attachment; filename=\"{period}.zip\"").parse() {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
