//! Stores that fail, each in its way: nothing half-written looks whole, nothing is lost, and once the store works
//! again the next round ends the job.

use std::io::{Read, Write};
use std::time::Duration;

use super::{close, findings, program_with_months, usage};
use crate::support::skip::{missing_tool, needs_root};
use crate::support::{Fault, FaultProxy, Program, S3, files_below};

/// A program whose archive is a real S3 server behind a proxy.
struct Remote {
    program: Program,
    proxy: FaultProxy,
    s3: S3,
}

impl Remote {
    fn new() -> Option<Self> {
        let Some(s3) = S3::start() else {
            missing_tool("moto_server is not installed");
            return None;
        };
        let proxy = FaultProxy::before(&s3);
        let program = program_with_months(5, "");
        let configuration = std::fs::read_to_string(program.path("statementd.toml")).unwrap();
        program.write("statementd.toml", S3::configured(&configuration, proxy.port()));
        Some(Self { program, proxy, s3 })
    }

    fn try_to_close(&self) -> i32 {
        self.program.run(&["close", "--period", "2009-05", "--as-of", "2009-06-05T12:00:00Z"]).status
    }

    /// What the archive holds, fetched and compared with its manifests.
    fn fetched(&self) -> std::collections::BTreeMap<String, Vec<u8>> {
        let out = self.program.path("fetched");
        let _ = std::fs::remove_dir_all(&out);
        self.program.ok(&["archive", "get", "--account", "602127", "--out", &out.display().to_string()]);
        files_below(&out)
    }
}

#[test]
fn a_store_that_fails_in_any_way_is_healed_by_the_next_round() {
    let Some(remote) = Remote::new() else { return };
    let quiet = program_with_months(5, "");
    close(&quiet, 5);
    let faults = [
        Fault::Down,
        Fault::Status(503),
        Fault::Status(500),
        Fault::Status(409),
        Fault::CutUpload,
        Fault::CutAnswer,
        Fault::ReadOnly,
    ];
    for fault in faults {
        remote.proxy.set(fault);
        let status = remote.try_to_close();
        assert!(status == 3 || status == 1, "{fault:?} is reported, not {status}");
        remote.proxy.set(Fault::None);
        let listed = remote.program.json(&["archive", "list", "--json"]);
        let published = listed.as_array().unwrap().iter().any(|row| row["state"] == "published");
        assert!(!published, "{fault:?}: nothing counts that was not read back");
        assert!(findings(&remote.program).is_empty(), "{fault:?}: nothing looks whole that is not");
    }
    assert_eq!(remote.try_to_close(), 0);
    assert_eq!(findings(&remote.program), []);
    let mut expected = files_below(&quiet.archive());
    expected.retain(|name, _| name.contains("/602127/"));
    assert!(remote.fetched() == expected, "the same bytes as in a folder");
}

#[test]
fn a_store_that_refuses_what_has_landed_is_not_believed() {
    let Some(remote) = Remote::new() else { return };
    remote.proxy.set(Fault::Landed(409));
    assert_eq!(remote.try_to_close(), 0);
    remote.proxy.set(Fault::None);
    assert_eq!(findings(&remote.program), []);
}

#[test]
fn a_slow_store_only_takes_longer() {
    let Some(remote) = Remote::new() else { return };
    remote.proxy.set(Fault::Slow(Duration::from_millis(200)));
    assert_eq!(remote.try_to_close(), 0);
    remote.proxy.set(Fault::None);
    assert_eq!(findings(&remote.program), []);
}

