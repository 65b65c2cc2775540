//! A daemon's configuration in real files, changed as people and tools change them.

use tempfile::TempDir;

use super::*;

/// A configuration file under watch.
struct Watched {
    folder: TempDir,
    reloader: Reloader,
    stop: CancellationToken,
    watching: tokio::task::JoinHandle<()>,
}

impl Watched {
    /// `text` is the file's content; `{folder}` in it stands for its folder.
    fn start(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("statementd.toml");
        std::fs::write(folder.path().join("password"), "first").unwrap();
        std::fs::write(&file, text.replace("{folder}", folder.path().to_str().unwrap())).unwrap();
        Self::start_with(folder, &file)
    }

    fn start_with(folder: TempDir, file: &Path) -> Self {
        let sources = Sources::isolated().with_files([file]);
        let config = Arc::new(app::load(&sources).unwrap());
        let stop = CancellationToken::new();
        let apply = |config: &Config| match config.brand.name.as_str() {
            "unusable" => Err(anyhow::anyhow!("no template fits")),
            _ => Ok(()),
        };
        let reloader = Reloader::new(sources, config, Clock::System, apply).unwrap();
        let watching = tokio::spawn(reloader.clone().watch(stop.clone()));
        Self { folder, reloader, stop, watching }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// As many editors do: a new file under another name, then renamed.
    fn replace(&self, text: &str) {
        std::fs::write(self.path("statementd.toml~"), text).unwrap();
        std::fs::rename(self.path("statementd.toml~"), self.path("statementd.toml")).unwrap();
    }

    async fn accepted(&mut self, wanted: impl Fn(&Config) -> bool) -> Arc<Config> {
        Arc::clone(&*self.reloader.config.wait_for(|config| wanted(config)).await.unwrap())
    }

    async fn refused(&mut self) -> ReloadReport {
        self.reloader.report.wait_for(|report| report.failure.is_some()).await.unwrap().clone()
    }

    async fn end(self) {
        self.stop.cancel();
        self.watching.await.unwrap();
    }
}

#[tokio::test]
async fn a_file_written_in_place_is_taken_up() {
    let mut watched = Watched::start("[mail]\nport = 1\n");
    std::fs::write(watched.path("statementd.toml"), "[mail]\nport = 2\n").unwrap();
    watched.accepted(|config| config.mail.port == Some(2)).await;
    watched.end().await;
}

#[tokio::test]
async fn a_file_replaced_by_another_is_taken_up_again_and_again() {
    let mut watched = Watched::start("[mail]\nport = 1\n");
    for port in 2..5 {
        watched.replace(&format!("[mail]\nport = {port}\n"));
        watched.accepted(|config| config.mail.port == Some(port)).await;
    }
    watched.end().await;
}

#[tokio::test]
async fn a_link_swapped_to_another_folder_is_taken_up() {
    let folder = tempfile::tempdir().unwrap();
    for port in [1, 2] {
        std::fs::create_dir(folder.path().join(format!("v{port}"))).unwrap();
        std::fs::write(folder.path().join(format!("v{port}/statementd.toml")), format!("mail.port = {port}"))
            .unwrap();
    }
    std::fs::create_dir(folder.path().join("etc")).unwrap();
    let link = folder.path().join("etc/statementd.toml");
    std::os::unix::fs::symlink("../v1/statementd.toml", &link).unwrap();
    let mut watched = Watched::start_with(folder, &link);

    std::os::unix::fs::symlink("../v2/statementd.toml", watched.path("etc/new")).unwrap();
    std::fs::rename(watched.path("etc/new"), &link).unwrap();
    watched.accepted(|config| config.mail.port == Some(2)).await;
    std::fs::write(watched.path("v2/statementd.toml"), "mail.port = 3").unwrap();
    watched.accepted(|config| config.mail.port == Some(3)).await;
    watched.end().await;
}

#[tokio::test]
async fn a_file_that_is_cut_off_within_a_value_is_not_taken_for_what_is_left_of_it() {
    let mut watched = Watched::start("[archive]\nkeep_months = 12\n");
    std::fs::write(watched.path("statementd.toml"), "[archive]\nkeep_months = 1").unwrap();
    let failure = watched.refused().await.failure.unwrap();
    assert!(failure.contains("statementd.toml ends in the middle of its last line"), "{failure}");
    assert_eq!(watched.reloader.config.borrow().archive.keep_months, 12);
    std::fs::write(watched.path("statementd.toml"), "[archive]\nkeep_months = 18\n").unwrap();
    watched.accepted(|config| config.archive.keep_months == 18).await;
    assert_eq!(watched.reloader.report.borrow().failure, None);
    watched.end().await;
}

#[tokio::test]
async fn a_broken_file_leaves_the_old_one_in_force_and_says_what_is_wrong_where() {
    let mut watched = Watched::start("[mail]\nport = 1\n");
    watched.replace("[mail]\nport = 2\nfrom = 'private'\n");
    let report = watched.refused().await;
    let failure = report.failure.unwrap();
    assert!(failure.contains("statementd.toml:3: mail.from is not an e-mail address"), "{failure}");
    assert!(!failure.contains("private"), "values can be addresses: {failure}");
    assert_eq!(watched.reloader.config.borrow().mail.port, Some(1), "not even the good half is in force");

    watched.replace("[mail]\nport = 3\n");
    watched.accepted(|config| config.mail.port == Some(3)).await;
    let report = watched.reloader.report.wait_for(|report| report.failure.is_none()).await.unwrap().clone();
    assert_eq!((report.accepted, report.refused), (1, 1));
    watched.end().await;
}

#[tokio::test]
async fn what_the_parts_cannot_use_is_refused_as_well() {
    let mut watched = Watched::start("# nothing is set\n");
    watched.replace("[mail]\nport = 2\n[brand]\nname = 'unusable'\n");
    assert_eq!(watched.refused().await.failure.unwrap(), "it cannot be used: no template fits");
    assert_eq!(watched.reloader.config.borrow().mail.port, None);
    watched.replace("[mail]\nport = 2\n");
    watched.accepted(|config| config.mail.port == Some(2)).await;
    watched.end().await;
}

#[tokio::test]
async fn a_file_that_vanishes_changes_nothing() {
    let mut watched = Watched::start("[mail]\nport = 1\n");
    std::fs::remove_file(watched.path("statementd.toml")).unwrap();
    assert!(watched.refused().await.failure.unwrap().contains("cannot be read"));
    assert_eq!(watched.reloader.config.borrow().mail.port, Some(1));
    watched.end().await;
}

#[tokio::test]
async fn a_secret_in_its_own_file_is_taken_up() {
    let mut watched = Watched::start("[mail]\nusername = 'u'\npassword_file = '{folder}/password'\n");
    std::fs::write(watched.path("password"), "second").unwrap();
    let is_second =
        |config: &Config| config.mail.password.as_ref().is_some_and(|password| password.expose() == "second");
    watched.accepted(is_second).await;
    watched.end().await;
}

#[tokio::test]
async fn a_file_that_a_change_names_is_watched_from_then_on() {
    let mut watched = Watched::start("# nothing is set\n");
    let elsewhere = tempfile::tempdir().unwrap();
    let secret = elsewhere.path().join("secret");
    std::fs::write(&secret, "first").unwrap();
    watched.replace(&format!("[mail]\nusername = 'u'\npassword_file = '{}'\n", secret.display()));
    watched.accepted(|config| config.mail.password.is_some()).await;
    std::fs::write(&secret, "second").unwrap();
    let is_second =
        |config: &Config| config.mail.password.as_ref().is_some_and(|password| password.expose() == "second");
    watched.accepted(is_second).await;
    watched.end().await;
}

#[tokio::test]
async fn a_refusal_ends_when_its_cause_is_corrected_elsewhere() {
    let mut watched = Watched::start("# nothing is set\n");
    let missing = watched.path("later");
    watched.replace(&format!("[mail]\nusername = 'u'\npassword_file = '{}'\n", missing.display()));
    assert!(watched.refused().await.failure.unwrap().contains("mail.password_file cannot be read"));
    std::fs::write(missing, "secret").unwrap();
    watched.accepted(|config| config.mail.password.is_some()).await;
    watched.end().await;
}

#[tokio::test]
async fn what_needs_a_restart_is_named_until_it_is_taken_back() {
    let mut watched = Watched::start("# nothing is set\n");
    watched.replace("[http]\nlisten = '127.0.0.1:1'\n[database]\nurl = 'sqlite://x'\n");
    let report = watched.reloader.report.wait_for(|report| report.accepted == 1).await.unwrap().clone();
    assert_eq!(report.restart_needed, ["database.url", "http.listen"]);
    // Taken back by saying so: what says where the state is does not fall back to its default by disappearing.
    let back = "[database]\nurl = 'sqlite://var/statementd.db'\n";
    watched.replace(&format!("[http]\nlisten = '127.0.0.1:1'\n{back}"));
    let report = watched.reloader.report.wait_for(|report| report.accepted == 2).await.unwrap().clone();
    assert_eq!(report.restart_needed, ["http.listen"]);
    watched.replace(back);
    let report = watched.reloader.report.wait_for(|report| report.accepted == 3).await.unwrap().clone();
    assert_eq!(report.restart_needed, Vec::<String>::new());
    watched.end().await;
}

#[tokio::test]
async fn sighup_takes_up_the_same_configuration_again() {
    let mut watched = Watched::start("[mail]\nport = 1\n");
    watched.reloader.config.mark_unchanged();
    let pid = std::process::id().to_string();
    assert!(std::process::Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    watched.reloader.config.changed().await.unwrap();
    assert_eq!(watched.reloader.config.borrow().mail.port, Some(1));
    watched.end().await;
}

#[tokio::test]
async fn a_file_that_is_emptied_or_loses_where_things_go_changes_nothing_until_it_is_whole_again() {
    let whole = "[archive]\nurl = 'file:a'\n[mail]\ntransport = 'off'\nport = 1\n";
    let mut watched = Watched::start(whole);
    for (cut, why) in [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("[mail]\ntransport = 'off'\nport = 1\n", "no longer sets archive.url"),
        ("[archive]\nurl = 'file:a'\n[mail]\n", "no longer sets mail.transport"),
        ("# to be written\n", "no longer sets archive.url, mail.transport"),
        ("[archive]\nurl = 'file:a'\n[mail]\ntransport = 'o", "is not TOML"),
    ] {
        // In place, as a shell does it, and as a tool that writes slowly.
        std::fs::write(watched.path("statementd.toml"), cut).unwrap();
        let told = watched
            .reloader
            .report
            .wait_for(|report| report.failure.as_ref().is_some_and(|failure| failure.contains(why)));
        told.await.unwrap();
        assert_eq!(watched.reloader.config.borrow().mail.port, Some(1), "{cut:?}");
    }
    std::fs::write(watched.path("statementd.toml"), whole.replace("port = 1", "port = 2")).unwrap();
    watched.accepted(|config| config.mail.port == Some(2)).await;
    assert_eq!(watched.reloader.report.borrow().failure, None);
    watched.end().await;
}
