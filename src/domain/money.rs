//! Money: whole minor units of an ISO 4217 currency, and the one place where a charge is rounded.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Invalid;

/// An ISO 4217 currency with the number of its minor-unit digits (EUR 2, JPY 0, TND 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(iso_currency::Currency);

/// An amount in minor units; its currency is kept beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Amount(pub i64);

/// An amount or duration left the range of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a total is too large to be computed exactly")]
pub struct Overflow;

impl Currency {
    /// Digits after the decimal point.
    pub fn minor_digits(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// `amount` as an exact decimal, for example 132.07.
    pub fn decimal(self, amount: Amount) -> Decimal {
        Decimal::new(amount.0, self.minor_digits())
    }

    /// The charge for `billed_seconds` at `rate_per_minute`: rate × seconds ÷ 60, rounded once, half away from
    /// zero, to the minor unit. Computed in whole numbers, so no intermediate result is rounded.
    pub fn charge(self, rate_per_minute: Decimal, billed_seconds: u64) -> Result<Amount, Overflow> {
        let minor = 10_i128.pow(self.minor_digits());
        let numerator = rate_per_minute.mantissa().checked_mul(i128::from(billed_seconds)).ok_or(Overflow)?;
        let numerator = numerator.checked_mul(minor).ok_or(Overflow)?;
        let denominator = 60 * 10_i128.checked_pow(rate_per_minute.scale()).ok_or(Overflow)?;
        let rounded = round_half_away_from_zero(numerator, denominator)?;
        i64::try_from(rounded).map(Amount).map_err(|_| Overflow)
    }
}

impl FromStr for Currency {
    type Err = Invalid;

    fn from_str(code: &str) -> Result<Self, Invalid> {
        let refuse = || Invalid(format!("is not an ISO 4217 currency code: {code:?}"));
        let currency = iso_currency::Currency::from_code(code).ok_or_else(refuse)?;
        currency.exponent().map(|_| Self(currency)).ok_or_else(refuse)
    }
}

impl TryFrom<String> for Currency {
    type Error = Invalid;

    fn try_from(code: String) -> Result<Self, Invalid> {
        code.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl Amount {
    pub const ZERO: Self = Self(0);

    pub fn checked_add(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_add(other.0).map(Self).ok_or(Overflow)
    }
}

/// For amounts that were already summed with [`Amount::checked_add`] in a statement's totals.
impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.map(|amount| amount.0).sum())
    }
}

fn round_half_away_from_zero(numerator: i128, denominator: i128) -> Result<i128, Overflow> {
    let doubled = numerator.unsigned_abs().checked_mul(2).ok_or(Overflow)?;
    let denominator = denominator.unsigned_abs();
    let magnitude = doubled.checked_add(denominator).ok_or(Overflow)? / (2 * denominator);
    let magnitude = i128::try_from(magnitude).map_err(|_| Overflow)?;
    Ok(if numerator < 0 { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::RoundingStrategy;
    use rust_decimal::dec;

    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn charges_are_rounded_once_half_away_from_zero() {
        // 0.09 €/min for 5944 s is 8.916 €: the golden month's second conference.
        assert_eq!(currency("EUR").charge(dec!(0.09), 5944), Ok(Amount(892)));
        // 0.06 €/min for 5 s is half a cent.
        assert_eq!(currency("EUR").charge(dec!(0.06), 5), Ok(Amount(1)));
        assert_eq!(currency("EUR").charge(dec!(0.06), 4), Ok(Amount(0)));
    }

    #[test]
    fn minor_units_follow_iso_4217() {
        assert_eq!(currency("JPY").charge(dec!(12.5), 60), Ok(Amount(13)));
        assert_eq!(currency("TND").charge(dec!(0.1235), 60), Ok(Amount(124)));
        assert_eq!(currency("EUR").decimal(Amount(13207)).to_string(), "132.07");
        assert_eq!(currency("JPY").decimal(Amount(13)).to_string(), "13");
    }

    #[test]
    fn codes_without_minor_units_are_no_currency_to_bill_in() {
        for code in ["XAU", "eur", "", "EURO"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }

    #[test]
    fn a_charge_out_of_range_is_an_error_and_no_panic() {
        assert_eq!(currency("EUR").charge(Decimal::MAX, u64::MAX), Err(Overflow));
    }

    proptest! {
        #[test]
        fn agrees_with_decimal_arithmetic(mantissa in 0_i64..10_000_000, scale in 0_u32..6, seconds in 0_u64..10_000_000) {
            let rate = Decimal::new(mantissa, scale);
            for code in ["EUR", "JPY", "TND"] {
                let currency = currency(code);
                // Exact in Decimal: 28 digits hold rate × seconds; the quotient is compared by multiplying back.
                let charge = currency.decimal(currency.charge(rate, seconds).unwrap());
                let exact = rate * Decimal::from(seconds) / dec!(60);
                let by_decimal = exact.round_dp_with_strategy(currency.minor_digits(), RoundingStrategy::MidpointAwayFromZero);
                prop_assert_eq!(charge, by_decimal);
            }
        }
    }
}
