//! Exit status and counts of commands when mail does not get out, the output is not read, or the database file has
//! been replaced.

use std::process::Stdio;

use crate::mail::fault_server::{Fault, FaultServer, Step};
use crate::support::{Program, csv, free_port, sample};

const CLOSE: [&str; 5] = ["close", "--period", "2009-05", "--as-of", "2009-06-05T12:00:00Z"];

fn sending_to(port: u16) -> Program {
    let extra = format!(
        "mail.transport = \"smtp\"\nmail.host = \"127.0.0.1\"\nmail.port = {port}\nmail.tls = \"none\"\n\
         mail.from = \"billing@operator.example\""
    );
    let program = Program::with(&extra);
    program.import_sample();
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_ends_with_3_and_counts_every_message_unless_all_were_accepted() {
    for (plan, counted) in [
        ((Step::Rcpt, Fault::Reply("550 5.1.1 no such user")), "bounced 16"),
        ((Step::Rcpt, Fault::Reply("451 4.3.0 later")), "deferred 16"),
        ((Step::Dot, Fault::StoreAndDrop), "unknown 16"),
    ] {
        let (step, fault) = plan;
        let server = FaultServer::start(move |at, _| (at == step).then_some(fault)).await;
        let closed = sending_to(server.port).run(&CLOSE);
        assert_eq!(closed.status, 3, "{}{}", closed.stdout, closed.stderr);
        assert!(closed.stdout.contains(counted), "{}", closed.stdout);
    }
    let sound = FaultServer::sound().await;
    let program = sending_to(sound.port);
    let held = program.write("only.toml", "mail.only = [\"elsewhere.example\"]\n");
    let mut arguments = vec!["--config", held.as_str()];
    arguments.extend(CLOSE);
    let closed = program.run(&arguments);
    assert_eq!(closed.status, 3, "{}", closed.stdout);
    assert!(closed.stdout.contains("held 16"), "{}", closed.stdout);
    let closed = sending_to(sound.port).run(&CLOSE);
    assert_eq!(closed.status, 0, "{}", closed.stdout);
}

#[test]
fn a_server_that_is_down_is_named_by_close() {
    let port = free_port();
    let program = sending_to(port);
    let closed = program.run(&CLOSE);
    assert_eq!(closed.status, 3, "{}", closed.stdout);
    assert!(
        closed.stdout.contains("refused") && closed.stdout.contains("mail.host and mail.port"),
        "{}",
        closed.stdout
    );
}

#[test]
fn a_reader_that_goes_away_cuts_no_work_short() {
    let program = Program::new();
    let files: Vec<_> = ["tariffs", "accounts", "rooms"].iter().map(|kind| sample(&format!("{kind}.csv"))).collect();
    for (kind, file) in ["tariffs", "accounts", "rooms"].iter().zip(&files) {
        program.ok(&["import", kind, file]);
    }
    let header = csv!(heading usage);
    let usage = |name: &str| {
        let leg = format!("{name}-1,{name},332703,LOCAL,2009-05-05T10:00:00Z,2009-05-05T10:10:00Z,,");
        program.write(&format!("{name}.csv"), format!("{header}\n{leg}\n"))
    };
    let (a, b) = (usage("a"), usage("b"));
    let mut command = program.command(&["import", "usage", &a, &b]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(program.ok(&["import", "usage", &b]).contains("1 already there"));

    let (c, d) = (usage("c"), usage("d"));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = program.command(&["import", "usage", &c, &d]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("the work was done, but what it says could not be written"), "{told}");
    assert!(program.ok(&["import", "usage", &d]).contains("1 already there"));
}

#[test]
fn a_database_file_that_was_replaced_is_noticed_and_written_to_no_more() {
    let program = Program::new();
    program.import_sample();
    let mut daemon = program.start(&["run", "--as-of", "2009-02-01T12:00:00Z"]);
    daemon.until_logged("statementd is running");
    let database = program.path("statementd.db");
    std::fs::copy(&database, program.path("copy.db")).unwrap();
    std::fs::rename(program.path("copy.db"), &database).unwrap();
    daemon.until_logged("was replaced or removed while it was in use");
}
