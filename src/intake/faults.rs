//! All faults of a row at once, so that the person who corrects it need not come back for the next one.

use super::Refusal;

/// What is wrong with a row so far.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Refusal>);

impl Faults {
    /// The value, or `None` with its fault noted.
    pub(super) fn check<T>(&mut self, read: Result<T, Refusal>) -> Option<T> {
        read.map_err(|refusal| self.0.push(refusal)).ok()
    }

    pub(super) fn is_any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Everything that is wrong, under the first column; only for rows with a fault.
    pub(super) fn into_refusal(self) -> Refusal {
        let mut faults = self.0.into_iter();
        let Some(first) = faults.next() else { return Refusal::row("cannot be read") };
        let more: Vec<String> = faults
            .map(|Refusal { column, reason }| match column {
                Some(column) => format!("; {column} {reason}"),
                None => format!("; {reason}"),
            })
            .collect();
        // Each is shortened by itself; cutting the whole text would hide the last ones.
        Refusal { column: first.column, reason: format!("{}{}", first.reason, more.concat()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_named() {
        let mut faults = Faults::default();
        assert_eq!(faults.check(Ok(1)), Some(1));
        assert_eq!(faults.check::<i32>(Err(Refusal::column("currency", "is not one"))), None);
        assert_eq!(faults.check::<i32>(Err(Refusal::column("tariff", "is empty"))), None);
        let refusal = faults.into_refusal();
        assert_eq!((refusal.column, refusal.reason.as_str()), (Some("currency"), "is not one; tariff is empty"));
    }
}
