//! What holds for the configuration as a whole: layers, refusals, secrets.

mod any_text;
mod secrets;
mod shipped_files;

use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::app;
use crate::domain::{Format, MailDomain, RerunSend, RerunState};

/// A folder with files in it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

fn from_text(text: &str) -> Result<Config, ConfigErrors> {
    let folder = Folder::new();
    app::load(&Sources::isolated().with_files([folder.file("c.toml", text)]))
}

fn from_environment(variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    app::load(&Sources::isolated().with_environment(variables.iter().copied()))
}

/// The refusals of a file's text, with its path cut down to its name.
fn refusals(text: &str) -> Vec<String> {
    let shown = |problem: &Problem| {
        let text = problem.to_string();
        text.find("c.toml").map_or(text.clone(), |at| text[at..].to_owned())
    };
    from_text(text).unwrap_err().0.iter().map(shown).collect()
}

#[test]
fn nothing_at_all_means_the_defaults() {
    assert_eq!(app::load(&Sources::isolated()).unwrap(), Config::default());
    assert_eq!(from_text("# nothing is set\n").unwrap(), Config::default());
}

#[test]
fn an_empty_file_is_refused_and_is_not_the_defaults() {
    for empty in ["", " \n\t\n"] {
        assert_eq!(refusals(empty), ["c.toml: is empty: no setting falls back to its default because a file is"]);
    }
    assert!(app::load(&Sources::isolated().with_files(["/dev/null"])).is_ok(), "said on purpose");
}

#[test]
fn a_pipe_is_read_once_and_stays_what_it_was() {
    let folder = Folder::new();
    let pipe = folder.0.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::write(pipe, "[mail]\nport = 2525\n").unwrap()
    });
    let sources = Sources::isolated().with_files([&pipe]);
    writer.join().unwrap();
    for _ in 0..2 {
        assert_eq!(app::load(&sources).unwrap().mail.port, Some(2525));
    }
    assert_eq!((sources.files().count(), sources.changeable_files().count()), (1, 0));
}

#[test]
fn a_misspelt_variable_is_refused_with_the_name_that_counts() {
    for (name, meant) in [
        ("STATEMENTD_MAIL_HOST", "STATEMENTD__MAIL__HOST"),
        ("STATEMENTD_MAIL__PASSWORD_FILE", "STATEMENTD__MAIL__PASSWORD_FILE"),
        ("STATEMENTD_DATABSE_URL", "STATEMENTD__DATABASE__URL"),
        ("statementd__archive__url", "STATEMENTD__ARCHIVE__URL"),
    ] {
        let why = from_environment(&[(name, "x")]).unwrap_err().to_string();
        assert!(why.contains(name) && why.contains(&format!("did you mean {meant}?")), "{why}");
    }
    for other in ["STATEMENTD", "STATEMENTD_TEST_ACCOUNTS", "STATEMENTDX_MAIL_HOST", "STATEMENTD_COPY_TO"] {
        assert!(from_environment(&[(other, "x")]).is_ok(), "{other}");
    }
}

#[test]
fn what_says_where_things_go_does_not_disappear() {
    let named = from_text(
        "database.url = 'sqlite://a.db'\narchive.url = 'file:a'\nmail.transport = 'file'\nmail.dir = 'm'\n",
    );
    let named = named.unwrap();
    assert!(named.refuse_disappeared(&named).is_ok());
    let why = named.refuse_disappeared(&from_text("mail.dir = 'm'").unwrap()).unwrap_err();
    assert!(why.contains("no longer sets database.url, archive.url, mail.transport, which"), "{why}");
    let off = from_text("database.url = 'sqlite://b.db'\narchive.url = 'file:b'\nmail.transport = 'off'\n").unwrap();
    assert!(named.refuse_disappeared(&off).is_ok(), "other values are, and a folder that gets no mail may go");
    assert!(Config::default().refuse_disappeared(&off).is_ok());
}

#[test]
fn later_wins_file_by_file_then_environment_then_flags() {
    let folder = Folder::new();
    let first = folder.file("1.toml", "[mail]\nconcurrency = 1\nper_second = 1\nport = 1\ndir = 'one'\n");
    let second = folder.file("2.toml", "[mail]\nper_second = 2\nport = 2\ndir = 'two'\n");
    let sources = Sources::isolated()
        .with_files([first, second])
        .with_environment([("STATEMENTD__MAIL__PORT", "3"), ("STATEMENTD__MAIL__DIR", "three")])
        .with_flag("--dir", "mail.dir", "four");
    let mail = app::load(&sources).unwrap().mail;
    assert_eq!((mail.concurrency, mail.per_second, mail.port), (1, Some(2), Some(3)));
    assert_eq!(mail.dir.as_path(), Path::new("four"));
}

