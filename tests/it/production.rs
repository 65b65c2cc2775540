//! The shipped production example, with only the names of hosts changed: PostgreSQL, S3 and SMTP.

use crate::mail::fault_server::FaultServer;
use crate::support::object_stores::ObjectStore;
use crate::support::{AFTER_MAY, Program, postgres};

/// What differs between the example's hosts and those of a test, which speak without TLS on loopback and know no
/// password.
fn hosts(program: &Program, database: &str, s3: &ObjectStore, smtp: u16) -> String {
    let database = program.write("database-url", database);
    let options = s3.options().into_iter().map(|(name, value)| format!("{name} = \"{value}\"\n"));
    let options: String = options.collect();
    format!(
        "[database]\nurl_file = \"{database}\"\n[archive]\nurl = \"{}\"\n[archive.options]\n{options}\n\
         [mail]\nhost = \"127.0.0.1\"\nport = {smtp}\ntls = \"none\"\nusername = \"\"\npassword_file = \"\"\n\
         [brand]\nlogo = \"\"\n[http]\nlisten = \"off\"\n",
        s3.url
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_production_example_runs_the_sample_months_on_postgresql_s3_and_smtp() {
    let (database, s3, smtp) = (postgres::new_database().await, ObjectStore::s3(), FaultServer::sound().await);
    let example = include_str!("../../config/production.example.toml");
    let mut program = Program::new();
    let files = [
        program.write("production.toml", example),
        program.write("hosts.toml", hosts(&program, &database, &s3, smtp.port)),
    ];
    program.configured_by(&files);
    program.ok(&["check"]);
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    let ledger = program.json(&["mail", "list", "--json", "--state", "accepted"]);
    assert_eq!(ledger.as_array().unwrap().len(), 16);
    assert_eq!(smtp.stored().len(), 16);
    program.ok(&["archive", "verify"]);
    let statement = program.ok(&["archive", "get", "--period", "2009-05", "--account", "602127", "--format", "json"]);
    assert!(statement.contains("\"charge\":\"132.07\""), "{statement}");
}
