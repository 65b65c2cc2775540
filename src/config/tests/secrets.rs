//! Secrets: where they come from, and that none is printed.

use super::{Folder, from_text};
use crate::app;
use crate::config::Sources;

#[test]
fn secrets_come_from_files_and_the_later_layer_decides_which() {
    let folder = Folder::new();
    let database = folder.file("url", "postgres://u:from-file@h/x\n");
    let password = folder.file("password", "from-file\r\n");
    let text = format!("[database]\nurl_file = {database:?}\n[mail]\nusername = 'u'\npassword_file = {password:?}\n");
    let base = Sources::isolated().with_files([folder.file("c.toml", &text)]);
    let config = app::load(&base).unwrap();
    assert_eq!(config.database.url.expose(), "postgres://u:from-file@h/x");
    assert_eq!(config.mail.password.as_ref().unwrap().expose(), "from-file");
    assert_eq!(config.named_files().count(), 2);

    let over = base.clone().with_environment([("STATEMENTD__MAIL__PASSWORD", "from-env")]);
    assert_eq!(app::load(&over).unwrap().mail.password.unwrap().expose(), "from-env");

    let both = format!("{text}password = 'x'\n");
    let errors = app::load(&Sources::isolated().with_files([folder.file("both.toml", &both)])).unwrap_err();
    assert!(errors.to_string().contains("and mail.password must not both be set"), "{errors}");

    std::fs::remove_file(password).unwrap();
    let errors = app::load(&base).unwrap_err().to_string();
    assert!(errors.contains("mail.password_file") && errors.contains("cannot be read"), "{errors}");
}

#[test]
fn no_secret_is_ever_printed() {
    let secret = "cAn4ry";
    let refused = [
        format!("[mail]\npassword = ['{secret}']\n"),
        format!("[mail]\npassword = {secret}\n"),
        format!("[mail]\npasword = '{secret}'\n"),
        format!("[mail.smtp]\npwd = '{secret}'\n"),
        format!("[database]\nuri = 'postgres://u:{secret}@h'\n"),
        format!("[mail]\npassword = '{secret}\n"),
        format!("[database]\nurl = 'mysql://u:{secret}@h'\n"),
        format!("[database]\nurl = 'postgres://u:{secret}@[h'\n"),
        format!("[archive]\nurl = 'file:x'\noptions = {{ aws_secret_access_key = '{secret}' }}\n"),
        format!("[archive.options]\naws_secret_access_key = ['{secret}']\n"),
    ];
    for text in refused {
        let errors = from_text(&text).unwrap_err();
        assert!(!format!("{errors} {errors:?}").contains(secret), "{errors}");
    }
    let folder = Folder::new();
    let text = format!(
        "[database]\nurl = 'postgres://u:{secret}@h/x'\n[mail]\nusername = 'u'\npassword = '{secret}'\n\
         [archive]\nurl = 's3://b'\noptions = {{ aws_access_key_id = 'k', aws_secret_access_key = '{secret}', allow_http = true }}\n"
    );
    let loaded = app::load_with_origins(&Sources::isolated().with_files([folder.file("c.toml", &text)])).unwrap();
    assert!(!format!("{loaded:?} {}", loaded.to_toml()).contains(secret));
    assert_eq!(loaded.config.archive.exposed_options()["allow_http"], "true");
    assert_eq!(loaded.config.mail.password.unwrap().expose(), secret);
}
