//! Which dialled number is which service type.

use crate::domain::{AccessNumber, AccessNumberRow, AccessNumbers};
use crate::store::master::notes::MasterOutcome;
use crate::store::{StoreError, Tariffs, execute, fetch, record};

record! {
    struct AccessNumberRecord {
        number: String,
        is_prefix: bool,
        valid_from: String,
        service_type: String,
    }
}

impl Tariffs<'_> {
    /// Stores the row, or changes the one with its number and date.
    pub async fn upsert_access_number(&mut self, row: &AccessNumberRow) -> Result<MasterOutcome, StoreError> {
        const SQL: &str = "INSERT INTO access_number (number, is_prefix, valid_from, service_type)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (number, is_prefix, valid_from) DO UPDATE SET service_type = excluded.service_type
             WHERE access_number.service_type <> excluded.service_type";
        let written = execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(row.number.digits())
                .bind(row.number.is_prefix())
                .bind(row.valid_from.to_string())
                .bind(row.service_type.as_str())
        );
        Ok(MasterOutcome { stored: written > 0, ..MasterOutcome::default() })
    }

    /// All access numbers.
    pub async fn access_numbers(&mut self) -> Result<AccessNumbers, StoreError> {
        const SQL: &str = "SELECT number, is_prefix, valid_from, service_type FROM access_number";
        let mut numbers = AccessNumbers::default();
        for record in fetch!(all, self.tx, sqlx::query_as::<_, AccessNumberRecord>(SQL)) {
            let corrupt = |column| StoreError::corrupt("access_number", &record.number, column);
            let number = AccessNumber::new(&record.number, record.is_prefix)
                .map_err(|error| corrupt("number")(error.to_string()))?;
            let service_type =
                record.service_type.parse().map_err(|error| corrupt("service_type")(format!("{error}")))?;
            let valid_from = record.valid_from.parse().map_err(|error| corrupt("valid_from")(format!("{error}")))?;
            numbers.add(AccessNumberRow { number, service_type, valid_from });
        }
        Ok(numbers)
    }
}
