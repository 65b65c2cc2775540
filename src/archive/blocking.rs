//! Work that waits for this machine's disks.

use tokio::runtime::Handle;

/// Runs `work` apart from the runtime's threads; or right here, on a thread that is none of them and may wait.
/// `object_store` does the same.
pub(super) async fn off_runtime<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    match Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await.map_err(std::io::Error::from).and_then(|result| result),
        Err(_) => work(),
    }
}
