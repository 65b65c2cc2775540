//! Columns back into the domain's types; an error names table, row and column.

use std::str::FromStr;

use chrono::{DateTime, Utc};

use crate::digest::Sha256;
use crate::domain::{Amount, PeriodBounds, RoomNumber, Totals};
use crate::store::StoreError;

/// Parses a stored text into its type.
pub(crate) fn parse<T>(table: &'static str, row: &str, column: &'static str, text: &str) -> Result<T, StoreError>
where
    T: FromStr<Err: std::fmt::Display>,
{
    text.parse().map_err(|error: T::Err| StoreError::corrupt(table, row, column)(error.to_string()))
}

/// Like [`parse`], of a column that may be NULL.
pub(crate) fn parse_optional<T>(
    table: &'static str,
    row: &str,
    column: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, StoreError>
where
    T: FromStr<Err: std::fmt::Display>,
{
    text.map(|text| parse(table, row, column, text)).transpose()
}

/// Seconds since 1970.
pub(crate) fn instant(
    table: &'static str,
    row: &str,
    column: &'static str,
    seconds: i64,
) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp(seconds, 0)
        .ok_or_else(|| StoreError::corrupt(table, row, column)("is out of range".into()))
}

/// A period of `table` with its bounds, which are those of its closing.
pub(crate) fn period_bounds(
    table: &'static str,
    row: &str,
    (period, starts_at, ends_at): (&str, i64, i64),
) -> Result<PeriodBounds, StoreError> {
    Ok(PeriodBounds {
        id: parse(table, row, "period", period)?,
        start: instant("closing", row, "starts_at", starts_at)?,
        end: instant("closing", row, "ends_at", ends_at)?,
    })
}

/// A number that is never negative.
pub(crate) fn count(table: &'static str, row: &str, column: &'static str, number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|error| StoreError::corrupt(table, row, column)(error.to_string()))
}

/// The number of a statement's revision.
pub(crate) fn revision_number(row: &str, revision: i64) -> Result<u32, StoreError> {
    count("statement", row, "revision", revision)
}

/// What a statement sums up, from the columns of these names.
pub(crate) fn totals(conferences: i64, participants: i64, accumulated_seconds: i64, charge: i64) -> Totals {
    Totals {
        conferences: conferences.cast_unsigned(),
        participants: participants.cast_unsigned(),
        accumulated_seconds: accumulated_seconds.cast_unsigned(),
        charge: Amount(charge),
    }
}

/// The room of a delivery; the empty text means the whole account.
pub(crate) fn room(row: &str, number: &str) -> Result<Option<RoomNumber>, StoreError> {
    parse_optional("delivery", row, "room_number", Some(number).filter(|number| !number.is_empty()))
}

/// Lets a type be read from and bound to columns of text, as its `FromStr` and `Display` have it.
macro_rules! text_column {
    ($name:ty) => {
        impl<DB: sqlx::Database> sqlx::Type<DB> for $name
        where
            String: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                String::type_info()
            }

            fn compatible(kind: &DB::TypeInfo) -> bool {
                String::compatible(kind)
            }
        }

        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $name
        where
            &'r str: sqlx::Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                Ok(<&str>::decode(value)?.parse()?)
            }
        }

        impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $name
        where
            String: sqlx::Encode<'q, DB>,
        {
            fn encode_by_ref(
                &self,
                buffer: &mut DB::ArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                self.to_string().encode(buffer)
            }
        }
    };
}
pub(crate) use text_column;

text_column!(Sha256);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_that_is_none_is_told_with_its_table_row_and_column() {
        let told = instant("delivery", "17", "queued_at", i64::MAX).unwrap_err().to_string();
        for part in ["delivery", "17", "queued_at", "out of range"] {
            assert!(told.contains(part), "{told}");
        }
        let told = period_bounds("late_leg", "602127", ("2009-05", 0, i64::MAX)).unwrap_err().to_string();
        assert!(told.contains("closing") && told.contains("ends_at"), "{told}");
        let told = period_bounds("late_leg", "602127", ("May", 0, 0)).unwrap_err().to_string();
        assert!(told.contains("late_leg") && told.contains("period"), "{told}");
    }
}
