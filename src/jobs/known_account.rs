//! Finds the account that a command or a page names.

use crate::domain::AccountNumber;
use crate::jobs::JobError;
use crate::store::{Key, Tx};

/// The account's key; an unknown number is an error, not an empty answer.
pub async fn known_account(tx: &mut Tx, account: &AccountNumber) -> Result<Key, JobError> {
    tx.accounts().account_key(account).await?.ok_or_else(|| JobError::NoSuchAccount(account.clone()))
}
