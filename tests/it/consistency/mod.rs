//! What was acknowledged stays, whatever runs beside it and whatever crashes: rare interleavings, made to happen each
//! time.

mod answers;
mod books;
mod codes;
mod deadlocks;
mod durability;
mod erasure;
mod folders;
mod indexes;
mod order;
mod probes;
mod queue;
mod replaced;

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use statementd::app::{self, App};
use statementd::clock::Clock;
use statementd::config::Sources;

use crate::support::{Program, csv, postgres};

pub const LEG_HEADER: &str = csv!(heading usage);

/// A program on an engine of each kind, with its database's URL.
pub async fn on_both(extra: &str) -> [(Program, String); 2] {
    let sqlite = Program::with(extra);
    let file = format!("sqlite://{}", sqlite.path("statementd.db").display());
    let server = postgres::new_database().await;
    [(sqlite, file), (Program::on(&server, extra), server)]
}

/// A process on the program's database and archive, for which it is `now`.
pub async fn process(program: &Program, now: &str) -> App {
    let config = app::load(&Sources::new(vec![program.path("statementd.toml")])).unwrap();
    App::open(config, Clock::Fixed(now.parse().unwrap()), false).await.unwrap()
}

/// What a database says of itself.
pub async fn number(url: &str, sql: &'static str) -> i64 {
    if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
    }
}

/// Changes a database directly.
pub async fn tamper(url: &str, sql: impl Into<String>) {
    let sql = AssertSqlSafe(sql.into());
    if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    }
}

/// A file of usage with one leg of ten minutes that joined then.
pub fn one_leg(program: &Program, id: &str, joined: &str) -> String {
    let joined_at: chrono::DateTime<chrono::Utc> = joined.parse().unwrap();
    let left_at = (joined_at + chrono::TimeDelta::minutes(10)).to_rfc3339();
    let row = format!("{LEG_HEADER}\n{id},C-{id},332703,LOCAL,{joined},{left_at},+33491000001,\n");
    program.write(&format!("{id}.csv"), row)
}
