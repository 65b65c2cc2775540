//! The archive: what expires, what is found, what is restored, what is handed out.

mod faults;
mod getting;
mod healing;
mod kills;
mod retention;
mod rolling;

use crate::support::{Program, csv, sample};

/// The bundled months, February to May 2009, and after them one conference a month up to and including `last`.
pub fn program_with_months(last: u32, extra: &str) -> Program {
    let program = Program::with(extra);
    for kind in ["tariffs", "accounts", "rooms"] {
        program.ok(&["import", kind, &sample(&format!("{kind}.csv"))]);
    }
    program.ok(&["import", "usage", &sample("usage.csv")]);
    if last > 5 {
        program.ok(&["import", "usage", &program.write("more.csv", usage(6..=last))]);
    }
    program
}

/// A conference of two legs in each of some months of 2009.
pub fn usage(months: std::ops::RangeInclusive<u32>) -> String {
    let mut csv = csv!(usage).to_owned();
    for month in months {
        for leg in 1..=2 {
            let day = format!("2009-{month:02}-10");
            let row = format!(
                "X{month}-{leg},X{month},332703,LOCAL,{day}T10:0{leg}:00Z,{day}T11:00:00Z,+3349100000{leg},\n"
            );
            csv.push_str(&row);
        }
    }
    csv
}

/// Closes everything up to and including a month of 2009, five days after its end.
pub fn close(program: &Program, month: u32) {
    let (period, as_of) = (format!("2009-{month:02}"), format!("2009-{:02}-05T12:00:00Z", month + 1));
    program.ok(&["close", "--period", &period, "--as-of", &as_of]);
}

/// The months that have a folder in the archive.
pub fn months(program: &Program) -> Vec<String> {
    let entries = std::fs::read_dir(program.archive()).unwrap();
    let mut months: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned()).collect();
    months.retain(|name| name.starts_with("20"));
    months.sort();
    months
}

/// What `verify` finds: key and problem.
pub fn findings(program: &Program) -> Vec<(String, String)> {
    let run = program.run(&["archive", "verify", "--json"]);
    let verified: serde_json::Value = serde_json::from_str(&run.stdout).expect(&run.stderr);
    let findings = verified["findings"].as_array().unwrap();
    assert_eq!(run.status, if findings.is_empty() { 0 } else { 3 }, "{}", run.stdout);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    findings.iter().map(|finding| (text(&finding["key"]), text(&finding["problem"]))).collect()
}
