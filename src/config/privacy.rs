//! `[privacy]`: personal data that is erased before its usage is.

use serde::{Deserialize, Serialize};

use super::setting::optional_text;
use super::values::Interval;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Privacy {
    /// How long after a closed month's end its callers' numbers are erased; without it, together with its usage.
    #[serde(with = "optional_text")]
    pub erase_callers_after: Option<Interval>,
}
