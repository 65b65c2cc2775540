//! Legs of which one end has come and the other has not: bridges that write events write the two apart, perhaps into
//! two files, and the files may arrive in any order.
//!
//! An end belongs to the latest beginning before it that has none, a beginning to the earliest end after it.

use std::collections::{BTreeMap, VecDeque};

use super::UsageRecord;

/// How many legs with both ends known are kept at most. Their records come again only while a bridge waits for an
/// answer, so only the latest are needed.
pub const MOST_ENDED: usize = 1000;

/// By the key that both ends share. A leg without `left_at` has begun; one without `joined_at` is an end alone.
#[derive(Debug, Default)]
pub struct Waiting {
    legs: BTreeMap<String, Vec<UsageRecord>>,
    /// The earlier values of the keys that have changed since the changes were last taken.
    before: BTreeMap<String, Vec<UsageRecord>>,
    /// How many wait.
    open: usize,
    /// Keys of legs of which both ends are known, in the order in which they ended.
    ended: VecDeque<String>,
}

impl Waiting {
    /// What was kept of earlier files, the oldest first.
    pub fn of(kept: impl IntoIterator<Item = (String, Vec<UsageRecord>)>) -> Self {
        let mut waiting = Self::default();
        for (key, legs) in kept {
            waiting.open += open_among(&legs);
            if are_over(&legs) {
                waiting.ended.push_back(key.clone());
            }
            waiting.legs.insert(key, legs);
        }
        waiting
    }

    /// How many beginnings and ends wait; not legs of which both are known, which are kept since their records may
    /// come again.
    pub fn len(&self) -> usize {
        self.open
    }

    pub fn is_empty(&self) -> bool {
        self.open == 0
    }

    /// The keys that have changed since this was last called, each with what waits under it now; an empty list means
    /// that it is settled.
    pub fn take_changes(&mut self) -> Vec<(String, Vec<UsageRecord>)> {
        let changed = std::mem::take(&mut self.before).into_keys();
        changed.map(|key| (key.clone(), self.legs.get(&key).cloned().unwrap_or_default())).collect()
    }

    /// Restores the state from when the changes were last taken: of a file that cannot be read whole, nothing is
    /// kept.
    pub fn undo(&mut self) {
        for (key, before) in std::mem::take(&mut self.before) {
            let now = self.legs.remove(&key).unwrap_or_default();
            self.open = self.open + open_among(&before) - open_among(&now);
            if !before.is_empty() {
                self.legs.insert(key, before);
            }
        }
        let legs = &self.legs;
        self.ended.retain(|key| legs.get(key).is_some_and(|legs| are_over(legs)));
    }

    /// A leg begins; returns the whole leg if its end has come before.
    pub(super) fn begin(&mut self, key: &str, mut leg: UsageRecord) -> Option<UsageRecord> {
        let waiting = self.legs.get(key).map(Vec::as_slice).unwrap_or_default();
        let ends = waiting.iter().enumerate().filter(|(_, other)| is_end(other) && other.left_at >= leg.joined_at);
        if let Some((place, _)) = ends.min_by(|(_, a), (_, b)| a.left_at.cmp(&b.left_at)) {
            leg.left_at = self.change(key, |legs| legs.remove(place)).left_at;
            return Some(leg);
        }
        if !waiting.iter().any(|other| other.leg_id == leg.leg_id) {
            self.change(key, |legs| legs.push(leg));
        }
        None
    }

    /// A leg ends; returns the whole leg if its beginning is known.
    pub(super) fn end(&mut self, key: &str, left_at: String) -> Option<UsageRecord> {
        let waiting = self.legs.get(key).map(Vec::as_slice).unwrap_or_default();
        let begun = waiting.iter().enumerate().filter(|(_, other)| !is_end(other) && other.joined_at <= left_at);
        if let Some((place, _)) = begun.max_by(|(_, a), (_, b)| a.joined_at.cmp(&b.joined_at)) {
            return Some(UsageRecord { left_at, ..self.change(key, |legs| legs.remove(place)) });
        }
        if !waiting.iter().any(|other| is_end(other) && other.left_at == left_at) {
            self.change(key, |legs| legs.push(UsageRecord { left_at, ..UsageRecord::default() }));
        }
        None
    }

