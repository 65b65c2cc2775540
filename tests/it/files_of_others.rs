//! Folders in which others may write, and stores that lie: nothing is written through a link, read without end, or left
//! for everyone to read.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use statementd::archive::{Archive, ArchiveError, LARGEST_MANIFEST};

use crate::support::{Program, csv, files_below};

/// Kilobytes of address space.
const SMALL: &str = "1048576";

#[test]
fn a_link_in_the_way_of_a_file_is_replaced_and_never_followed() {
    let program = Program::new();
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--no-send"]);
    let mine = program.path("mine");
    let plant = |name: &str| {
        std::fs::write(&mine, "mine").unwrap();
        symlink(&mine, program.path(name)).unwrap();
    };
    let usage = program.write("cdr.csv", csv!(usage, "X,Y,1,WEB,bad,bad,,"));
    let [may, undelivered] = ["may.xlsx", "undelivered.csv"].map(|name| program.path(name).display().to_string());
    let get = ["archive", "get", "--period", "2009-05", "--account", "602127", "--out", &may];
    let list = ["mail", "undelivered", "--out", &undelivered];
    let import = ["import", "usage", &usage];
    let cases: [(&str, &[&str], &str); 4] = [
        ("cdr.csv.rejected.csv.partial", &import, "cdr.csv.rejected.csv"),
        ("may.xlsx.part", &get, "may.xlsx"),
        ("undelivered.csv", &list, "undelivered.csv"),
        ("backup.db.partial", &["backup", "backup.db"], "backup.db"),
    ];
    for (link, command, made) in cases {
        plant(link);
        program.run(command);
        assert_eq!(std::fs::read_to_string(&mine).unwrap(), "mine", "{command:?}");
        let made = std::fs::symlink_metadata(program.path(made)).unwrap();
        assert!(
            made.is_file() && made.permissions().mode() & 0o137 == 0,
            "{command:?} {:o}",
            made.permissions().mode()
        );
    }
}

#[test]
fn a_lock_that_is_a_link_is_not_taken() {
    let program = Program::new();
    let mine = program.path("mine");
    std::fs::write(&mine, "mine").unwrap();
    symlink(&mine, program.path("statementd.db.close.lock")).unwrap();
    program.import_sample();
    assert_eq!(program.run(&["close", "--period", "2009-05"]).status, 1);
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "mine");
}

#[test]
fn nothing_that_is_made_is_readable_by_everyone() {
    let program = Program::new();
    program.import_sample();
    let run = |arguments: &[&str]| {
        let command = program.command(arguments);
        let mut open = Command::new("sh");
        open.args(["-c", "umask 0; exec \"$@\"", "sh"]).arg(command.get_program()).args(command.get_args());
        open.current_dir(program.path("")).env_clear();
        assert!(open.status().unwrap().success(), "{arguments:?}");
    };
    run(&["close", "--period", "2009-05"]);
    run(&["archive", "get", "--period", "2009-05", "--out", "fetched"]);
    run(&["archive", "get", "--period", "2009-05", "--out", "may.zip"]);
    run(&["preview", "--period", "2009-05", "--account", "602127", "--out", "preview"]);
    run(&["mail", "undelivered", "--out", "undelivered.csv"]);
    run(&["demo", "--dir", "demo"]);
    for name in ["archive", "mail", "fetched", "preview", "demo"] {
        let folder = program.path(name);
        assert!(is_private(&folder), "{name}");
        for file in files_below(&folder).keys() {
            assert!(is_private(&folder.join(file)), "{name}/{file}");
        }
    }
    assert!(is_private(&program.path("may.zip")) && is_private(&program.path("undelivered.csv")));
}

fn is_private(path: &Path) -> bool {
    const OTHERS: u32 = 0o007;
    std::fs::symlink_metadata(path).unwrap().permissions().mode() & OTHERS == 0
}

#[test]
fn a_pipe_or_a_device_in_the_archive_is_no_object_and_nothing_waits_for_it() {
    let program = Program::new();
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--no-send"]);
    let statement = program.archive().join("2009-05/602127/r1");
    let page = statement.join("account.html");
    let manifest = statement.join("manifest.json");
    let pipe = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    let zero = |path: &Path| symlink("/dev/zero", path).unwrap();
    for plant in [&pipe as &dyn Fn(&Path), &zero] {
        for object in [&page, &manifest] {
            let kept = std::fs::read(object).unwrap();
            std::fs::remove_file(object).unwrap();
            plant(object);
            let command = program.command(&["archive", "verify"]);
            let mut limited = Command::new("timeout");
            limited.args(["100", "sh", "-c", &format!("ulimit -v {SMALL}; exec \"$@\""), "sh"]);
            limited.arg(command.get_program()).args(command.get_args()).current_dir(program.path("")).env_clear();
            let output = limited.output().unwrap();
            let said =
                format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(matches!(output.status.code(), Some(1 | 3)), "{:?}\n{said}", output.status);
            assert!(said.contains(object.file_name().unwrap().to_str().unwrap()), "{said}");
            std::fs::remove_file(object).unwrap();
            std::fs::write(object, kept).unwrap();
        }
    }
    program.ok(&["archive", "verify"]);
}

/// A store that promises two hundred gigabytes, and sends until the client hangs up.
#[tokio::test]
async fn an_object_of_any_length_takes_no_more_memory_than_it_may_have() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read(&mut byte).unwrap_or(0) == 0 {
                    break;
                }
                asked.push(byte[0]);
            }
            let head = [
                "HTTP/1.1 200 OK",
                "Content-Length: 214748364800",
                "ETag: \"x\"",
                "Last-Modified: Wed, 03 Jun 2009 06:00:00 GMT",
                "",
                "",
            ];
            let mut sent = stream.write_all(head.join("\r\n").as_bytes());
            while sent.is_ok() {
                sent = stream.write_all(&vec![b' '; 65_536]);
            }
        }
    });
    let options = [
        ("aws_endpoint", format!("http://{address}")),
        ("aws_region", "us-east-1".into()),
        ("aws_access_key_id", "test".into()),
        ("aws_secret_access_key", "test".into()),
        ("aws_allow_http", "true".into()),
    ];
    let options: BTreeMap<String, String> = options.map(|(name, value)| (name.to_owned(), value)).into();
    let archive = Archive::open("s3://statements/prefix", &options).unwrap();
    let got = archive.get("2009-05/602127/r1/manifest.json", LARGEST_MANIFEST).await;
    assert!(matches!(got, Err(ArchiveError::TooLarge { limit: LARGEST_MANIFEST, .. })), "{got:?}");
}
