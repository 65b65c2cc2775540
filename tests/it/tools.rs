//! What comes with a good tool: backups, completions, man pages.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::support::{AFTER_MAY, Program, postgres};

#[test]
fn a_backup_made_while_the_daemon_runs_is_the_database() {
    let program = Program::new();
    program.import_sample();
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until_logged("Mail sent");
    let copy = program.path("backup.db");
    program.ok(&["backup", "backup.db"]);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o007, 0, "it holds addresses");

    let restored = Program::on(&format!("sqlite://{}", copy.display()), "");
    let ledger = ["mail", "list", "--json"];
    assert_eq!(restored.ok(&ledger), program.ok(&ledger));
    let status = ["status", "--json", "--as-of", AFTER_MAY];
    assert_eq!(restored.json(&status)["deliveries"], program.json(&status)["deliveries"]);
}

#[test]
fn a_backup_never_replaces_a_file() {
    let program = Program::new();
    program.import_sample();
    program.write("backup.db", "precious");
    let run = program.run(&["backup", "backup.db"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("backup.db exists"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(program.path("backup.db")).unwrap(), "precious");
}

#[tokio::test]
async fn on_postgresql_the_backup_names_pg_dump() {
    let program = Program::on(&postgres::new_database().await, "");
    program.ok(&["migrate"]);
    let run = program.run(&["backup", "backup.db"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("pg_dump"), "{}", run.stderr);
}

#[test]
fn the_completions_for_bash_are_bash_and_know_every_command() {
    let program = Program::new();
    let script = program.ok(&["completions", "bash"]);
    let path = program.write("completions.bash", &script);
    assert!(Command::new("bash").args(["-n", &path]).status().unwrap().success());
    for command in ["close", "archive", "backup", "log", "completions"] {
        assert!(script.contains(command), "{command}");
    }
    for shell in ["zsh", "fish"] {
        assert!(program.ok(&["completions", shell]).contains("statementd"));
    }
}

#[test]
fn each_command_has_a_man_page() {
    let program = Program::new();
    assert!(program.ok(&["man"]).contains(".TH statementd 1"));
    program.ok(&["man", "--out", "man1"]);
    for page in ["statementd.1", "statementd-close.1", "statementd-mail-retry.1"] {
        let text = std::fs::read_to_string(program.path("man1").join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
    }
}
