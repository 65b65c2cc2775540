//! What all requests to the portal share.

use std::sync::Arc;

use tokio::sync::{Notify, Semaphore};

use super::list_cache::ListCache;
use super::passwords::Passwords;
use super::staff::Office;
use super::throttle::Throttle;
use crate::config::Network;
use crate::jobs::{Context, Months};

/// Returns what answers are made from; another one after the configuration has changed.
pub type Parts = Box<dyn Fn() -> Context + Send + Sync>;

/// What all requests share.
pub(super) struct Shared {
    pub(super) parts: Parts,
    pub(super) months: Months,
    pub(super) lists: ListCache,
    pub(super) passwords: Passwords,
    pub(super) throttle: Throttle,
    pub(super) downloads: Semaphore,
    pub(super) staff: Office,
    pub(super) trusted_proxies: Vec<Network>,
    /// Customers come by https: cookies say so, and browsers are told to keep to it.
    pub(super) is_secure: bool,
    /// Wakes the task that sends mail.
    pub(super) mail: Arc<Notify>,
}