    /// Whether anything is known under a key.
    pub(super) fn is_known(&self, key: &str) -> bool {
        self.legs.contains_key(key)
    }

    /// What is known under a key, to be completed; empty where nothing is.
    pub(super) fn known(&self, key: &str) -> UsageRecord {
        self.legs.get(key).and_then(|legs| legs.first()).cloned().unwrap_or_default()
    }

    /// Replaces what is known of a leg; of legs that are over, the latest are kept.
    pub(super) fn note(&mut self, key: &str, leg: UsageRecord) {
        let was_over = self.legs.get(key).is_some_and(|legs| are_over(legs));
        if leg.is_over() && !was_over {
            self.ended.push_back(key.to_owned());
        }
        self.change(key, |legs| *legs = vec![leg]);
        if self.ended.len() > MOST_ENDED
            && let Some(oldest) = self.ended.pop_front()
            && self.legs.get(&oldest).is_some_and(|legs| are_over(legs))
        {
            self.change(&oldest, Vec::clear);
        }
    }

    /// Changes what waits under a key. A leg that came and is settled again is no change, so a file of a million legs
    /// leaves nothing behind.
    fn change<T>(&mut self, key: &str, change: impl FnOnce(&mut Vec<UsageRecord>) -> T) -> T {
        let mut legs = self.legs.remove(key).unwrap_or_default();
        if !self.before.contains_key(key) {
            self.before.insert(key.to_owned(), legs.clone());
        }
        self.open -= open_among(&legs);
        let told = change(&mut legs);
        self.open += open_among(&legs);
        if !legs.is_empty() {
            self.legs.insert(key.to_owned(), legs);
        } else if self.before.get(key).is_some_and(Vec::is_empty) {
            self.before.remove(key);
        }
        told
    }
}

fn open_among(legs: &[UsageRecord]) -> usize {
    legs.iter().filter(|leg| !leg.is_over()).count()
}

fn are_over(legs: &[UsageRecord]) -> bool {
    !legs.is_empty() && open_among(legs) == 0
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
        assert!(waiting.take_changes().is_empty(), "no one has to know what came and went");
        waiting.begin("k", begun("c", "30"));
        assert_eq!(waiting.take_changes(), [("k".to_owned(), vec![begun("c", "30")])]);
        waiting.end("k", "35".into()).unwrap();
        assert_eq!(waiting.take_changes(), [("k".to_owned(), Vec::new())]);
        assert!(waiting.take_changes().is_empty());
    }

    #[test]
    fn what_a_file_has_changed_is_undone_where_it_cannot_be_read_whole() {
        let kept = [("a".to_owned(), vec![begun("a", "10")]), ("b".to_owned(), vec![begun("b", "10")])];
        let mut waiting = Waiting::of(kept.clone());
        waiting.end("a", "20".into()).unwrap();
        waiting.begin("b", begun("b2", "12"));
        waiting.begin("c", begun("c", "10"));
        assert_eq!(waiting.len(), 3);
        waiting.undo();
        assert_eq!(waiting.legs, kept.into());
        assert_eq!(waiting.len(), 2);
        assert!(waiting.take_changes().is_empty());
    }

    #[test]
    fn of_legs_that_are_over_the_latest_are_kept() {
        let over = |number: usize| UsageRecord { left_at: "20".into(), ..begun(&format!("L{number}"), "10") };
        let mut waiting = Waiting::default();
        waiting.begin("open", begun("open", "10"));
        for number in 0..MOST_ENDED * 3 {
            let key = format!("{number}");
            waiting.note(&key, begun(&format!("L{number}"), "10"));
            waiting.note(&key, over(number));
            waiting.note(&key, over(number));
        }
        assert_eq!((waiting.legs.len(), waiting.len()), (MOST_ENDED + 1, 1));
        assert_eq!(waiting.known(&format!("{}", MOST_ENDED * 2)), over(MOST_ENDED * 2));
        assert_eq!(waiting.known("0"), UsageRecord::default());
        assert_eq!(waiting.take_changes().len(), MOST_ENDED + 1);
    }

    #[test]
    fn an_end_before_its_beginning_is_another_s() {
        let mut waiting = Waiting::default();
        waiting.begin("k", begun("a", "10"));
        assert_eq!(waiting.end("k", "09".into()), None);
        assert_eq!(waiting.len(), 2);
    }
}
