//! Published statements at hand while their messages are composed.
//!
//! An account with a thousand rooms needs a thousand messages from one statement: it is read once, not a thousand
//! times.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::archive::{ArchiveError, MANIFEST, Manifest, StatementFolder};
use crate::domain::Statement;
use crate::jobs::{Context, JobError};
use crate::mail::{Attachment, EmailBody};
use crate::store::StatementKey;

/// Statements kept: messages of one statement come together.
const KEPT: usize = 4;

/// A frozen statement beside the list of its files.
#[derive(Debug)]
pub(crate) struct PublishedStatement {
    pub statement: Arc<Statement>,
    pub manifest: Manifest,
    /// The account's files as they are attached, once they have been read: all its owners get the same. A room's go
    /// to one person.
    pub account_files: OnceCell<Vec<Attachment>>,
    /// The subject and the body, for owners who are greeted without a name.
    pub account_body: OnceCell<(String, EmailBody)>,
}

#[derive(Default)]
pub(crate) struct PublishedStatements {
    /// The newest last.
    kept: Mutex<Vec<(StatementKey, Arc<SharedRead>)>>,
}

/// Workers who want the same statement wait for one read; those who want others do not wait for it.
type SharedRead = OnceCell<Arc<PublishedStatement>>;

impl PublishedStatements {
    pub async fn get(&self, context: &Context, key: StatementKey) -> Result<Arc<PublishedStatement>, JobError> {
        let reading = self.reading(key);
        reading.get_or_try_init(async || read(context, key).await.map(Arc::new)).await.cloned()
    }

    fn reading(&self, key: StatementKey) -> Arc<SharedRead> {
        // Nothing panics while it holds the lock; if something did, the list is still whole.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, reading)) = kept.iter().find(|(known, _)| *known == key) {
            return Arc::clone(reading);
        }
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        let reading = Arc::new(SharedRead::new());
        kept.push((key, Arc::clone(&reading)));
        reading
    }
}

async fn read(context: &Context, key: StatementKey) -> Result<PublishedStatement, JobError> {
    let statement = Arc::new(context.store.read().await?.statements().statement(key).await?);
    let folder = StatementFolder::from(statement.id());
    match context.archive.manifest(&folder).await? {
        Some((manifest, _)) if manifest.is_of(&statement) => Ok(PublishedStatement {
            statement,
            manifest,
            account_files: OnceCell::new(),
            account_body: OnceCell::new(),
        }),
        Some((manifest, _)) => Err(ArchiveError::conflict(&manifest, &statement).into()),
        None => {
            let key = folder.key(MANIFEST);
            Err(ArchiveError::BadManifest { key, why: "is missing, so nothing of this statement is sent".into() }
                .into())
        }
    }
}
