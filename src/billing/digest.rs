//! A digest over everything a statement's figures were computed from.

use sha2::Digest;

use crate::domain::{Account, ConferenceUsage, Line, PeriodBounds, Room, Sha256};

/// SHA-256 over length-prefixed fields, so that no two inputs run together.
#[derive(Clone)]
pub(super) struct InputsDigest(sha2::Sha256);

impl InputsDigest {
    pub(super) fn new(account: &Account, bounds: &PeriodBounds) -> Self {
        let mut digest = Self(sha2::Sha256::new());
        digest.text(account.number.as_str());
        digest.text(account.company.as_str());
        digest.text(account.currency.code());
        digest.text(account.time_zone.name());
        digest.text(account.locale.as_str());
        digest.number(bounds.start.timestamp());
        digest.number(bounds.end.timestamp());
        digest
    }

    pub(super) fn room(&mut self, room: &Room) {
        self.text(room.number.as_str());
        self.text(room.cardholder.as_str());
        self.text(room.auto_billing_code.as_ref().map_or("", |code| code.as_str()));
    }

    pub(super) fn conference(&mut self, conference: &ConferenceUsage) {
        self.text(conference.room.as_str());
        self.text(conference.id.as_str());
        // Without a code nothing is added, so that digests stay as they were before codes could be assigned; no text
        // has this length.
        if let Some(code) = &conference.assigned_code {
            self.number(-1);
            self.text(code.as_str());
        }
        for leg in &conference.legs {
            self.text(leg.leg_id.as_str());
            self.text(leg.service_type.as_str());
            self.number(leg.joined_at.timestamp());
            self.number(leg.left_at.timestamp());
            self.text(leg.caller.as_ref().map_or("", |caller| caller.as_str()));
            self.text(leg.billing_code.as_ref().map_or("", |code| code.as_str()));
            self.number(i64::from(leg.charged_here));
        }
    }

    /// What the tariff made of the usage.
    pub(super) fn line(&mut self, line: &Line) {
        self.number(line.billed_seconds.cast_signed());
        self.0.update(line.rate_per_minute.serialize());
    }

    pub(super) fn finish(self) -> Sha256 {
        Sha256::from_bytes(self.0.finalize().into())
    }

    fn text(&mut self, text: &str) {
        self.number(text.len().cast_signed() as i64);
        self.0.update(text.as_bytes());
    }

    fn number(&mut self, number: i64) {
        self.0.update(number.to_be_bytes());
    }
}
