//! Legs of which one end has come and the other has not: bridges that write events write the two apart, perhaps into two
//! files, and the files may arrive in any order.
//!
//! An end belongs to the latest beginning before it that has none, a beginning to the earliest end after it.

use std::collections::{BTreeMap, BTreeSet};

use super::UsageRecord;

/// By the key that both ends share. A leg without `left_at` has begun; one without `joined_at` is an end alone.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    legs: BTreeMap<String, Vec<UsageRecord>>,
    /// Keys of which something changed since they were last asked for.
    changed: BTreeSet<String>,
}

impl Waiting {
    /// What was kept of earlier files.
    pub fn of(kept: impl IntoIterator<Item = (String, Vec<UsageRecord>)>) -> Self {
        Self { legs: kept.into_iter().collect(), changed: BTreeSet::new() }
    }

    /// How many beginnings and ends wait; not legs of which both are known, which are kept since their records may come again.
    pub fn len(&self) -> usize {
        self.legs.values().flatten().filter(|leg| !leg.is_over()).count()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The keys that have changed since this was last called, each with what waits under it now; nothing: it is settled.
    pub fn take_changes(&mut self) -> Vec<(String, Vec<UsageRecord>)> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().map(|key| (key.clone(), self.legs.get(&key).cloned().unwrap_or_default())).collect()
    }

    /// A leg begins; returns it whole where its end has come before.
    pub(super) fn begin(&mut self, key: &str, mut leg: UsageRecord) -> Option<UsageRecord> {
        let waiting = self.legs.get(key).map(Vec::as_slice).unwrap_or_default();
        let ends = waiting.iter().enumerate().filter(|(_, other)| is_end(other) && other.left_at >= leg.joined_at);
        if let Some((place, _)) = ends.min_by(|(_, a), (_, b)| a.left_at.cmp(&b.left_at)) {
            leg.left_at = self.remove(key, place).left_at;
            return Some(leg);
        }
        if !waiting.iter().any(|other| other.leg_id == leg.leg_id) {
            self.add(key, leg);
        }
        None
    }

    /// A leg ends; returns it whole where its beginning is known.
    pub(super) fn end(&mut self, key: &str, left_at: String) -> Option<UsageRecord> {
        let waiting = self.legs.get(key).map(Vec::as_slice).unwrap_or_default();
        let begun = waiting.iter().enumerate().filter(|(_, other)| !is_end(other) && other.joined_at <= left_at);
        if let Some((place, _)) = begun.max_by(|(_, a), (_, b)| a.joined_at.cmp(&b.joined_at)) {
            return Some(UsageRecord { left_at, ..self.remove(key, place) });
        }
        if !waiting.iter().any(|other| is_end(other) && other.left_at == left_at) {
            self.add(key, UsageRecord { left_at, ..UsageRecord::default() });
        }
        None
    }

    /// What is known under a key, to be completed; empty where nothing is.
    pub(super) fn known(&self, key: &str) -> UsageRecord {
        self.legs.get(key).and_then(|legs| legs.first()).cloned().unwrap_or_default()
    }

    /// Puts what is known under a key in the place of what was.
    pub(super) fn note(&mut self, key: &str, leg: Option<UsageRecord>) {
        match leg {
            Some(leg) => drop(self.legs.insert(key.to_owned(), vec![leg])),
            None => drop(self.legs.remove(key)),
        }
        self.changed.insert(key.to_owned());
    }

    fn add(&mut self, key: &str, leg: UsageRecord) {
        self.legs.entry(key.to_owned()).or_default().push(leg);
        self.changed.insert(key.to_owned());
    }

    fn remove(&mut self, key: &str, place: usize) -> UsageRecord {
        self.changed.insert(key.to_owned());
        let Some(legs) = self.legs.get_mut(key) else { return UsageRecord::default() };
        let leg = legs.remove(place);
        if legs.is_empty() {
            self.legs.remove(key);
        }
        leg
    }
}

fn is_end(leg: &UsageRecord) -> bool {
    leg.leg_id.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(id: &str, at: &str) -> UsageRecord {
        UsageRecord { leg_id: id.into(), joined_at: at.into(), ..UsageRecord::default() }
    }

    #[test]
    fn ends_find_their_beginnings_in_whatever_order_they_come() {
        let mut waiting = Waiting::default();
        assert_eq!(waiting.end("k", "12".into()), None);
        assert_eq!(waiting.begin("k", begun("b", "20")), None);
        assert_eq!(waiting.begin("k", begun("b", "20")), None, "read again");
        assert_eq!(waiting.begin("k", begun("a", "10")).unwrap().left_at, "12");
        assert_eq!(waiting.end("k", "25".into()).unwrap().leg_id, "b");
        assert!(waiting.is_empty());
        let keys: Vec<_> = waiting.take_changes();
        assert_eq!(keys, [("k".to_owned(), Vec::new())]);
        assert!(waiting.take_changes().is_empty());
    }

    #[test]
    fn an_end_before_its_beginning_is_another_s() {
        let mut waiting = Waiting::default();
        waiting.begin("k", begun("a", "10"));
        assert_eq!(waiting.end("k", "09".into()), None);
        assert_eq!(waiting.len(), 2);
    }
}
