//! What a total is made of: by service type and by billing code.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Reader;
use crate::domain::{BillingCode, Line, ServiceType, Totals};
use crate::render::RenderError;
use crate::render::locale;

/// One part of a total.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Share {
    pub(in crate::render) label: String,
    pub(in crate::render) participants: String,
    pub(in crate::render) time: String,
    pub(in crate::render) charge: String,
    /// Of the charge, in whole percent of the total: how long a bar is.
    pub(in crate::render) percent: u64,
    pub(in crate::render) percent_text: String,
}

pub(super) fn by_service(reader: &Reader<'_>, lines: &[Line], total: &Totals) -> Vec<Share> {
    let mut parts = BTreeMap::<&ServiceType, Totals>::new();
    for line in lines {
        add(parts.entry(&line.service_type).or_default(), line);
    }
    parts
        .into_iter()
        .map(|(service, part)| share(reader, reader.statement.service_label(service).to_owned(), &part, total))
        .collect()
}

/// Ordered by code; what has none comes last.
pub(super) fn by_billing_code(
    reader: &Reader<'_>,
    lines: &[Line],
    total: &Totals,
) -> Result<Vec<Share>, RenderError> {
    let unallocated = reader.catalogue.word("unallocated")?;
    let parts = billing_codes(lines);
    Ok(parts
        .into_iter()
        .map(|(code, part)| {
            let label = code.map_or_else(|| unallocated.clone(), ToString::to_string);
            share(reader, label, &part, total)
        })
        .collect())
}

/// The totals of each billing code; what has none comes last.
pub(in crate::render) fn billing_codes(lines: &[Line]) -> Vec<(Option<&BillingCode>, Totals)> {
    let mut parts = BTreeMap::<Option<&BillingCode>, Totals>::new();
    for line in lines {
        add(parts.entry(line.billing_code.as_ref()).or_default(), line);
    }
    let unallocated = parts.remove(&None).map(|part| (None, part));
    parts.into_iter().chain(unallocated).collect()
}

/// Cannot overflow: the statement's own checks have added these up.
fn add(part: &mut Totals, line: &Line) {
    part.participants += line.quantity;
    part.accumulated_seconds += line.accumulated_seconds;
    part.charge.0 += line.charge.0;
}

fn share(reader: &Reader<'_>, label: String, part: &Totals, total: &Totals) -> Share {
    let percent = |part: u128, total: u128| (part * 100 + total / 2) / total.max(1);
    let percent = if total.charge.0 > 0 {
        percent(part.charge.0.unsigned_abs().into(), total.charge.0.unsigned_abs().into())
    } else {
        percent(part.accumulated_seconds.into(), total.accumulated_seconds.into())
    };
    let percent = u64::try_from(percent).unwrap_or(100).min(100);
    Share {
        label,
        participants: reader.format.count(part.participants),
        time: locale::duration(part.accumulated_seconds),
        charge: reader.format.money(part.charge),
        percent_text: reader.format.percent(percent),
        percent,
    }
}
