//! The limits of plausible usage, from `[billing]`.

use crate::config::Config;
use crate::intake::Limits;

/// Which usage is plausible.
pub fn limits(config: &Config) -> Limits {
    let billing = &config.billing;
    Limits {
        longest_leg: billing.longest_leg,
        clock_tolerance: billing.clock_tolerance,
        longest_conference: billing.longest_conference,
        accept_older: false,
        first_period: billing.first_period,
    }
}