#[test]
fn what_happens_behind_its_back_in_a_bucket_is_found_and_healed() {
    let Some(remote) = Remote::new() else { return };
    assert_eq!(remote.try_to_close(), 0);
    let whole = remote.fetched();
    remote.s3.meddle("PUT", "2009-05/602127/r1/account.html");
    remote.s3.meddle("DELETE", "2009-05/602127/r1/rooms/332703.xlsx");
    remote.s3.meddle("DELETE", "2009-04/602127/r1/manifest.json");
    remote.s3.meddle("PUT", "2009-05/index.html");
    remote.s3.meddle("PUT", "2009-05/602127/r1/foreign.txt");
    let found: Vec<_> =
        findings(&remote.program).into_iter().map(|(key, problem)| format!("{problem} {key}")).collect();
    assert_eq!(
        found,
        [
            "missing 2009-04/602127/r1/manifest.json",
            "changed 2009-05/602127/r1/account.html",
            "unexpected 2009-05/602127/r1/foreign.txt",
            "missing 2009-05/602127/r1/rooms/332703.xlsx",
            "changed 2009-05/index.html",
        ]
    );
    remote.program.ok(&["archive", "restore"]);
    assert!(remote.fetched() == whole);
    remote.s3.meddle("DELETE", "2009-05/602127/r1/foreign.txt");
    assert_eq!(findings(&remote.program), []);
}

/// The headers of what a link leads to, in lower case.
fn fetched_head(link: &str) -> String {
    let (host, path) = link.strip_prefix("http://").and_then(|rest| rest.split_once('/')).unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).to_lowercase();
    answer.split("\r\n\r\n").next().unwrap().to_owned() + "\r\n"
}

#[test]
fn a_bucket_has_links_for_seven_days_and_no_longer() {
    let Some(remote) = Remote::new() else { return };
    assert_eq!(remote.try_to_close(), 0);
    let url = |expires: &str| {
        let command = ["archive", "url", "--period", "2009-05", "--account", "602127", "--expires", expires];
        remote.program.run(&command)
    };
    let link = url("7d");
    assert_eq!(link.status, 0, "{}", link.stderr);
    assert!(link.stdout.contains("X-Amz-Expires=604800") && link.stdout.contains("account.xlsx"), "{}", link.stdout);
    let head = fetched_head(link.stdout.trim());
    for line in [
        "content-type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\r\n",
        "content-disposition: attachment; filename=\"602127-2009-05.xlsx\"\r\n",
    ] {
        assert!(head.contains(line), "a browser saves it under a name that says what it is: {head}");
    }
    let too_long = url("8d");
    assert!(too_long.status == 1 && too_long.stderr.contains("at most 7 days"), "{}", too_long.stderr);
}

#[test]
fn a_full_disk_keeps_statements_waiting_and_nothing_half_written_counts() {
    let program = program_with_months(5, "");
    let Some(disk) = SmallDisk::mount(program.archive()) else {
        return needs_root("only root can mount a small disk");
    };
    let command = ["close", "--period", "2009-05", "--as-of", "2009-06-05T12:00:00Z"];
    let run = program.run(&command);
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert!(run.stdout.contains("No space left"), "{}", run.stdout);
    assert!(findings(&program).is_empty());
    disk.grow();
    program.ok(&command);
    assert_eq!(findings(&program), []);
    let files = files_below(&program.archive());
    assert!(!files.is_empty() && files.keys().all(|name| !name.contains('#')), "{:?}", files.keys());
}

#[test]
fn another_statement_in_the_way_parks_this_one_and_says_what_to_do() {
    let program = program_with_months(5, "");
    close(&program, 4);
    let (april, may) = (program.archive().join("2009-04/602127/r1"), program.archive().join("2009-05/602127/r1"));
    std::fs::create_dir_all(&may).unwrap();
    std::fs::copy(april.join("manifest.json"), may.join("manifest.json")).unwrap();
    let command = ["close", "--period", "2009-05", "--as-of", "2009-06-05T12:00:00Z"];
    let run = program.run(&command);
    assert_eq!(run.status, 3);
    assert!(run.stdout.to_lowercase().contains("move that folder away"), "{}", run.stdout);
    assert_eq!(
        std::fs::read(may.join("manifest.json")).unwrap(),
        std::fs::read(april.join("manifest.json")).unwrap()
    );
    std::fs::remove_dir_all(may).unwrap();
    program.ok(&command);
    assert_eq!(findings(&program), []);
}

