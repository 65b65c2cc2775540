//! `check --deep` says what is missing, what was erased uncharged, what should not be in the archive.

use super::{number, on_both, one_leg, tamper};
use crate::support::Program;

const KEEP: &str = "archive.keep_months = 3\ndatabase.keep_usage = 3\nmail.transport = \"off\"";
const IN_JUNE: &str = "2009-06-05T12:00:00Z";

fn close_may(program: &Program) {
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", IN_JUNE]);
}

/// What is wrong with the data.
fn complaint(program: &Program) -> String {
    let run = program.run(&["check", "--deep"]);
    assert_ne!(run.status, 0, "{}", run.stdout);
    run.stdout
}

#[tokio::test]
async fn a_leg_that_disappears_is_missed() {
    for (program, url) in on_both("mail.transport = \"off\"").await {
        program.import_sample();
        program.ok(&["import", "usage", &one_leg(&program, "OPEN", "2009-06-20T10:00:00Z")]);
        program.ok(&["check", "--deep"]);
        // In an open month, which has no statement to compare with.
        tamper(&url, "DELETE FROM leg WHERE leg_id = 'OPEN'").await;
        let said = complaint(&program);
        assert!(said.contains("were imported, but"), "{said}");
    }
}

#[tokio::test]
async fn erased_usage_stays_in_the_books_and_uncharged_usage_is_told_of() {
    for (program, url) in on_both(KEEP).await {
        close_may(&program);
        let mut daemon = program.start(&["run", "--as-of", IN_JUNE]);
        daemon.until_logged("Usage that has had its time was erased");
        daemon.signal("TERM");
        assert_eq!(daemon.wait(), Some(0));
        program.ok(&["check", "--deep"]);
        tamper(&url, "UPDATE erased_usage SET legs = legs - 1 WHERE period = '2009-02'").await;
        let said = complaint(&program);
        assert!(said.contains("were imported, but") && said.contains("2009-02: its statement charges"), "{said}");
        tamper(&url, "UPDATE erased_usage SET legs = legs + 1 WHERE period = '2009-02'").await;
        program.ok(&["check", "--deep"]);
        tamper(&url, "UPDATE erased_usage SET charged_in = '' WHERE period = '2009-02'").await;
        let said = complaint(&program);
        assert!(said.contains("erased although no statement charges them"), "{said}");
    }
}

#[tokio::test]
async fn what_should_not_be_in_the_archive_is_told_of() {
    for (program, url) in on_both(KEEP).await {
        close_may(&program);
        let back_again = program.archive().join("2009-02/602127/r1/account.html");
        let page = std::fs::read(&back_again).unwrap();
        program.ok(&["archive", "expire"]);
        program.ok(&["check", "--deep"]);
        std::fs::create_dir_all(back_again.parent().unwrap()).unwrap();
        std::fs::write(&back_again, page).unwrap();
        let said = complaint(&program);
        assert!(said.contains("2009-02: 1 objects of the archive belong to no statement"), "{said}");
        std::fs::remove_dir_all(program.archive().join("2009-02")).unwrap();
        tamper(&url, "UPDATE statement SET published_at = expired_at + 1 WHERE expired_at IS NOT NULL").await;
        let said = complaint(&program);
        assert!(said.contains("published after it had been let go of"), "{said}");
    }
}

#[tokio::test]
async fn what_a_clock_ahead_published_and_one_behind_let_go_of_is_no_damage() {
    for (program, url) in on_both(KEEP).await {
        close_may(&program);
        tamper(&url, "UPDATE statement SET published_at = published_at + 2000000000").await;
        program.ok(&["archive", "expire"]);
        assert_eq!(number(&url, "SELECT COUNT(*) FROM statement WHERE expired_at IS NOT NULL").await, 1);
        program.ok(&["check", "--deep"]);
    }
}

#[tokio::test]
async fn a_table_of_contents_that_shows_something_else_is_told_of() {
    for (program, url) in on_both("").await {
        close_may(&program);
        program.ok(&["archive", "index"]);
        program.ok(&["check", "--deep"]);
        tamper(&url, "UPDATE delivery SET state = 'bounced' WHERE delivery_key = 1; DELETE FROM delivery_change")
            .await;
        let said = complaint(&program);
        assert!(said.contains("its table of contents does not show"), "{said}");
        program.ok(&["archive", "index"]);
        program.ok(&["check", "--deep"]);
    }
}