#[test]
fn reruns_of_all_files_stand_together() {
    let folder = Folder::new();
    let rerun = |id: &str| format!("[[rerun]]\nid = '{id}'\nperiod = '2026-10'\nreason = 'r'\n");
    let files = [folder.file("1.toml", &rerun("a")), folder.file("2.toml", &rerun("b"))];
    let config = app::load(&Sources::isolated().with_files(&files)).unwrap();
    assert_eq!(config.rerun.iter().map(|rerun| rerun.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    let twice = [files[0].clone(), folder.file("3.toml", &format!("\n{}", rerun("a")))];
    let errors = app::load(&Sources::isolated().with_files(&twice)).unwrap_err().to_string();
    assert!(errors.contains("3.toml:3: rerun[1].id = \"a\" stands in two [[rerun]] tables"), "{errors}");
}

#[test]
fn approvals_of_all_files_stand_together_and_their_changes_are_told() {
    let folder = Folder::new();
    let approve = |account: &str| format!("[[approve]]\nperiod = '2026-10'\naccounts = ['{account}']\n");
    let files = [folder.file("1.toml", &approve("1")), folder.file("2.toml", &approve("2"))];
    let one = app::load(&Sources::isolated().with_files(&files[..1])).unwrap();
    let both = app::load(&Sources::isolated().with_files(&files)).unwrap();
    assert_eq!(both.approve.len(), 2);
    assert_eq!(one.changed_keys(&both), ["approve[1]"]);
    assert_eq!(
        refusals("[[approve]]\nperiod = '2026-10'\naccounts = [602127]\n[[approve]]\nperiod = 'x'\n").len(),
        2
    );
}

#[test]
fn environment_values_stay_the_texts_they_are() {
    let config = from_environment(&[
        ("STATEMENTD__MAIL__USERNAME", "true"),
        ("STATEMENTD__MAIL__PASSWORD", "0123"),
        ("STATEMENTD__BRAND__NAME", "1e3"),
        ("STATEMENTD__STATEMENTS__EMPTY_ROOMS", "true"),
        ("STATEMENTD__ARCHIVE__KEEP_MONTHS", "12"),
        ("STATEMENTD__STATEMENTS__FORMATS", "html"),
        ("STATEMENTD__MAIL__ONLY", r#"["a.example", "b.example"]"#),
        ("STATEMENTD__MAIL__REPLY_TO", ""),
        ("OTHER__MAIL__PORT", "x"),
    ])
    .unwrap();
    assert_eq!(config.mail.username.unwrap().as_str(), "true");
    assert_eq!(config.mail.password.unwrap().expose(), "0123");
    assert_eq!(config.brand.name.as_str(), "1e3");
    assert!(config.statements.empty_rooms);
    assert_eq!(config.archive.keep_months, 12);
    assert_eq!(config.statements.formats, [Format::Html]);
    assert_eq!(config.mail.only.iter().map(MailDomain::as_str).collect::<Vec<_>>(), ["a.example", "b.example"]);
    assert_eq!(config.mail.reply_to, None);
}

#[test]
fn store_options_and_reruns_work_from_the_environment() {
    let config = from_environment(&[
        ("STATEMENTD__ARCHIVE__URL", "s3://bucket"),
        ("STATEMENTD__ARCHIVE__OPTIONS__AWS_REGION", "eu-west-3"),
        ("STATEMENTD__RERUN", r#"[{id = "x", period = "2026-10", reason = "r", accounts = ["602127"]}]"#),
    ])
    .unwrap();
    assert_eq!(config.archive.exposed_options()["aws_region"], "eu-west-3");
    assert_eq!(config.rerun[0].accounts[0].as_str(), "602127");
    assert_eq!((config.rerun[0].state, config.rerun[0].send), (RerunState::Rehearse, RerunSend::Changed));
}

#[test]
fn everything_wrong_is_found_in_one_go_with_file_line_key_and_value() {
    let text = r#"
        [databse]
        [mail]
        hots = "x"
        port = 99999
        tls = "startls"
        from = "nobody"
        only = ["a.example", "b c"]
        [schedule]
        close = "0 6 1 * *"
        time_zone = "Europe/Pari"
        grace = 24
        [statements]
        empty_rooms = "no"
        formats = ["pdf"]
        callers = 3
        [brand]
        colour = "red"
        [archive]
        url = "ftp://x"
        keep_months = 0
        [http]
        listen = "9464"
        [[rerun]]
        id = "a/b"
        period = "2026-13"
        accounts = [602127]
        send = "everyone"
    "#;
    insta::assert_snapshot!(refusals(text).join("\n"));
}

#[test]
fn of_very_many_faults_the_first_are_told_and_the_rest_is_left() {
    let unknown: Vec<_> = (0..30_000).map(|key| format!("k{key} = 1")).collect();
    for text in ["[[rerun]]\n".repeat(30_000), unknown.join("\n")] {
        assert_eq!(refusals(&text).len(), 100);
    }
}

#[test]
fn what_belongs_together_is_checked_together() {
    let text = "
        [mail]
        transport = 'smtp'
        username = 'u'
        tls = 'none'
        [brand]
        logo = 'logo.exe'
        [schedule]
        heartbeat = '0s'
        [statements]
        templates = '/nonexistent'
        [archive.options]
        aws_region = 'x'
    ";
    insta::assert_snapshot!(refusals(text).join("\n"));
}

#[test]
fn a_refused_variable_or_flag_is_named() {
    let errors = from_environment(&[("STATEMENTD__MAIL__PORT", "x")]).unwrap_err().to_string();
    assert_eq!(
        errors,
        "the configuration is refused: environment variable STATEMENTD__MAIL__PORT: mail.port = \"x\" must be a \
         whole number from 1 to 65535"
    );
    let errors = from_environment(&[("STATEMENTD__MAIL", "x"), ("STATEMENTD__MAIL__PORT", "25")]).unwrap_err();
    assert!(errors.to_string().contains("STATEMENTD__MAIL__PORT"), "{errors}");
    let errors = from_environment(&[("STATEMENTD____X", "x")]).unwrap_err();
    assert!(errors.to_string().contains("must be named STATEMENTD__SECTION__KEY"), "{errors}");
    let sources = Sources::isolated().with_flag("--database", "database.url", "mysql://x");
    let errors = app::load(&sources).unwrap_err().to_string();
    assert!(errors.contains("--database: database.url must begin with sqlite:// or postgres://"), "{errors}");
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_named() {
    let errors = app::load(&Sources::isolated().with_files(["/nonexistent/a.toml"])).unwrap_err().to_string();
    assert!(errors.contains("/nonexistent/a.toml: cannot be read: No such file"), "{errors}");
    assert_eq!(refusals("[mail]\n\nport = = 1\n"), ["c.toml:3: is not TOML: invalid string, expected `\"`, `'`"]);
    let folder = Folder::new();
    let path = folder.0.path().join("latin1.toml");
    std::fs::write(&path, b"# a\nx = '\xe9'\n").unwrap();
    let errors = app::load(&Sources::isolated().with_files([path])).unwrap_err().to_string();
    assert!(errors.contains("latin1.toml:2: is not UTF-8"), "{errors}");
}

#[test]
fn what_is_in_force_is_shown_with_its_origin() {
    let folder = Folder::new();
    let file = folder
        .file("c.toml", "[mail]\nonly = ['a.example']\n\n[[rerun]]\nid = 'x'\nperiod = '2026-10'\nreason = 'r'\n");
    let sources = Sources::isolated().with_files([file]).with_environment([("STATEMENTD__BRAND__NAME", "Ä \"x\"")]);
    let shown = app::load_with_origins(&sources).unwrap().to_toml();
    let shown = shown.replace(folder.0.path().to_str().unwrap(), "[folder]");
    insta::assert_snapshot!(shown);
}

#[test]
fn a_change_is_told_by_its_keys() {
    let before = from_text("[[rerun]]\nid = 'x'\nperiod = '2026-10'\nreason = 'r'\n").unwrap();
    assert_eq!(before.changed_keys(&before), Vec::<String>::new());
    let after = from_text(
        "[database]\nurl = 'postgres://u:one@h/x'\n[mail]\nport = 25\nusername = 'u'\npassword = 'p'\n\
         [archive]\nurl = 's3://b'\noptions = { aws_region = 'x' }\n\
         [[rerun]]\nid = 'x'\nperiod = '2026-10'\nreason = 'r'\nstate = 'apply'\n",
    )
    .unwrap();
    let changed = before.changed_keys(&after);
    let expected = [
        "archive.options.aws_region",
        "archive.url",
        "database.url",
        "mail.password",
        "mail.port",
        "mail.username",
        "rerun.x",
    ];
    assert_eq!(changed, expected);
    assert_eq!(Config::needing_restart(&changed), ["database.url"]);

    // A secret that changes behind the same shown text is a change, too.
    let mut again = after.clone();
    again.database.url = "postgres://u:two@h/x".parse().unwrap();
    again.mail.password = Some(Secret::new("q"));
    assert_eq!(after.changed_keys(&again), ["database.url", "mail.password"]);
}

#[test]
fn a_refusal_is_one_line_whatever_a_variable_is_called() {
    let refused = from_environment(&[("STATEMENTD__MAIL__PO\u{1b}[2J\nRT", "25")]).unwrap_err();
    let shown = refused.to_string();
    assert!(
        shown.contains("STATEMENTD__MAIL__PO\\u{1b}[2J\\nRT: ") && !shown.contains(char::is_control),
        "{shown:?}"
    );
}
