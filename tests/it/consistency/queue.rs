//! Whoever waits for SQLite's one writer has it next, whatever whoever has it does then.

use statementd::store::Store;

use crate::support::Program;

const PATIENCE: std::time::Duration = std::time::Duration::from_mins(1);

#[tokio::test]
async fn a_process_that_waits_for_the_writer_comes_before_the_next_transaction_of_its_holder() {
    let program = Program::new();
    program.ok(&["migrate"]);
    let url = format!("sqlite://{}", program.path("statementd.db").display());
    // Each as a process of its own would be.
    let (import, click) = (Store::open(&url).await.unwrap(), Store::open(&url).await.unwrap());
    let has_it = import.write().await.unwrap();
    let waiting = tokio::spawn(async move { click.write().await.unwrap().commit().await.unwrap() });
    // It waits: the place in the queue is taken.
    let queue = std::fs::File::open(program.path("statementd.db.queue.lock")).unwrap();
    let taken = async {
        while queue.try_lock().is_ok() {
            queue.unlock().unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, taken).await.expect("somebody in the queue");
    has_it.commit().await.unwrap();
    // As an import does: at once again, and as often as it likes.
    for _ in 0..20 {
        let next = import.write().await.unwrap();
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
