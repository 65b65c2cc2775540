//! The figures of a month, as pages show them.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::digest::Sha256;
use crate::domain::{Amount, CodeShare, CodesNow, Statement, StatementAccount, Totals};
use crate::store::{CodeSetKey, StatementKey, UsageScope};

/// A month of an account, and what its figures are.
#[derive(Debug, Clone)]
pub struct Month {
    /// Without rooms and lines where the figures are [`MonthFigures::Checked`]. Of an open month, and of a large
    /// closed one, without lines, or with one room alone and its lines.
    pub statement: Arc<Statement>,
    /// What its rooms come to by code.
    pub shares: Arc<Vec<CodeShare>>,
    pub figures: MonthFigures,
    /// The usage that they are made of.
    pub scope: UsageScope,
    /// Codes that were given since it closed.
    pub codes: Arc<CodesNow>,
    /// The newest change of codes that is seen here.
    pub seen: Option<CodeSetKey>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonthFigures {
    /// Those of the current revision. `None` if the month closed without usage.
    Closed(Option<StatementKey>),
    /// What closing would have frozen at this instant.
    Open {
        as_of: DateTime<Utc>,
        /// True if newer usage is known that is not in them yet.
        is_behind: bool,
    },
    /// There are none to be shown: safety bounds hold the statement, or an obstacle keeps it from being computed.
    Checked,
}

impl Month {
    /// Without figures.
    pub(super) fn checked(account: StatementAccount, scope: UsageScope) -> Self {
        let statement = Statement {
            account,
            period: scope.bounds,
            revision: 1,
            totals: Totals { charge: Amount(0), ..Totals::default() },
            rooms: Vec::new(),
            billing_codes: Vec::new(),
            lines: Vec::new(),
            services: Vec::new(),
            history: Vec::new(),
            addressees: Vec::new(),
            offsets: Vec::new(),
            zone_data: None,
            inputs_digest: Sha256::of(&[]),
            changes: None,
        };
        let (statement, figures) = (Arc::new(statement), MonthFigures::Checked);
        Self { statement, shares: Arc::default(), figures, scope, codes: Arc::default(), seen: None }
    }
}
