//! What differs between two revisions of an account's month.

use std::cmp::Ordering;

use crate::domain::{Changes, Line, LineChange, RoomChange, RoomTotal, Statement, Totals};

/// What changed in `after` since `before`, an earlier revision of the same account's month.
pub fn changes(before: &Statement, after: &Statement) -> Changes {
    Changes {
        since_revision: before.revision,
        totals_before: before.totals,
        rooms: room_changes(&before.rooms, &after.rooms),
        lines: line_changes(&before.lines, &after.lines),
    }
}

/// Whether two revisions show their readers the same figures, lines and names.
pub fn shows_the_same(before: &Statement, after: &Statement) -> bool {
    before.account == after.account
        && before.period == after.period
        && before.totals == after.totals
        && before.rooms == after.rooms
        && before.billing_codes == after.billing_codes
        && before.lines == after.lines
        && before.services == after.services
}

fn room_changes(before: &[RoomTotal], after: &[RoomTotal]) -> Vec<RoomChange> {
    let totals = |room: Option<&RoomTotal>| room.map_or_else(Totals::default, |room| room.totals);
    merged(before, after, |a, b| a.number.cmp(&b.number))
        .into_iter()
        .filter_map(|(before, after)| {
            let number = before.or(after)?.number.clone();
            let (before, after) = (totals(before), totals(after));
            (before != after).then_some(RoomChange { number, before, after })
        })
        .collect()
}

/// Lines are paired by room, conference and service type: a conference whose start is known better now has changed,
/// and was not removed and added.
fn line_changes(before: &[Line], after: &[Line]) -> Vec<LineChange> {
    let name =
        |line: &Line| (line.room.clone(), line.conference_id.clone(), line.service_type.clone(), line.late_from);
    let sorted = |lines: &[Line]| {
        let mut lines: Vec<Line> = lines.to_vec();
        lines.sort_by_cached_key(name);
        lines
    };
    let (before, after) = (sorted(before), sorted(after));
    let mut changes: Vec<LineChange> = merged(&before, &after, |a, b| name(a).cmp(&name(b)))
        .into_iter()
        .filter(|(before, after)| before != after)
        .map(|(before, after)| LineChange { before: before.cloned(), after: after.cloned() })
        .collect();
    changes.sort_by_cached_key(|change| {
        let line = change.after.as_ref().or(change.before.as_ref());
        line.map(|line| (line.room.clone(), line.started_at, line.conference_id.clone(), line.service_type.clone()))
    });
    changes
}

/// Walks two lists in the same order and pairs what `order` calls equal.
fn merged<'a, T>(
    before: &'a [T],
    after: &'a [T],
    order: impl Fn(&T, &T) -> Ordering,
) -> Vec<(Option<&'a T>, Option<&'a T>)> {
    let (mut before, mut after) = (before.iter().peekable(), after.iter().peekable());
    let mut pairs = Vec::with_capacity(after.len());
    loop {
        let next = match (before.peek(), after.peek()) {
            (None, None) => return pairs,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => order(a, b),
        };
        pairs.push(match next {
            Ordering::Less => (before.next(), None),
            Ordering::Greater => (None, after.next()),
            Ordering::Equal => (before.next(), after.next()),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charges(changes: &[LineChange]) -> Vec<(Option<i64>, Option<i64>)> {
        let charge = |line: &Option<Line>| line.as_ref().map(|line| line.charge.0);
        changes.iter().map(|change| (charge(&change.before), charge(&change.after))).collect()
    }

    #[test]
    fn lines_are_added_removed_or_changed() {
        let before = [Line::sample("A", 9), Line::sample("B", 9), Line::sample("C", 9)];
        let after = [Line::sample("A", 9), Line::sample("B", 10), Line::sample("D", 9)];
        let changes = line_changes(&before, &after);
        assert_eq!(charges(&changes), [(Some(9), Some(10)), (Some(9), None), (None, Some(9))]);
    }

    #[test]
    fn a_conference_that_now_starts_earlier_has_changed() {
        let mut earlier = Line::sample("A", 9);
        earlier.started_at = "2009-05-06T09:59:00Z".parse().unwrap();
        assert_eq!(charges(&line_changes(&[Line::sample("A", 9)], &[earlier])), [(Some(9), Some(9))]);
    }

    #[test]
    fn equal_lists_have_no_changes() {
        assert!(line_changes(&[Line::sample("A", 9)], &[Line::sample("A", 9)]).is_empty());
    }
}
