//! Whether a store works: each kind of request that publishing makes is tried.
//!
//! The daemon asks each minute. In a bucket with versions each written object would stay for good; so the object of
//! the probe is made once, and stays. That a second write of it is refused proves that writing works.

use object_store::{Error, PutMode, PutPayload};

use super::{Archive, ArchiveError, PROBE};
use crate::random::unique_number;

/// How many bytes of it are read back; a longer object is another program's.
const LONGEST_PROBE: u64 = 1024;

impl Archive {
    /// Writes an object if it is not there, reads it back, and lists.
    pub async fn probe(&self) -> Result<(), ArchiveError> {
        if self.is_local() {
            // A disk has no versions, and must be written to be found full.
            // Under a name of its own, since others may be trying the same.
            let key = format!("{PROBE}-{:016x}", unique_number());
            let tried = self.put_verified(&key, key.as_bytes().to_vec()).await;
            let removed = self.delete(&key).await;
            tried.and(removed)?;
        } else {
            self.make_probe().await?;
        }
        self.list(PROBE).await.map(drop)
    }

    /// Like [`Self::probe`], and whether objects can be deleted: an error of that is the inner one.
    pub async fn probe_fully(&self) -> Result<Result<(), ArchiveError>, ArchiveError> {
        self.probe().await?;
        Ok(self.delete(PROBE).await)
    }

    async fn make_probe(&self) -> Result<(), ArchiveError> {
        let payload = PutPayload::from_static(PROBE.as_bytes());
        let put = self.store.put_opts(&self.path(PROBE), payload, PutMode::Create.into()).await;
        match put {
            // A store without that condition says so: there the object is written anew only where it is missing.
            Ok(_)
            | Err(
                Error::AlreadyExists { .. }
                | Error::Precondition { .. }
                | Error::NotImplemented { .. }
                | Error::NotSupported { .. },
            ) => {}
            Err(source) => return Err(ArchiveError::Store { key: PROBE.into(), source }),
        }
        if self.get(PROBE, LONGEST_PROBE).await?.as_deref() == Some(PROBE.as_bytes()) {
            return Ok(());
        }
        self.put_verified(PROBE, PROBE.as_bytes().to_vec()).await.map(drop)
    }
}
