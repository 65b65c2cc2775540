//! Makes a month of an operator that does not exist: tariffs, accounts, rooms and usage as CSV files.
//!
//! The same arguments give the same bytes, on any machine. Size S of the benchmark is
//! `--accounts 100 --rooms 1000 --conferences 20000`: about five legs per conference.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::{Parser, ValueEnum};
use statementd::domain::Period;

#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value_t = 100)]
    accounts: u64,
    /// Of all accounts together.
    #[arg(long, default_value_t = 1000)]
    rooms: u64,
    /// Of all rooms together.
    #[arg(long, default_value_t = 20_000)]
    conferences: u64,
    #[arg(long, default_value = "2026-05")]
    month: Period,
    /// What leg ids look like.
    #[arg(long, value_enum, default_value_t = Ids::Sequential)]
    ids: Ids,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for tariffs.csv, accounts.csv, rooms.csv and usage.csv.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Ids {
    /// Counted, as most switches do.
    Sequential,
    /// UUIDs, as `FreeSWITCH` does: the harder case for a database's index.
    Random,
}

/// (tariff, currency, rate of LOCAL)
const TARIFFS: [(&str, &str, &str); 5] = [
    ("BASE-EUR", "EUR", "0.09"),
    ("BASE-GBP", "GBP", "0.075"),
    ("BASE-USD", "USD", "0.0845"),
    ("BASE-JPY", "JPY", "12.5"),
    ("BASE-TND", "TND", "0.2955"),
];
/// (index into `TARIFFS`, time zone, locale)
const PLACES: [(usize, &str, &str); 6] = [
    (0, "Europe/Paris", "fr-FR"),
    (0, "Europe/Berlin", "de-DE"),
    (1, "Europe/London", "en-GB"),
    (2, "America/New_York", "en-US"),
    (3, "Asia/Tokyo", "en-US"),
    (4, "Africa/Tunis", "fr-FR"),
];
const SERVICES: [&str; 3] = ["LOCAL", "WEB", "TOLLFREE"];

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.out)?;
    write_tariffs(&arguments.out)?;
    write_accounts(&arguments)?;
    write_rooms(&arguments)?;
    write_usage(&arguments)
}

fn create(folder: &Path, name: &str, header: &str) -> std::io::Result<BufWriter<File>> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(folder.join(name))?);
    writeln!(file, "{header}")?;
    Ok(file)
}

fn write_tariffs(out: &Path) -> std::io::Result<()> {
    let header = "tariff,service_type,label,currency,rate_per_minute,increment_seconds,minimum_seconds,valid_from";
    let mut file = create(out, "tariffs.csv", header)?;
    for (tariff, currency, rate) in TARIFFS {
        writeln!(file, "{tariff},LOCAL,Local access,{currency},{rate},1,0,2009-01-01")?;
        writeln!(file, "{tariff},WEB,Web call,{currency},0.06,30,30,2009-01-01")?;
        writeln!(file, "{tariff},TOLLFREE,Toll-free access,{currency},0.129,60,60,2009-01-01")?;
    }
    file.flush()
}

fn write_accounts(arguments: &Arguments) -> std::io::Result<()> {
    let header = "account_number,company_name,currency,time_zone,locale,tariff,owner_name,owner_email";
    let mut file = create(&arguments.out, "accounts.csv", header)?;
    for account in 0..arguments.accounts {
        let (tariff, zone, locale) = PLACES[index(account, PLACES.len())];
        let (tariff, currency, _) = TARIFFS[tariff];
        let number = account_number(account);
        writeln!(
            file,
            "{number},Société {number} & Cie,{currency},{zone},{locale},{tariff},Owner {number},owner@{number}.example"
        )?;
    }
    file.flush()
}

fn write_rooms(arguments: &Arguments) -> std::io::Result<()> {
    let header = "room_number,account_number,cardholder,cardholder_email,auto_billing_code,active";
    let mut file = create(&arguments.out, "rooms.csv", header)?;
    for room in 0..arguments.rooms {
        let (number, account) = (room_number(room), account_number(room % arguments.accounts));
        let code = if room % 10 == 0 { format!("DEPT-{}", room % 7) } else { String::new() };
        writeln!(file, "{number},{account},Cardholder {number},room{number}@{account}.example,{code},true")?;
    }
    file.flush()
}

/// Conferences in the order in which they start, spread evenly over the month's working time.
fn write_usage(arguments: &Arguments) -> std::io::Result<()> {
    let header = "leg_id,conference_id,room_number,service_type,joined_at,left_at,caller,billing_code";
    let mut file = create(&arguments.out, "usage.csv", header)?;
    let mut random = Random(arguments.seed);
    let bounds = arguments.month.bounds(chrono_tz::UTC);
    let month_seconds = (bounds.end - bounds.start).num_seconds().unsigned_abs();
    let mut legs = 0_u64;
    for conference in 0..arguments.conferences {
        let offset = month_seconds * conference / arguments.conferences.max(1);
        let start = bounds.start.timestamp() + offset.cast_signed();
        let room = room_number(random.below(arguments.rooms));
        let code = if random.below(4) == 0 { format!("PROJ-{:04}", random.below(300)) } else { String::new() };
        let usual_length = 300 + random.below(5400);
        // Some conferences mix services, most do not.
        let service = random.below(3);
        for _ in 0..2 + random.below(7) {
            legs += 1;
            let joined = start + random.below(120).cast_signed();
            let left = joined + (20 + random.below(usual_length)).cast_signed();
            let service = if random.below(8) == 0 { random.below(3) } else { service };
            let id = match arguments.ids {
                Ids::Sequential => format!("L{legs:010}"),
                Ids::Random => random.uuid(),
            };
            writeln!(
                file,
                "{id},C{conference:08},{room},{},{},{},+334{:08},{code}",
                SERVICES[index(service, SERVICES.len())],
                instant(joined),
                instant(left),
                random.below(100_000_000),
            )?;
        }
    }
    file.flush()
}

fn account_number(account: u64) -> String {
    format!("{}", 600_000 + account)
}

fn room_number(room: u64) -> String {
    format!("{}", 3_000_000 + room)
}

fn instant(seconds: i64) -> impl std::fmt::Display {
    DateTime::<Utc>::from_timestamp(seconds, 0).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ")
}

fn index(number: u64, length: usize) -> usize {
    usize::try_from(number).unwrap_or(0) % length
}

/// `SplitMix64`: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `limit`, or 0.
    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let version = (high & 0xffff_ffff_ffff_0fff) | 0x4000;
        let variant = (low & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
        let hex = format!("{version:016x}{variant:016x}");
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }
}
