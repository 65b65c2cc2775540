//! The program is killed by the mail server, at a step of its choice.

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use super::fault_server::{Fault, FaultServer, STEPS, Step};
use crate::support::{AFTER_MAY, Program};

/// Which conversation dies: some messages were sent before it, some are still to come.
const VICTIM: usize = 5;
/// Messages of the sample's four months.
const MESSAGES: usize = 16;

/// A server that kills the process in `victim` when the conversation comes to `step`.
async fn killing_server(step: Step, victim: Arc<Mutex<Option<u32>>>) -> FaultServer {
    let visit_of_victim = if matches!(step, Step::Connect | Step::Ehlo) { 0 } else { VICTIM };
    FaultServer::start(move |at, visit| {
        if at != step || visit != visit_of_victim {
            return None;
        }
        let process = victim.lock().unwrap().take().unwrap();
        assert!(Command::new("kill").args(["-KILL", &process.to_string()]).status().unwrap().success());
        Some(if step == Step::Dot { Fault::StoreAndDrop } else { Fault::Drop })
    })
    .await
}

fn program(port: u16) -> Program {
    let program = Program::with(&format!(
        "mail.transport = \"smtp\"\nmail.host = \"127.0.0.1\"\nmail.port = {port}\nmail.tls = \"none\"\n\
         mail.from = \"billing@operator.example\"\nmail.concurrency = 1\n"
    ));
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY, "--no-send"]);
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_step_the_next_run_knows_what_was_sent() {
    for step in STEPS {
        let victim = Arc::new(Mutex::new(None));
        let server = killing_server(step, Arc::clone(&victim)).await;
        let program = program(server.port);

        let mut guard = victim.lock().unwrap();
        let mut child = program.command(&["mail", "send"]).stdout(Stdio::null()).spawn().unwrap();
        *guard = Some(child.id());
        drop(guard);
        assert_eq!(child.wait().unwrap().code(), None, "killed: {step:?}");
        program.run(&["mail", "send"]);

        let mut copies: HashMap<String, usize> = HashMap::new();
        for stored in server.stored() {
            *copies.entry(stored.message_id).or_default() += 1;
        }
        let deliveries = program.json(&["mail", "list", "--json"]);
        let deliveries = deliveries.as_array().unwrap();
        assert_eq!(deliveries.len(), MESSAGES);
        let unknown: Vec<_> = deliveries.iter().filter(|delivery| delivery["state"] == "unknown").collect();
        let body_was_under_way = matches!(step, Step::Body | Step::Dot);
        // A verdict is on disk before the next message's body goes out, and may not be while that one is announced.
        assert!(unknown.len() == 1 || (unknown.is_empty() && !body_was_under_way), "{step:?}: {unknown:?}");
        for delivery in deliveries {
            let copies = copies.get(delivery["message_id"].as_str().unwrap()).copied().unwrap_or_default();
            match delivery["state"].as_str().unwrap() {
                "accepted" => assert_eq!(copies, 1, "{step:?}: {delivery}"),
                "unknown" => assert_eq!(copies, usize::from(step != Step::Body), "{step:?}: {delivery}"),
                state => panic!("{step:?}: {state} {delivery}"),
            }
        }
    }
}
