//! Tasks that wait for SQLite's one writer get it next, whatever the process that has it does then.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use statementd::store::Store;

use crate::support::Program;
use crate::support::database::until_a_process_waits;

const TURNS: usize = 20;

/// One database, opened twice, as two processes would open it.
struct Two {
    program: Program,
    import: Store,
    daemon: Store,
}

impl Two {
    async fn new() -> Self {
        let program = Program::new();
        program.ok(&["migrate"]);
        let url = format!("sqlite://{}", program.path("statementd.db").display());
        Self { import: Store::open(&url).await.unwrap(), daemon: Store::open(&url).await.unwrap(), program }
    }

    /// Returns once a process waits for the writer that another has.
    async fn until_one_waits(&self) {
        until_a_process_waits(&self.program.path("statementd.db")).await;
    }
}

#[tokio::test]
async fn who_waits_for_the_writer_comes_before_the_next_transaction_of_the_process_that_has_it() {
    let two = Two::new().await;
    let has_it = two.import.write().await.unwrap();
    let daemon = two.daemon.clone();
    let waiting = tokio::spawn(async move { daemon.write().await.unwrap().commit().await.unwrap() });
    two.until_one_waits().await;
    has_it.commit().await.unwrap();
    // Like an import: begins its next transaction at once, again and again.
    for _ in 0..TURNS {
        let next = two.import.write().await.unwrap();
        let was_first = waiting.is_finished();
        next.commit().await.unwrap();
        if was_first {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert!(waiting.is_finished(), "twenty transactions went before");
    waiting.await.unwrap();
}

#[tokio::test]
async fn all_who_wait_in_a_process_come_before_the_next_transaction_of_another_and_no_one_after_them_does() {
    let two = Two::new().await;
    let has_it = two.import.write().await.unwrap();
    let done = Arc::new(Mutex::new(Vec::new()));
    let writes = |name: usize| {
        let (daemon, done) = (two.daemon.clone(), Arc::clone(&done));
        tokio::spawn(async move {
            let tx = daemon.write().await.unwrap();
            done.lock().unwrap().push(name);
            tx.commit().await.unwrap();
        })
    };
    let mut waiting: Vec<_> = (0..5).map(writes).collect();
    // This runtime has one thread: they have all asked once the first of them is in the queue.
    two.until_one_waits().await;
    let (import, imported) = (two.import.clone(), Arc::clone(&done));
    let next = tokio::spawn(async move {
        let tx = import.write().await.unwrap();
        imported.lock().unwrap().push(usize::MAX);
        tx.commit().await.unwrap();
    });
    has_it.commit().await.unwrap();
    // Tasks that come while the five are served: a process that always has a task waiting keeps no other out.
    let mut late = 5;
    while !next.is_finished() {
        waiting.push(writes(late));
        late += 1;
        assert!(late < 10_000, "the other process was kept out");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    next.await.unwrap();
    for one in waiting {
        one.await.unwrap();
    }
    let order = done.lock().unwrap().clone();
    let imported = order.iter().position(|name| *name == usize::MAX).unwrap();
    assert!(imported >= 5, "{order:?}");
}
