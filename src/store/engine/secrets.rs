//! The secrets of this installation: made once, kept in the database, and so in its backups and copies.

use crate::digest::DigestKey;
use crate::store::{Store, StoreError, execute, fetch};

/// Keys the ids of messages.
const MESSAGE_ID: &str = "message_id";

impl Store {
    /// What keys the ids of messages; an error before [`Store::migrate`] or [`Store::check_schema`].
    pub fn message_key(&self) -> Result<&DigestKey, StoreError> {
        self.message_key.get().ok_or(StoreError::NotMigrated)
    }

    /// Reads the secrets, and makes those that are missing. Of several processes that do so at once, one makes them.
    pub(crate) async fn make_secrets(
        &self,
        new_key: impl FnOnce() -> std::io::Result<DigestKey>,
    ) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO installation_secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        if self.read_secrets().await? {
            return Ok(());
        }
        let key = new_key().map_err(|error| StoreError::Database(sqlx::Error::Io(error)))?;
        let mut tx = self.write().await?;
        execute!(&mut tx, sqlx::query(SQL).bind(MESSAGE_ID).bind(key.to_hex()));
        tx.commit().await?;
        self.read_secrets().await?;
        Ok(())
    }

    /// False if one is missing.
    pub(crate) async fn read_secrets(&self) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT value FROM installation_secret WHERE name = $1";
        if self.message_key.get().is_some() {
            return Ok(true);
        }
        let mut tx = self.read().await?;
        let found = fetch!(optional, &mut tx, sqlx::query_scalar::<_, String>(SQL).bind(MESSAGE_ID));
        let Some(text) = found else { return Ok(false) };
        let corrupt = || StoreError::Corrupt {
            table: "installation_secret",
            row: MESSAGE_ID.into(),
            column: "value",
            why: "is not a key in hexadecimal".into(),
        };
        let key = DigestKey::from_hex(&text).ok_or_else(corrupt)?;
        Ok(self.message_key.set(key).is_ok() || self.message_key.get().is_some())
    }
}
