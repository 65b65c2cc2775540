//! Which deliveries a command is about.

use clap::Args;

use crate::domain::{AccountNumber, EmailAddress, Period};
use crate::store::{DeliveryFilter, DeliveryState};

/// Which deliveries.
#[derive(Debug, Args)]
pub struct Choice {
    /// Only in this state: queued, sending, accepted, deferred, bounced, held or unknown
    #[arg(long, value_name = "STATE")]
    pub state: Option<DeliveryState>,
    /// Only of this month
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Option<Period>,
    /// Only of this account
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    /// Only to this address
    #[arg(long, value_name = "ADDRESS")]
    pub recipient: Option<EmailAddress>,
    /// Only this message: its ID, or the first digits of it as "mail list" prints them
    #[arg(long, value_name = "ID")]
    pub message_id: Option<String>,
}

impl Choice {
    pub(super) fn is_empty(&self) -> bool {
        self.state.is_none()
            && self.period.is_none()
            && self.account.is_none()
            && self.recipient.is_none()
            && self.message_id.is_none()
    }
}

impl From<Choice> for DeliveryFilter {
    fn from(choice: Choice) -> Self {
        let Choice { state, period, account, recipient, message_id } = choice;
        Self { state, period, account, recipient, message_id }
    }
}
