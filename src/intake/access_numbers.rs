//! Rows of access numbers: which dialled number is which service type.

use super::tariffs::read_date;
use super::{Kind, Known, Refusal, Row, Rows};
use crate::domain::{AccessNumberRow, ServiceType};

const COLUMNS: [&str; 3] = ["number", "service_type", "valid_from"];

/// Reads numbers of service types that some tariff prices.
#[derive(Debug)]
pub struct AccessNumberRows<K> {
    pub known: K,
}

impl<K: Known> Rows for AccessNumberRows<K> {
    type Entry = AccessNumberRow;
    const KIND: Kind = Kind::AccessNumbers;
    const KEY: &[&str] = &["number", "valid_from"];
    const COLUMNS: &'static [&'static str] = &COLUMNS;

    fn read(&mut self, row: &Row<'_>) -> Result<AccessNumberRow, Refusal> {
        let [number, service_type, valid_from] = row.fields(&COLUMNS);
        let code: ServiceType = service_type.parse()?;
        if self.known.service_type(code.as_str()).is_none() {
            let todo = "import a tariff row for it first, then run \"statementd import retry\"";
            return Err(service_type.refuse(format!("no tariff prices service type {code}: {todo}")));
        }
        Ok(AccessNumberRow { number: number.parse()?, service_type: code, valid_from: read_date(valid_from)? })
    }
}
