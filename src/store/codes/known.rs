//! The codes that an account knows, and how it uses codes.

use crate::domain::{AccountCode, AccountNumber, BillingCode, CodePolicy};
use crate::store::engine::decode::{parse, parse_optional};
use crate::store::engine::lists::{list, list_sql};
use crate::store::master::notes::MasterOutcome;
use crate::store::{Codes, Key, StoreError, execute, fetch};

impl Codes<'_> {
    pub async fn policy(&mut self, account: Key) -> Result<CodePolicy, StoreError> {
        const SQL: &str = "SELECT is_listed, is_required, cardholders_assign FROM code_policy WHERE account_key = $1";
        let found = fetch!(optional, self.tx, sqlx::query_as::<_, (bool, bool, bool)>(SQL).bind(account));
        Ok(found.map_or_else(CodePolicy::default, |(is_listed, is_required, cardholders_assign)| CodePolicy {
            is_listed,
            is_required,
            cardholders_assign,
        }))
    }

    /// All codes that the account knows, in order.
    pub async fn account_codes(&mut self, account: Key) -> Result<Vec<AccountCode>, StoreError> {
        const SQL: &str = "SELECT billing_code, label, active FROM account_code
             WHERE account_key = $1 ORDER BY billing_code";
        type Row = (String, Option<String>, bool);
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, Row>(SQL).bind(account));
        rows.into_iter()
            .map(|(code, label, active)| {
                Ok(AccountCode {
                    label: parse_optional("account_code", &code, "label", label.as_deref())?,
                    code: parse("account_code", &code, "billing_code", &code)?,
                    active,
                })
            })
            .collect()
    }

    pub async fn set_policy(&mut self, account: Key, policy: CodePolicy) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO code_policy (account_key, is_listed, is_required, cardholders_assign)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (account_key) DO UPDATE SET is_listed = excluded.is_listed,
                 is_required = excluded.is_required, cardholders_assign = excluded.cardholders_assign";
        execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(account)
                .bind(policy.is_listed)
                .bind(policy.is_required)
                .bind(policy.cardholders_assign)
        );
        Ok(())
    }

    /// These are the codes that can be given from now on; others stay known, with their names.
    pub async fn set_active_codes(&mut self, account: Key, codes: &[BillingCode]) -> Result<(), StoreError> {
        const ALL: &str = "UPDATE account_code SET active = FALSE WHERE account_key = $1";
        const THESE: &str =
            "INSERT INTO account_code (account_key, billing_code, active) SELECT $2, item.value ->> 0, TRUE FROM {list}
             WHERE TRUE ON CONFLICT (account_key, billing_code) DO UPDATE SET active = TRUE";
        execute!(self.tx, sqlx::query(ALL).bind(account));
        let (sql, codes) = (list_sql(self.tx, THESE), list(codes.iter().map(|code| (code.as_str(),)))?);
        execute!(self.tx, sqlx::query(sql).bind(codes).bind(account));
        Ok(())
    }

    /// Remembers a code that was given, so that it is proposed from now on.
    pub async fn know_code(&mut self, account: Key, code: &BillingCode) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO account_code (account_key, billing_code, active) VALUES ($1, $2, TRUE)
             ON CONFLICT (account_key, billing_code) DO UPDATE SET active = TRUE";
        execute!(self.tx, sqlx::query(SQL).bind(account).bind(code.as_str()));
        Ok(())
    }

    /// A row of a file: stores the code, or changes it.
    pub async fn upsert_account_code(
        &mut self,
        account: &AccountNumber,
        code: &AccountCode,
    ) -> Result<MasterOutcome, StoreError> {
        const SQL: &str = "INSERT INTO account_code (account_key, billing_code, label, active)
             SELECT account_key, $2, $3, $4 FROM account WHERE account_number = $1
             ON CONFLICT (account_key, billing_code) DO UPDATE SET label = excluded.label, active = excluded.active
             WHERE account_code.active <> excluded.active OR COALESCE(account_code.label, '') <> COALESCE(excluded.label, '')";
        let written = execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(account.as_str())
                .bind(code.code.as_str())
                .bind(code.label.as_ref().map(|label| label.as_str()))
                .bind(code.active)
        );
        Ok(MasterOutcome::stored(written > 0))
    }
}
