//! The operator's CSV files: their columns stand here once.

/// A file of a kind with these rows; `+ "column"` adds columns. `heading` alone is the heading without its line end.
macro_rules! csv {
    (heading tariffs) => {
        "tariff,service_type,label,currency,rate_per_minute,increment_seconds,minimum_seconds,valid_from"
    };
    (heading accounts) => {
        "account_number,company_name,currency,time_zone,locale,tariff,owner_name,owner_email"
    };
    (heading rooms) => {
        "room_number,account_number,cardholder,cardholder_email,auto_billing_code,active"
    };
    (heading usage) => {
        "leg_id,conference_id,room_number,service_type,joined_at,left_at,caller,billing_code"
    };
    (heading numbers) => {
        "number,service_type,valid_from"
    };
    ($kind:ident $(+ $column:literal)* $(, $row:literal)* $(,)?) => {
        concat!($crate::support::csv!(heading $kind), $(",", $column,)* "\n", $($row, "\n",)*)
    };
}
pub(crate) use csv;
