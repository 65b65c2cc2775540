//! The schema's history, built into the program: a line per migration, with its text for each engine.
//!
//! Written out instead of `sqlx::migrate!`, whose macros compile both drivers a second time.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};

/// The text of one migration for each engine.
macro_rules! migration {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../../migrations/sqlite/", $name, ".sql")),
            include_str!(concat!("../../../migrations/postgres/", $name, ".sql")),
        )
    };
}

/// Name, SQLite's text, PostgreSQL's text; in order. What has been released is never edited (migrations/README.md).
pub(crate) const MIGRATIONS: &[(&str, &str, &str)] = &[
    // 0.1.0
    migration!("0001_start"),
    // 0.2.0
    migration!("0002_consistency"),
    migration!("0003_security"),
    migration!("0004_files"),
    migration!("0005_master"),
    migration!("0006_admin"),
    migration!("0007_portal"),
    migration!("0008_access_numbers"),
    migration!("0009_intake"),
    migration!("0010_portal_codes"),
    migration!("0011_admin_year"),
    migration!("0013_service_labels"),
    migration!("0014_live_totals"),
    migration!("0015_staff"),
    migration!("0019_dismissed_mail"),
    migration!("0020_mail_not_accepted"),
    migration!("0021_statement_parts"),
];

/// What brings one engine's schema up to date.
pub(crate) fn migrator(texts: impl Iterator<Item = (&'static str, &'static str)>) -> Migrator {
    let migrations: Vec<Migration> = texts
        .filter_map(|(name, sql)| {
            let (version, description) = name.split_once('_')?;
            let description = Cow::Owned(description.replace('_', " "));
            let sql = sqlx::AssertSqlSafe(sql);
            Some(Migration::new(version.parse().ok()?, description, MigrationType::Simple, into_sql(sql), false))
        })
        .collect();
    Migrator { migrations: Cow::Owned(migrations), ..Migrator::DEFAULT }
}

fn into_sql(text: sqlx::AssertSqlSafe<&'static str>) -> sqlx::SqlStr {
    sqlx::SqlSafeStr::into_sql_str(text)
}
