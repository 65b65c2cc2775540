//! Configuration as people and tools leave it behind: a setting that disappears does not fall back to its default,
//! and commands that only read make no database.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::mail::fault_server::FaultServer;
use crate::support::Program;

fn plain(program: &Program, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statementd"));
    command.current_dir(program.path("")).env_clear().args(arguments).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_rewritten_clumsily_while_a_month_closes_loses_and_doubles_nothing() {
    let server = FaultServer::sound().await;
    let program = Program::with(&format!(
        "mail.transport = \"smtp\"\nmail.host = \"127.0.0.1\"\nmail.port = {}\nmail.tls = \"none\"\n\
         mail.from = \"billing@operator.example\"",
        server.port
    ));
    program.import_sample();
    let file = program.path("statementd.toml");
    let good = std::fs::read_to_string(&file).unwrap();
    let (first, rest) = good.split_at(good.find("mail.transport").unwrap());
    let mut daemon = program.start(&["run", "--as-of", "2009-06-02T05:59:58Z"]);
    daemon.until_logged("statementd is running");
    for cut in ["", "\n\n", first, rest, &good[..good.len() / 2], &good[..20], "\u{feff}", "mail = 1\n", "not TOML"] {
        std::fs::write(&file, cut).unwrap();
        daemon.signal("HUP");
        // Whatever the daemon has read of the file by now.
        program.run(&["status"]);
        std::fs::write(&file, &good).unwrap();
    }
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, &good).unwrap();
    daemon.until("all mail", || server.stored().len() >= 16);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    let mut ids: Vec<_> = server.stored().into_iter().map(|stored| stored.message_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((server.stored().len(), ids.len()), (16, 16));
    assert!(!program.path("var").exists(), "nothing was written to the defaults");
}

#[test]
fn looking_makes_no_database_and_check_says_that_there_is_none_yet() {
    let program = Program::new();
    for command in
        [vec!["status"], vec!["mail", "list"], vec!["archive", "list"], vec!["close", "--period", "2026-10"]]
    {
        let run = program.run(&command);
        assert_eq!(run.status, 1, "{command:?} {}", run.stdout);
        assert!(run.stderr.contains("is not there yet"), "{}", run.stderr);
        assert!(!program.path("statementd.db").exists(), "{command:?}");
    }
    let check = program.run(&["check"]);
    assert_eq!(check.status, 0, "{}{}", check.stdout, check.stderr);
    let line = check.stdout.lines().find(|line| line.contains(" database ")).unwrap();
    assert!(line.starts_with("warn") && line.contains("is not there yet"), "{line}");
    assert!(!program.path("statementd.db").exists());
    program.ok(&["migrate"]);
    program.ok(&["status"]);
}

#[test]
fn a_file_that_others_can_write_does_not_count_by_lying_there() {
    let program = Program::new();
    let file = program.path("statementd.toml");
    program.ok(&["migrate"]);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
    let output = plain(&program, &["status"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("can be written by others") && told.contains("--config"), "{told}");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(plain(&program, &["status"]).status.code(), Some(0));
}

#[test]
fn a_close_on_the_31st_is_told_with_the_dates_it_means() {
    let program = Program::with("schedule.close = \"0 0 6 31 * *\"");
    program.ok(&["migrate"]);
    let check = program.run(&["check"]);
    assert_eq!(check.status, 0);
    let line = check.stdout.lines().find(|line| line.starts_with("warn")).unwrap();
    assert!(line.contains("skips months: it next means 20") && line.matches("-31 06:00").count() >= 2, "{line}");
    let mut daemon = program.start(&["run"]);
    daemon.until_logged("skips months");
}

#[test]
fn passwords_stand_in_no_error_whatever_is_wrong_with_their_value() {
    let program = Program::new();
    let url = program.write("url", "postgres://app:12#hunter2@127.0.0.1:1/st");
    for configuration in [
        format!("[database]\nurl_file = \"{url}\"\n"),
        "[database]\nurl = \"postgres://app:12/hunter2@127.0.0.1:1/st\"\n".into(),
        "[archive]\nurl = \"s3://AKIA:hunter2@bucket/x\"\n".into(),
        "[mail]\nhost = \"smtps://billing:hunter2@smtp.example.com:465\"\n".into(),
        "[mail]\nfrom = \"x://a:hunter2@b\"\n".into(),
        "[archive]\nurl = \"s3://b\"\n[archive.options]\naws_access_key_id = \"k\"\naws_secret_access_key = \"hunter2\\n\"\n".into(),
    ] {
        let file = program.write("bad.toml", &configuration);
        for command in ["status", "check"] {
            let output = plain(&program, &["--config", &file, command]);
            let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(!told.contains("hunter2"), "{told}");
            assert_eq!(output.status.code(), Some(2), "{told}");
        }
    }
    let run = program.run(&["copy", "--to", "mysql://app:hunter2@127.0.0.1/x"]);
    assert!(run.status == 2 && !run.stderr.contains("hunter2"), "{}", run.stderr);
}
