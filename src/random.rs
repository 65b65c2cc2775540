//! Numbers that no other process, and no later run of this one, has: for tokens and names. Not for secrets.

use std::hash::{BuildHasher, RandomState};

/// From the operating system's randomness, by way of the keys that every hash map of the standard library gets.
pub(crate) fn unique_number() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_do_not_come_twice() {
        let numbers: std::collections::HashSet<u64> = (0..10_000).map(|_| super::unique_number()).collect();
        assert_eq!(numbers.len(), 10_000);
    }
}
