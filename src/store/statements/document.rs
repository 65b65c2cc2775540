//! The frozen statement as it is stored in the database: JSON, deflated; many lines in parts of their own (`parts`).
//!
//! An internal format: what users get is `account.json`. A field that is added later needs a serde default.

use serde::{Deserialize, Serialize};

use crate::digest::Sha256;
use crate::domain::{Currency, Name, Period, RoomTotal, Statement, Totals};
use crate::store::StoreError;
use crate::store::statements::packed::{pack, unpack};
use crate::store::statements::parts::{FrozenPart, taken_apart};

/// What a month's table of contents shows of a statement, kept beside it so that ten thousand documents need not be
/// unpacked for one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementSummary {
    pub company: Name,
    /// Those with usage, ordered by number.
    pub rooms: Vec<RoomTotal>,
}

/// A new revision as its rows will hold it. Made before there is a transaction to store it: packing takes longer than
/// storing.
#[derive(Debug)]
pub struct FrozenStatement {
    pub(crate) period: Period,
    pub(crate) revision: u32,
    pub(crate) totals: Totals,
    pub(crate) currency: Currency,
    pub(crate) inputs_digest: Sha256,
    pub(crate) shown_sha256: Sha256,
    /// A [`StatementSummary`].
    pub(crate) summary: String,
    pub(crate) document: Vec<u8>,
    /// Of the lines that are not in the document.
    pub(crate) parts: Vec<FrozenPart>,
}

impl FrozenStatement {
    /// `shown_sha256`: what billing makes of what the statement shows.
    pub fn of(statement: &Statement, shown_sha256: Sha256) -> Result<Self, StoreError> {
        let row = statement.account.number.as_str();
        let (head, parts) = taken_apart(statement)?;
        Ok(Self {
            period: statement.period.id,
            revision: statement.revision,
            totals: statement.totals,
            currency: statement.account.currency,
            inputs_digest: statement.inputs_digest,
            shown_sha256,
            summary: summarize(statement)?,
            document: pack(head.as_ref()).map_err(|error| corrupt(row, &error))?,
            parts,
        })
    }
}

fn summarize(statement: &Statement) -> Result<String, StoreError> {
    let rooms = statement.active_rooms().cloned().collect();
    let summary = StatementSummary { company: statement.account.company.clone(), rooms };
    serde_json::to_string(&summary).map_err(|error| corrupt(statement.account.number.as_str(), &error))
}

/// What was frozen shows the offsets that it was frozen with.
pub(crate) fn decode(row: &str, document: &[u8]) -> Result<Statement, StoreError> {
    let mut statement: Statement = unpack(document).map_err(|error| corrupt(row, &error))?;
    statement.account.time_zone = statement.account.time_zone.frozen(&statement.offsets);
    Ok(statement)
}

fn corrupt(row: &str, why: &impl ToString) -> StoreError {
    StoreError::corrupt("statement", row, "document")(why.to_string())
}
