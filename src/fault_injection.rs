//! Panics that a test asks for, to show what happens when a task dies. Release builds do not contain them.

/// Panics if `STATEMENTD_TEST_PANIC` in the environment names `point`: `close` each time, `close*2` the first two
/// times.
pub(crate) fn point(point: &str) {
    #[cfg(debug_assertions)]
    ordered::panic_at(point);
    #[cfg(not(debug_assertions))]
    let _ = point;
}

#[cfg(debug_assertions)]
mod ordered {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Order {
        point: String,
        left: AtomicU64,
    }

    pub(super) fn panic_at(point: &str) {
        static ORDER: OnceLock<Option<Order>> = OnceLock::new();
        let Some(order) = ORDER.get_or_init(read).as_ref().filter(|order| order.point == point) else { return };
        let taken = order.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        assert!(taken.is_err(), "ordered at {point}");
    }

    fn read() -> Option<Order> {
        let order = std::env::var("STATEMENTD_TEST_PANIC").ok()?;
        let (point, times) =
            order.split_once('*').map_or((order.as_str(), None), |(point, n)| (point, n.parse().ok()));
        Some(Order { point: point.to_owned(), left: AtomicU64::new(times.unwrap_or(u64::MAX)) })
    }
}
