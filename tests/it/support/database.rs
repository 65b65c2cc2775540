//! An empty, migrated database of its own for a test, on either engine.

use std::path::{Path, PathBuf};

use statementd::store::Store;

use super::{eventually, postgres};

pub struct Database {
    pub store: Store,
    pub url: String,
    folder: tempfile::TempDir,
}

impl Database {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/statementd.db", folder.path().display());
        Self::open(&url, folder).await
    }

    pub async fn postgres() -> Self {
        Self::open(&postgres::new_database().await, tempfile::tempdir().unwrap()).await
    }

    async fn open(url: &str, folder: tempfile::TempDir) -> Self {
        let store = Store::open(url).await.unwrap();
        store.migrate().await.unwrap();
        Self { store, url: url.to_owned(), folder }
    }

    /// A folder for files, gone with the database.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// Returns once a process waits for the writer of a SQLite database that another one has: its place in the queue is
/// taken.
pub async fn until_a_process_waits(database: &Path) {
    let queue = std::fs::File::open(database.with_added_extension("queue.lock")).unwrap();
    eventually("a process that waits for the writer", async || {
        if queue.try_lock().is_err() {
            return Some(());
        }
        queue.unlock().unwrap();
        None
    })
    .await;
}

/// Runs tests, each `async fn name(database: Database)`, on every engine: as `name::sqlite` and `name::postgres`.
macro_rules! on_each_engine {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            use crate::support::database::Database;

            #[tokio::test]
            async fn sqlite() {
                super::$name(Database::sqlite().await).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::$name(Database::postgres().await).await;
            }
        })+
    };
}
pub(crate) use on_each_engine;
