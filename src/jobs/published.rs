//! Published statements at hand while their messages are composed.
//!
//! An account with a thousand rooms owes a thousand messages from one statement: it is read once, not a thousand
//! times.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::{Context, JobError};
use crate::archive::{ArchiveError, MANIFEST, Manifest, StatementFolder};
use crate::domain::Statement;
use crate::store::StatementKey;

/// Statements kept: messages of one statement come together.
const KEPT: usize = 4;

/// A frozen statement beside the list of its files.
#[derive(Debug)]
pub(super) struct PublishedStatement {
    pub statement: Arc<Statement>,
    pub manifest: Manifest,
}

#[derive(Default)]
pub(super) struct PublishedStatements {
    /// The newest last.
    kept: Mutex<Vec<(StatementKey, Arc<PublishedStatement>)>>,
}

impl PublishedStatements {
    pub async fn get(&self, context: &Context, key: StatementKey) -> Result<Arc<PublishedStatement>, JobError> {
        // Held while reading, so that workers who want the same statement wait for one read.
        let mut kept = self.kept.lock().await;
        if let Some((_, published)) = kept.iter().find(|(known, _)| *known == key) {
            return Ok(Arc::clone(published));
        }
        let published = Arc::new(read(context, key).await?);
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((key, Arc::clone(&published)));
        Ok(published)
    }
}

async fn read(context: &Context, key: StatementKey) -> Result<PublishedStatement, JobError> {
    let statement = Arc::new(context.store.read().await?.statement(key).await?);
    let folder = StatementFolder {
        period: statement.period.id,
        account: statement.account.number.clone(),
        revision: statement.revision,
    };
    match context.archive.manifest(&folder).await? {
        Some((manifest, _)) if manifest.is_of(&statement) => Ok(PublishedStatement { statement, manifest }),
        Some(_) => Err(ArchiveError::Conflict { folder: folder.to_string() }.into()),
        None => {
            let key = folder.key(MANIFEST);
            Err(ArchiveError::BadManifest { key, why: "is missing, so nothing of this statement is sent".into() }
                .into())
        }
    }
}