/// A file system of a few pages, too small for a statement; unmounted when dropped.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(folder: std::path::PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&folder).unwrap();
        let disk = Self(folder);
        disk.call("mount", &["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).then_some(disk)
    }

    fn grow(&self) {
        assert!(self.call("mount", &["-o", "remount,size=64m"]));
    }

    fn call(&self, program: &str, arguments: &[&str]) -> bool {
        let mut command = std::process::Command::new(program);
        let quiet = std::process::Stdio::null;
        command.args(arguments).arg(&self.0).stdout(quiet()).stderr(quiet());
        command.status().is_ok_and(|status| status.success())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        self.call("umount", &[]);
    }
}

#[test]
fn a_store_that_forbids_deleting_keeps_nothing_else_from_being_done() {
    deleting_is_refused(Fault::NoDelete);
}

#[test]
fn a_store_whose_objects_are_locked_keeps_nothing_else_from_being_done() {
    deleting_is_refused(Fault::Locked);
}

#[test]
fn months_leave_a_store_that_deletes_one_object_at_a_time() {
    let Some(remote) = Remote::new() else { return };
    remote.proxy.set(Fault::Google);
    let configuration = std::fs::read_to_string(remote.program.path("statementd.toml")).unwrap();
    let plain = format!("http://127.0.0.1:{}", remote.proxy.port());
    remote
        .program
        .write("statementd.toml", configuration.replace(&plain, &format!("{plain}/storage.googleapis.com")));
    let check = remote.program.ok(&["check"]);
    let line = check.lines().find(|line| line.contains(" archive ")).unwrap();
    assert!(line.starts_with("ok"), "{line}");
    assert_eq!(remote.try_to_close(), 0);
    remote.program.ok(&["import", "usage", &remote.program.write("more.csv", usage(6..=6))]);
    close(&remote.program, 6);
    remote.program.ok(&["archive", "expire"]);
    let listed = remote.program.ok(&["archive", "list"]);
    assert!(listed.contains("2009-06") && !listed.contains("2009-01"), "{listed}");
    assert!(findings(&remote.program).is_empty(), "nothing of what left is left");
}

fn deleting_is_refused(fault: Fault) {
    let Some(remote) = Remote::new() else { return };
    remote.proxy.set(fault);
    let closed = remote.program.run(&["close", "--period", "2009-05", "--as-of", "2009-06-05T12:00:00Z"]);
    assert_eq!(closed.status, 0, "{}{}", closed.stdout, closed.stderr);
    assert!(closed.stdout.contains("failed 0") && !closed.stdout.contains("accepted 0"), "{}", closed.stdout);
    let check = remote.program.run(&["check"]);
    let line = check.stdout.lines().find(|line| line.contains(" archive ")).unwrap();
    assert!(line.starts_with("warn") && line.contains("refuses to delete it: "), "{line}");
    assert_eq!(check.status, 0, "{}", check.stdout);
    assert!(findings(&remote.program).is_empty(), "the probe's own object is none");
    // A fifth month: what should leave and cannot is reported, and is no error of the round.
    remote.program.ok(&["import", "usage", &remote.program.write("more.csv", usage(6..=6))]);
    close(&remote.program, 6);
    let expire = ["archive", "expire", "--json"];
    let expired = remote.program.run(&expire);
    assert!(expired.stdout.contains("\"reason\": \"undeletable\""), "{}{}", expired.stdout, expired.stderr);
    remote.proxy.set(Fault::None);
    let expired = remote.program.run(&expire);
    assert!(!expired.stdout.contains("undeletable"), "{}{}", expired.stdout, expired.stderr);
}

#[test]
fn a_store_that_forbids_listing_is_found_out_by_check() {
    let Some(remote) = Remote::new() else { return };
    remote.proxy.set(Fault::NoList);
    let check = remote.program.run(&["check"]);
    let line = check.stdout.lines().find(|line| line.contains(" archive ")).unwrap();
    assert!(line.starts_with("FAILED") && line.contains("s3:ListBucket") && !line.contains('<'), "{line}");
}
