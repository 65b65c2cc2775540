//! A copy of an SQLite database of one moment, while others go on writing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::store::engine::schema::Db;
use crate::store::engine::sqlite::create_private;
use crate::store::{Store, StoreError};

impl Store {
    /// Writes the database into `file`, which must not exist; returns its size in bytes.
    ///
    /// The copy gets its name only once it is whole, checked and on the disk.
    pub async fn back_up(&self, file: &Path) -> Result<u64, StoreError> {
        let Db::Sqlite(db) = &self.db else { return Err(StoreError::BackupElsewhere) };
        if file.exists() {
            return Err(StoreError::BackupExists(file.to_owned()));
        }
        let partial = partial_name(file);
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::File { path, source }
        };
        remove_if_there(&partial).map_err(at(&partial))?;
        // SQLite writes into an empty file, and this one others cannot read.
        create_private(&partial)?;
        // A connection of its own: neither the daemon's writer nor its readers wait.
        let source = SqliteConnectOptions::new().filename(db.path()).read_only(true).disable_statement_logging();
        let mut connection = source.connect().await?;
        let vacuumed = sqlx::query("VACUUM INTO $1").bind(partial.display().to_string());
        let vacuumed = vacuumed.execute(&mut connection).await;
        connection.close().await?;
        if let Err(error) = vacuumed {
            // The error is what is reported, not a file that could not be removed.
            let _ = std::fs::remove_file(&partial);
            return Err(error.into());
        }
        check(&partial).await?;
        let written = std::fs::File::open(&partial).and_then(|copy| {
            copy.sync_all()?;
            copy.metadata().map(|metadata| metadata.len())
        });
        let bytes = written.map_err(at(&partial))?;
        std::fs::rename(&partial, file).map_err(at(file))?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))?;
        Ok(bytes)
    }
}

/// Reads every page of the copy.
async fn check(copy: &Path) -> Result<(), StoreError> {
    let options = SqliteConnectOptions::new().filename(copy).read_only(true).disable_statement_logging();
    let mut connection = options.connect().await?;
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut connection).await?;
    connection.close().await?;
    if verdict == "ok" { Ok(()) } else { Err(StoreError::BackupDamaged { path: copy.to_owned(), verdict }) }
}

fn partial_name(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".partial");
    PathBuf::from(name)
}

fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
