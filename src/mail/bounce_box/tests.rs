//! What is read, once, and what stays as it is.

use super::*;
use crate::digest::Sha256;
use crate::mail::FRONT;

/// Everything of an mbox, from `place` on, and the place after it.
fn read_mbox(path: &Path, place: Option<&MboxPlace>) -> (Vec<BoxedMail>, MboxPlace) {
    let mut mbox = Mbox::open(path, place).unwrap().unwrap();
    let mut mails = Vec::new();
    while let Some((_, mail)) = mbox.next_mail().unwrap() {
        mails.push(mail);
    }
    let offset = mbox.offset();
    (mails, mbox.into_place(offset).unwrap())
}

fn fronts(mails: &[BoxedMail]) -> Vec<String> {
    mails.iter().map(|mail| String::from_utf8_lossy(&mail.front).into_owned()).collect()
}

#[test]
fn a_maildir_gives_what_is_unseen_until_it_is_marked() {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["new", "cur", "tmp"] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
    }
    std::fs::write(dir.path().join("new/1.host"), "one").unwrap();
    std::fs::write(dir.path().join("cur/2.host:2,F"), "two").unwrap();
    std::fs::write(dir.path().join("cur/3.host:2,S"), "three").unwrap();
    let unseen = || match BounceBox::open(dir.path()).unwrap() {
        BounceBox::Maildir(unseen) => unseen,
        other => panic!("{other:?}"),
    };
    let mails: Vec<_> = unseen().iter().map(|path| read_mail(path).unwrap().unwrap()).collect();
    assert_eq!(fronts(&mails), ["one", "two"]);
    for path in unseen() {
        mark_seen(&path).unwrap();
        mark_seen(&path).unwrap();
    }
    assert!(unseen().is_empty());
    assert!(dir.path().join("cur/1.host:2,S").exists() && dir.path().join("cur/2.host:2,FS").exists());
}

#[test]
fn an_mbox_is_read_message_by_message_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bounces");
    let content = "From a@b Wed Jun  3 06:00:00 2009\nSubject: 1\n\n>From here\n\nFrom c@d Wed Jun  3 06:00:01 2009\nSubject: 2\n\n";
    std::fs::write(&path, content).unwrap();
    let (mails, place) = read_mbox(&path, None);
    assert_eq!(fronts(&mails), ["Subject: 1\n\nFrom here\n\n", "Subject: 2\n\n"]);
    assert_eq!(mails[1].sha256, Sha256::of(b"Subject: 2\n\n"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    assert_eq!(place.offset, content.len() as u64);
    for named in [path.as_path(), dir.path()] {
        let BounceBox::Mboxes(files) = BounceBox::open(named).unwrap() else { panic!("no mbox") };
        assert_eq!(files, std::slice::from_ref(&path));
    }
}

#[test]
fn reading_goes_on_where_it_ended_while_the_file_is_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bounces");
    let mail = |name: &str| format!("From x\nSubject: {name}\n\n");
    std::fs::write(&path, mail("1") + &mail("2")).unwrap();
    let (_, place) = read_mbox(&path, None);
    std::fs::write(&path, mail("1") + &mail("2") + &mail("3")).unwrap();
    let (mails, place) = read_mbox(&path, Some(&place));
    assert_eq!(fronts(&mails), ["Subject: 3\n\n"]);
    assert_eq!(read_mbox(&path, Some(&place)).0.len(), 0);
    // Emptied and filled again by its owner; then as long as before with another content.
    for content in [mail("4"), mail("5") + &mail("6") + &mail("7")] {
        std::fs::write(&path, &content).unwrap();
        assert_eq!(read_mbox(&path, Some(&place)).0.len(), content.matches("From ").count());
    }
}

#[test]
fn a_last_mail_that_is_still_being_written_waits_for_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bounces");
    std::fs::write(&path, "From x\nSubject: 1\n\nFrom x\nSubject: 2\n\nhalf a li").unwrap();
    let (mails, place) = read_mbox(&path, None);
    assert_eq!(fronts(&mails), ["Subject: 1\n\n"]);
    let whole = "From x\nSubject: 1\n\nFrom x\nSubject: 2\n\nhalf a line\n\n";
    std::fs::write(&path, whole).unwrap();
    assert_eq!(fronts(&read_mbox(&path, Some(&place)).0), ["Subject: 2\n\nhalf a line\n\n"]);
}

#[test]
fn a_mail_without_end_and_a_line_without_end_keep_their_front_only() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bounces");
    let long = "x".repeat(3 * FRONT);
    std::fs::write(&path, format!("From {long}\nSubject: 1\n\n{long}\n\nFrom x\nSubject: 2\n\n")).unwrap();
    let (mails, _) = read_mbox(&path, None);
    assert_eq!(mails.iter().map(|mail| mail.front.len()).collect::<Vec<_>>(), [FRONT, "Subject: 2\n\n".len()]);
    assert_eq!(mails[0].sha256, Sha256::of(format!("Subject: 1\n\n{long}\n\n").as_bytes()));
}

#[test]
fn nothing_yet_is_not_the_same_as_a_path_that_leads_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(BounceBox::open(&dir.path().join("bounces")).unwrap(), BounceBox::NotYet));
    assert!(BounceBox::open(&dir.path().join("misspelt/bounces")).is_err());
}
