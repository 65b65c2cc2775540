//! Many small accounts with the usage of a month, for tests of work that is shared.

use std::fmt::Write as _;

use super::{Program, csv};

/// Writes and imports `accounts` accounts of two rooms each, with a few conferences in May 2009.
pub fn import_accounts(program: &Program, accounts: u32) {
    let mut accounts_csv = csv!(accounts).to_owned();
    let mut rooms_csv = csv!(rooms).to_owned();
    let mut usage_csv = csv!(usage).to_owned();
    for n in 0..accounts {
        let (account, zone) = (500_000 + n, ["Europe/Paris", "UTC", "America/New_York"][n as usize % 3]);
        writeln!(accounts_csv, "{account},Company {n},EUR,{zone},fr-FR,BASE-EUR,Owner,owner{n}@example.org").unwrap();
        for room in 0..2 {
            let number = 1_000_000 + n * 10 + room;
            writeln!(rooms_csv, "{number},{account},Holder {n}-{room},,,true").unwrap();
            for conference in 0..=(n % 3) {
                let day = 2 + (n + conference * 7 + room) % 26;
                for leg in 0..3 {
                    writeln!(
                        usage_csv,
                        "L{number}-{conference}-{leg},C{number}-{conference},{number},{},\
                         2009-05-{day:02}T1{conference}:0{leg}:00Z,2009-05-{day:02}T1{conference}:{:02}:2{leg}Z,,",
                        ["LOCAL", "WEB", "TOLLFREE"][leg],
                        10 + n % 40,
                    )
                    .unwrap();
                }
            }
        }
    }
    program.ok(&["import", "tariffs", &super::sample("tariffs.csv")]);
    for (kind, content) in [("accounts", accounts_csv), ("rooms", rooms_csv), ("usage", usage_csv)] {
        let path = program.write(&format!("{kind}.csv"), content);
        program.ok(&["import", kind, &path]);
    }
}
