//! Nothing that belongs to customers, and no secret, reaches a log: at the most detailed level, whatever goes wrong.

use crate::support::{AFTER_MAY, Program, csv, free_port};

/// Strings that occur only in data that must stay out of the logs.
const CANARIES: [&str; 9] = [
    "canarycompany",
    "canaryowner",
    "canaryholder",
    "canary.example",
    "canarycode",
    "33155501234",
    "canarypassword",
    "canarynotify",
    "canarysender",
];
const LOUD: [&str; 3] = ["-vv", "--log", "json"];

fn installed(extra: &str) -> Program {
    let program = Program::with(extra);
    let files = [
        ("tariffs", csv!(tariffs, "BASE,LOCAL,Local,EUR,0.09,1,0,2009-01-01").to_owned()),
        (
            "accounts",
            csv!(accounts, "600001,canarycompany,EUR,Europe/Paris,fr-FR,BASE,canaryowner,owner@canary.example")
                .to_owned(),
        ),
        ("rooms", csv!(rooms, "330001,600001,canaryholder,holder@canary.example,canarycode,true").to_owned()),
        ("usage", usage()),
    ];
    for (kind, content) in files {
        let path = program.write(&format!("{kind}.csv"), content);
        let run = program.run(&[&LOUD[..], &["import", kind, &path]].concat());
        assert_quiet(&format!("import {kind}"), &run.stderr);
    }
    program
}

/// One good row and two that are rejected.
fn usage() -> String {
    csv!(
        usage,
        "L-1,C,330001,LOCAL,2009-05-20T10:00:00Z,2009-05-20T10:10:00Z,+33155501234,canarycode",
        "L-2,C,999999,LOCAL,2009-05-20T10:00:00Z,2009-05-20T10:10:00Z,+33155501234,canarycode",
        "L-3,C,330001,canarycode,never,2009-05-20T10:10:00Z,+33155501234,canarycode"
    )
    .to_owned()
}

fn assert_quiet(what: &str, log: &str) {
    let lower = log.to_lowercase();
    for line in lower.lines().filter(|line| line.starts_with('{')) {
        for canary in CANARIES {
            assert!(!line.contains(canary), "{what} logs {canary:?}: {line}");
        }
    }
}

#[test]
fn no_command_logs_names_addresses_callers_or_secrets() {
    let program = installed("");
    let commands: [&[&str]; 8] = [
        &["close", "--period", "2009-05", "--as-of", AFTER_MAY],
        &["mail", "list"],
        &["mail", "hold", "--all"],
        &["mail", "release", "--all"],
        &["mail", "send"],
        &["status", "--as-of", AFTER_MAY],
        &["archive", "verify"],
        &["log"],
    ];
    for command in commands {
        let run = program.run(&[&LOUD[..], command].concat());
        assert_ne!(run.status, 2, "{command:?}: {}", run.stderr);
        assert_quiet(&command.join(" "), &run.stderr);
    }
}

#[test]
fn the_daemon_logs_none_of_it_while_everything_goes_wrong_and_is_mended() {
    let program = installed("");
    let file = program.path("statementd.toml");
    let good = std::fs::read_to_string(&file).unwrap();
    let port = free_port();
    // No one answers at the mail server, and the secrets are set.
    let broken = good.replace(
        "mail.dir",
        &format!(
            "mail.transport = \"smtp\"\nmail.host = \"127.0.0.1\"\nmail.port = {port}\nmail.tls = \"none\"\n\
             mail.from = \"canarysender@operator.example\"\nmail.username = \"canaryowner\"\n\
             mail.password = \"canarypassword\"\noperations.notify = [\"canarynotify@canary.example\"]\nmail.dir"
        ),
    );
    std::fs::write(&file, &broken).unwrap();
    let mut daemon = program.start(&[&LOUD[..], &["run", "--as-of", AFTER_MAY]].concat());
    daemon.until_logged("Months closed");
    daemon.until_logged("waits for the mail server");
    // A secret without its quotes breaks the file at its own line.
    std::fs::write(&file, broken.replace("\"canarypassword\"", "canarypassword")).unwrap();
    daemon.until_logged("The old configuration stays in force");
    // What the dead server did not take waits; the notice goes out at once. `mail.dir` is set, since a setting that
    // disappears does not fall back to its default.
    let files = "mail.transport = \"file\"\noperations.notify = [\"canarynotify@canary.example\"]\nmail.dir";
    let mended = good.replace("mail.dir", files);
    std::fs::write(&file, mended).unwrap();
    let sent = || std::fs::read_dir(program.mail()).is_ok_and(|mut files| files.next().is_some());
    daemon.until("mail", sent);
    daemon.signal("TERM");
    daemon.until_logged("Stopped");
    assert_quiet("run", &daemon.log());
}
