//! Billing codes that are given online while a month closes, usage comes in, or the program dies.

use statementd::app::App;
use statementd::domain::EmailAddress;
use statementd::jobs::{CodeOrder, CodeOutcome, assign_codes};
use statementd::store::{AccountAccess, NewSession, SessionLimits, Viewer};

use super::{number, on_both, process};
use crate::support::Pauses;

const IN_MAY: &str = "2009-05-31T20:00:00Z";
const IN_JUNE: &str = "2009-06-05T12:00:00Z";
const CODED_LINES: &str = "SELECT COUNT(*) FROM code_assignment";

/// The account's owner, signed in.
async fn owner(app: &App) -> (Viewer, AccountAccess) {
    let now = IN_MAY.parse().unwrap();
    let address: EmailAddress = "compta@phoenix.example".parse().unwrap();
    let mut tx = app.context.store.write().await.unwrap();
    let person = tx.portal_people().person_or_new(&address).await.unwrap();
    let session = NewSession { token_sha256: "token", person, browser: "Test", browser_sha256: "browser" };
    tx.portal_sessions().begin_session(&session, now).await.unwrap();
    tx.commit().await.unwrap();
    let limits = SessionLimits { idle: chrono::TimeDelta::hours(1), longest: chrono::TimeDelta::hours(2) };
    let mut tx = app.context.store.read().await.unwrap();
    let viewer = tx.portal_sessions().viewer("token", limits, now).await.unwrap().unwrap();
    let access = tx.portal().access(&viewer, &"602127".parse().unwrap(), now).await.unwrap().unwrap();
    (viewer, access)
}

fn order(code: &str) -> CodeOrder {
    let conference = ("332703".parse().unwrap(), "C000002".parse().unwrap());
    CodeOrder { conferences: vec![conference], code: Some(code.parse().unwrap()), seen: None, is_meant: true }
}

// A write whose caller has stopped waiting goes on by itself, beside a test that waits for another process.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_given_while_its_month_closes_waits_is_told_and_lands_behind_it() {
    for (program, url) in on_both("mail.transport = \"off\"").await {
        program.import_sample();
        let app = process(&program, IN_MAY).await;
        let (viewer, access) = owner(&app).await;
        // The closing holds the account, and pauses before it commits.
        let place = "before-closings-are-committed";
        let pauses = Pauses::at(place);
        let close = ["close", "--period", "2009-05", "--as-of", IN_JUNE, "--no-send"];
        let closing = pauses.start_until(&program, &close, place);
        let told = assign_codes(&app.context, &viewer, &access, &order("WAITED")).await.unwrap();
        assert_eq!(told, CodeOutcome::Busy, "{url}");
        assert_eq!(number(&url, CODED_LINES).await, 0);
        pauses.resume(place);
        assert_eq!(closing.wait(), Some(0));
        let given = assign_codes(&app.context, &viewer, &access, &order("WAITED")).await.unwrap();
        assert!(matches!(given, CodeOutcome::Changed(Some((_, 1)))), "{given:?}");
        // Beside the statement, not in it.
        assert_eq!(number(&url, "SELECT COUNT(*) FROM code_revision WHERE changed_at IS NOT NULL").await, 1);
        assert_eq!(number(&url, "SELECT COUNT(*) FROM statement WHERE period = '2009-05'").await, 1);
        program.ok(&["check", "--deep"]);
    }
}

#[tokio::test]
async fn of_two_who_give_a_code_at_once_the_second_is_told() {
    for (program, url) in on_both("mail.transport = \"off\"").await {
        program.import_sample();
        let app = process(&program, IN_MAY).await;
        let (viewer, access) = owner(&app).await;
        let (first, second) = (order("FIRST"), order("SECOND"));
        let both = tokio::join!(
            assign_codes(&app.context, &viewer, &access, &first),
            assign_codes(&app.context, &viewer, &access, &second)
        );
        let outcomes = [both.0.unwrap(), both.1.unwrap()];
        let changed = outcomes.iter().filter(|outcome| matches!(outcome, CodeOutcome::Changed(Some(_)))).count();
        let told = outcomes.iter().filter(|outcome| matches!(outcome, CodeOutcome::Overtaken(_))).count();
        assert_eq!((changed, told), (1, 1), "{outcomes:?}");
        assert_eq!(number(&url, CODED_LINES).await, 1);
        assert_eq!(number(&url, "SELECT COUNT(*) FROM code_change").await, 1);
    }
}
