//! What the mail server has answered is not forgotten because the database was away when it was to be written down.

use std::collections::HashMap;

use statementd::app::App;
use statementd::jobs::{JobError, deliver_due};
use statementd::store::DeliveryFilter;

use super::{on_both, process, tamper};
use crate::mail::fault_server::{Fault, FaultServer, Step};
use crate::support::{AFTER_MAY, Program};

/// Messages of the sample's four months.
const MESSAGES: usize = 16;

/// Lets the database refuse every row of `delivery` that would be as `condition` says.
fn refusal(url: &str, condition: &str) -> String {
    if url.starts_with("sqlite") {
        return format!(
            "CREATE TRIGGER refusal BEFORE UPDATE ON delivery WHEN {condition}
             BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END"
        );
    }
    format!(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'the disk is gone'; END $$;
         CREATE TRIGGER refusal BEFORE UPDATE ON delivery FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refuse()"
    )
}

fn acceptance(url: &str) -> &'static str {
    if url.starts_with("sqlite") { "DROP TRIGGER refusal" } else { "DROP TRIGGER refusal ON delivery" }
}

fn send_to(program: &Program, port: u16) {
    let path = program.path("statementd.toml");
    let before = std::fs::read_to_string(&path).unwrap();
    let mail = format!(
        "mail.transport = \"smtp\"\nmail.host = \"127.0.0.1\"\nmail.port = {port}\nmail.tls = \"none\"\n\
         mail.from = \"billing@operator.example\"\nmail.concurrency = 2\n"
    );
    std::fs::write(&path, format!("{before}\n{mail}")).unwrap();
}

/// The sample months, closed and published; nothing has been sent.
fn close(program: &Program) {
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY, "--no-send"]);
}

async fn states(app: &App) -> HashMap<&'static str, usize> {
    let mut states = HashMap::new();
    for delivery in
        app.context.store.read().await.unwrap().deliveries().list(&DeliveryFilter::default()).await.unwrap()
    {
        *states.entry(delivery.state.as_str()).or_default() += 1;
    }
    states
}

fn each_message_once(server: &FaultServer) -> bool {
    let stored = server.stored();
    let ids: std::collections::HashSet<_> = stored.iter().map(|stored| stored.message_id.clone()).collect();
    ids.len() == MESSAGES && stored.len() == MESSAGES
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_could_not_be_written_is_written_first_when_the_database_is_back() {
    // The note that a body goes out can fail as well: then it does not.
    for condition in ["NEW.state = 'accepted'", "NEW.step = 'body_under_way'"] {
        for (program, url) in on_both("").await {
            let server = FaultServer::sound().await;
            send_to(&program, server.port);
            close(&program);
            let app = process(&program, AFTER_MAY).await;
            tamper(&url, refusal(&url, condition)).await;
            let broken = deliver_due(&app.context, &|| true).await;
            assert!(matches!(broken, Err(JobError::Ledger(_))), "{broken:?}");
            assert_eq!(server.stored().is_empty(), condition.contains("step"), "{condition}");
            tamper(&url, acceptance(&url)).await;
            let round = deliver_due(&app.context, &|| true).await.unwrap();
            assert_eq!((round.interrupted, round.unknown), (0, 0), "nothing was lost: {round:?}");
            assert_eq!(states(&app).await, HashMap::from([("accepted", MESSAGES)]), "{condition}");
            assert!(each_message_once(&server), "{condition}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_replaces_what_another_process_made_of_its_absence() {
    let server = FaultServer::start(|step, visit| {
        // A temporary refusal: the delivery is tried again.
        (step == Step::Dot && visit == 1).then_some(Fault::Reply("451 4.3.0 later please"))
    })
    .await;
    let [_, (program, url)] = on_both("").await;
    send_to(&program, server.port);
    close(&program);
    let (app, other) = (process(&program, AFTER_MAY).await, process(&program, AFTER_MAY).await);
    tamper(&url, refusal(&url, "NEW.state IN ('accepted', 'deferred') AND OLD.state = 'sending'")).await;
    assert!(matches!(deliver_due(&app.context, &|| true).await, Err(JobError::Ledger(_))));
    let sent = server.stored().len();
    tamper(&url, acceptance(&url)).await;
    // The process was silent for longer than its lease.
    tamper(&url, "DELETE FROM worker").await;
    let judged = deliver_due(&other.context, &|| true).await.unwrap();
    assert!(judged.interrupted >= sent as u64 && sent > 0, "{judged:?} of {sent}");
    let round = deliver_due(&app.context, &|| true).await.unwrap();
    assert_eq!(round.interrupted, 0, "{round:?}");
    let states = states(&app).await;
    assert_eq!(states.get("unknown"), None, "{states:?}");
    let accepted = states["accepted"];
    assert_eq!(accepted + states.get("deferred").copied().unwrap_or_default(), MESSAGES, "{states:?}");
    assert_eq!(server.stored().len(), accepted);
}
