//! What a charge may be without a person looking at it, and `[[approve]]`, which says that someone has looked.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::findings::Findings;
use super::setting::{Setting, list, text};
use crate::domain::{AccountNumber, Currency, Invalid, Period};

/// An amount with its currency, for example `5000 EUR`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    pub amount: Decimal,
    pub currency: Currency,
}

/// A number above 1, for example `3` or `2.5`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factor(pub Decimal);

/// `[[approve]]`: statements beyond the bounds that may be mailed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    #[serde(with = "text")]
    pub period: Period,
    #[serde(with = "list")]
    pub accounts: Vec<AccountNumber>,
}

impl Approve {
    pub(super) fn check_all(approvals: &[Self], findings: &mut Findings) {
        for (index, approval) in approvals.iter().enumerate() {
            if approval.accounts.is_empty() {
                let why = "must name the accounts: no one approves what they have not seen";
                findings.add_at(&["approve", &index.to_string(), "accounts"], why);
            }
        }
    }
}

impl Setting for Limit {
    const WANTED: &'static str = "an amount with its currency, as \"5000 EUR\"";
}

impl FromStr for Limit {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refuse = || Invalid("must be an amount with its currency, as \"5000 EUR\"".into());
        let (amount, currency) = text.split_once(' ').ok_or_else(refuse)?;
        let amount: Decimal = amount.parse().map_err(|_| refuse())?;
        if amount.is_sign_negative() {
            return Err(refuse());
        }
        Ok(Self { amount, currency: currency.trim().parse()? })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

impl Setting for Factor {
    const WANTED: &'static str = "a number above 1 in quotes, as \"3\" or \"2.5\"";
}

impl FromStr for Factor {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.parse::<Decimal>() {
            Ok(factor) if factor > Decimal::ONE => Ok(Self(factor)),
            _ => Err(Invalid("must be a number above 1".into())),
        }
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_name_their_currency_and_factors_exceed_one() {
        assert_eq!("5000.50 EUR".parse::<Limit>().unwrap().to_string(), "5000.50 EUR");
        for bad in ["5000", "EUR 5000", "-1 EUR", "5000 eur", "x EUR"] {
            assert!(bad.parse::<Limit>().is_err(), "{bad}");
        }
        assert!("2.5".parse::<Factor>().is_ok());
        for bad in ["1", "0.5", "-3", "many"] {
            assert!(bad.parse::<Factor>().is_err(), "{bad}");
        }
    }
}
