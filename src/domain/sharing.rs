//! Lines that are read back share equal texts: otherwise the statement of a large room would take twice the memory.

use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{BillingCode, Line, RoomNumber, ServiceType};

/// Lines on their own, as a part of a statement's.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct StoredLines(#[serde(deserialize_with = "lines")] pub(crate) Vec<Line>);

/// For `deserialize_with`.
pub(super) fn lines<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Line>, D::Error> {
    deserializer.deserialize_seq(Lines::default())
}

#[derive(Default)]
struct Lines {
    rooms: HashSet<RoomNumber>,
    services: HashSet<ServiceType>,
    codes: HashSet<BillingCode>,
}

impl<'de> Visitor<'de> for Lines {
    type Value = Vec<Line>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of lines")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Vec<Line>, A::Error> {
        let mut lines = Vec::new();
        while let Some(mut line) = items.next_element::<Line>()? {
            share(&mut line.room, &mut self.rooms);
            share(&mut line.service_type, &mut self.services);
            if let Some(code) = &mut line.billing_code {
                share(code, &mut self.codes);
            }
            lines.push(line);
        }
        lines.shrink_to_fit();
        Ok(lines)
    }
}

fn share<T: Clone + Eq + Hash>(text: &mut T, known: &mut HashSet<T>) {
    match known.get(text) {
        Some(same) => *text = same.clone(),
        None => {
            known.insert(text.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn lines_read_back_are_the_same_and_share_their_texts() {
        let line = serde_json::json!({
            "room": "332703", "conference_id": "C1", "started_at": "2009-05-06T10:00:00Z", "service_type": "WEB",
            "quantity": 2, "billing_code": "X", "length_seconds": 30, "accumulated_seconds": 60, "billed_seconds": 60,
            "rate_per_minute": "0.09", "charge": 9, "late_from": null
        });
        let read = lines(serde_json::json!([line, line])).unwrap();
        assert_eq!(read, [line.clone(), line].map(|line| serde_json::from_value(line).unwrap()));
        let [first, second] = read.as_slice() else { panic!("two lines") };
        assert!(Arc::ptr_eq(&first.room.shared(), &second.room.shared()));
        assert!(Arc::ptr_eq(&first.service_type.shared(), &second.service_type.shared()));
        let codes = [first, second].map(|line| line.billing_code.as_ref().unwrap().shared());
        assert!(Arc::ptr_eq(&codes[0], &codes[1]));
    }
}
