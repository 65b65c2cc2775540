//! What an import means for what is there already, in words for anyone who imports.

use chrono::SecondsFormat;

use crate::store::MasterNote;

/// More notes would not be read.
const MOST_SHOWN: usize = 20;

/// The notes of one file; the first of many, with how many there are.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    shown: Vec<String>,
    more: usize,
}

impl Notes {
    pub(crate) fn add(&mut self, notes: &[MasterNote]) {
        for note in notes {
            if self.shown.len() < MOST_SHOWN {
                self.shown.push(words(note));
            } else {
                self.more += 1;
            }
        }
    }

    pub(crate) fn into_warnings(self) -> Vec<String> {
        let mut warnings = self.shown;
        if self.more > 0 {
            warnings.push(format!("and {} more warnings of this file", self.more));
        }
        warnings
    }
}

fn words(note: &MasterNote) -> String {
    match note {
        MasterNote::RoomMoves { room, from, to, at } => {
            let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
            format!("room {room} belongs to account {to} from {at} on, and to {from} before")
        }
        MasterNote::ConferencesStay { room, period, conferences, charged_to, belong_to } => format!(
            "room {room}: {conferences} conferences of {period} stay charged to account {charged_to}, since that month is \
             closed; a [[rerun]] of it that names both accounts takes them to {belong_to}"
        ),
        MasterNote::TermsOfClosedPeriods { account, from, open } => format!(
            "account {account}: currency and tariff were to count from {from}, but the months before {open} have closed and \
             keep theirs, also in revisions and reruns; they count from {open} on"
        ),
        MasterNote::RateOfClosedPeriods { tariff, service_type, accounts, first, last } => {
            let months = if first == last { first.to_string() } else { format!("{first} to {last}") };
            format!(
                "tariff {tariff}, {service_type}: the rate also concerns what has closed ({months}, {accounts} accounts). No \
                 statement changes by itself: a [[rerun]] of the month corrects it, and any other revision of it (a void, late \
                 usage, billing codes) counts with the new rate too"
            )
        }
        MasterNote::UnknownTariff { account, tariff } => {
            format!(
                "account {account}: tariff {tariff} is not there: import its rows, or its months cannot be closed"
            )
        }
        MasterNote::TariffInOtherCurrency { account, tariff, account_currency } => format!(
            "account {account} is billed in {account_currency}, but tariff {tariff} has no row in {account_currency}: import \
             one, or its months cannot be closed"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_notes_the_first_are_told_and_the_others_counted() {
        let note = MasterNote::UnknownTariff { account: "1".parse().unwrap(), tariff: "T".parse().unwrap() };
        let mut notes = Notes::default();
        notes.add(&vec![note; MOST_SHOWN + 3]);
        let warnings = notes.into_warnings();
        assert_eq!(warnings.len(), MOST_SHOWN + 1);
        assert_eq!(warnings.last().unwrap(), "and 3 more warnings of this file");
    }
}
