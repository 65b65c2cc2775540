//! Whether the parts outside answer: archive and mail, looked at when somebody asks, and not too often.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::jobs::Context;
use crate::mail::{Courier, Transport};

/// A look writes an object and opens a connection: once in a while is enough.
pub(super) const CHECK_AGE: Duration = Duration::from_mins(1);
/// A part that takes longer does not answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// A part of the program that stands outside of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Part {
    /// `database`, `archive`, `mail`.
    pub name: &'static str,
    /// What is wrong with it, if anything.
    pub fault: Option<String>,
}

pub(super) async fn check(context: &Context) -> Vec<Part> {
    let archive = async { context.archive.probe().await.map_err(|error| error.to_string()) };
    let (archive, mail) = tokio::join!(within(archive), within(mail(Arc::clone(&context.transport))));
    vec![Part { name: "archive", fault: archive.err() }, Part { name: "mail", fault: mail.err() }]
}

async fn mail(transport: Arc<Transport>) -> Result<(), String> {
    if let Transport::File { dir } = &*transport {
        return tokio::fs::create_dir_all(dir).await.map_err(|error| format!("mail.dir: {error}"));
    }
    let mut courier = Courier::new(transport);
    let prepared = courier.prepare().await;
    courier.finish().await;
    prepared.map(drop).map_err(|failure| failure.to_string())
}

async fn within(check: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    match tokio::time::timeout(PATIENCE, check).await {
        Ok(checked) => checked,
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}
