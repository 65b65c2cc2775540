//! The floor under `statementd`: the same workbooks, written with `rust_xlsxwriter` and nothing else.
//!
//! No database, no money to the cent, no HTML, no hash, no fsync, no mail: what is left is what packing these cells
//! costs. `benches/run` measures it beside the real program. Prints one JSON object; reading the CSV is not counted.
//!
//!     cargo run --release --example floor -- FOLDER_OF_CSV OUT

#![expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a measurement; counts are small")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use chrono::{DateTime, NaiveDateTime};
use rust_xlsxwriter::{Format, Formula, Table, TableColumn, TableFunction, TableStyle, Workbook, Worksheet};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const CONFERENCES: [&str; 12] = [
    "DATE",
    "START TIME",
    "ROOM NUMBER",
    "CARDHOLDER",
    "PARTICIPANTS",
    "BILLING CODE",
    "CONFERENCE LENGTH",
    "ACCUMULATED TIME",
    "CHARGES",
    "SERVICE TYPE",
    "CONFERENCE ID",
    "LATE FROM",
];
const PARTICIPANTS: [&str; 7] =
    ["ROOM NUMBER", "CONFERENCE ID", "SERVICE TYPE", "JOINED", "LEFT", "DURATION", "CALLER"];
const ROOMS: [&str; 7] =
    ["Room number", "Cardholder", "Auto billing code", "Conferences", "Participants", "Accumulated time", "Charge"];
const CODES: [&str; 4] = ["Billing code", "Participants", "Accumulated time", "Charge"];
/// 1899-12-30 in days before 1970.
const DAY_ZERO: f64 = 25_569.0;
const DAY: f64 = 86_400.0;
/// Temporary files lie in memory, as statementd's do.
const MEMORY: &str = "/dev/shm";
const ROWS_IN_TABLE: usize = 50_000;

struct Leg {
    conference: String,
    service: String,
    joined: f64,
    left: f64,
    caller: String,
    code: String,
}

type Rooms = BTreeMap<String, Vec<Leg>>;

fn main() -> Outcome<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [folder, out] = arguments.as_slice() else { return Err("floor FOLDER_OF_CSV OUT".into()) };
    let accounts = read(folder)?;
    std::fs::create_dir_all(out)?;
    let workbooks = accounts.len() + accounts.values().map(BTreeMap::len).sum::<usize>();
    let (start, used) = (Instant::now(), processor_seconds());
    let queue = Mutex::new(accounts.iter());
    let cores = std::thread::available_parallelism()?.get();
    std::thread::scope(|scope| {
        let work = || -> Outcome<u64> {
            let mut bytes = 0;
            loop {
                let next = queue.lock().map_err(|_| "a worker failed")?.next();
                let Some((account, rooms)) = next else { return Ok(bytes) };
                bytes += write_account(out, account, rooms)?;
            }
        };
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let mut bytes = 0;
        for worker in workers {
            bytes += worker.join().map_err(|_| "a worker failed")??;
        }
        let (wall, cpu) = (start.elapsed().as_secs_f64(), processor_seconds() - used);
        println!(r#"{{"wall": {wall:.3}, "cpu": {cpu:.3}, "statements": {workbooks}, "bytes": {bytes}}}"#);
        Ok(())
    })
}

/// User and system time of this process, threads included.
fn processor_seconds() -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_SECOND
}

fn read(folder: &Path) -> Outcome<BTreeMap<String, Rooms>> {
    let mut account_of = BTreeMap::new();
    for row in csv::Reader::from_path(folder.join("rooms.csv"))?.into_records() {
        let row = row?;
        account_of.insert(row[0].to_owned(), row[1].to_owned());
    }
    let mut accounts = BTreeMap::<String, Rooms>::new();
    for row in csv::Reader::from_path(folder.join("usage.csv"))?.into_records() {
        let row = row?;
        let instant = |field: &str| Ok::<_, chrono::ParseError>(DateTime::parse_from_rfc3339(field)?.naive_utc());
        let leg = Leg {
            conference: row[1].to_owned(),
            service: row[3].to_owned(),
            joined: serial(instant(&row[4])?),
            left: serial(instant(&row[5])?),
            caller: row[6].to_owned(),
            code: row[7].to_owned(),
        };
        let room = row[2].to_owned();
        let account = account_of.get(&room).ok_or("a room without account")?;
        accounts.entry(account.clone()).or_default().entry(room).or_default().push(leg);
    }
    Ok(accounts)
}

fn serial(instant: NaiveDateTime) -> f64 {
    instant.and_utc().timestamp() as f64 / DAY + DAY_ZERO
}

fn write_account(out: &Path, account: &str, rooms: &Rooms) -> Outcome<u64> {
    let mut bytes = 0;
    for (room, legs) in rooms {
        let one = vec![(room.as_str(), legs.as_slice())];
        bytes += write_workbook(&out.join(format!("{account}-{room}.xlsx")), &one)?;
    }
    let all: Vec<_> = rooms.iter().map(|(room, legs)| (room.as_str(), legs.as_slice())).collect();
    Ok(bytes + write_workbook(&out.join(format!("{account}.xlsx")), &all)?)
}

/// Consecutive legs of one conference and service; the order within a room is that of the file.
fn lines(legs: &[Leg]) -> Vec<Vec<&Leg>> {
    let mut lines = BTreeMap::<(&str, &str), Vec<&Leg>>::new();
    for leg in legs {
        lines.entry((leg.conference.as_str(), leg.service.as_str())).or_default().push(leg);
    }
    lines.into_values().collect()
}

fn write_workbook(path: &Path, rooms: &[(&str, &[Leg])]) -> Outcome<u64> {
    let mut book = Workbook::new();
    let _ = book.set_tempdir(MEMORY);
    let lines: Vec<_> =
        rooms.iter().flat_map(|(room, legs)| lines(legs).into_iter().map(move |line| (*room, line))).collect();
    let legs = rooms.iter().map(|(_, legs)| legs.len()).sum();
    let mut summary = sheet(&mut book, "Summary")?;
    summary.write_string(0, 0, "Statement")?;
    head(&mut summary, 3, &ROOMS, 3, rooms.len())?;
    for (row, (room, legs)) in (4..).zip(rooms) {
        texts(&mut summary, row, &[room, &format!("Cardholder {room}"), ""])?;
        let time: f64 = legs.iter().map(|leg| leg.left - leg.joined).sum();
        numbers(&mut summary, row, 3, &[legs.len() as f64, legs.len() as f64, time, time * 129.6])?;
    }
    total(&mut summary, u32::try_from(rooms.len())? + 4, 3..ROOMS.len())?;
    let mut conferences = sheet(&mut book, "Conferences")?;
    head(&mut conferences, 0, &CONFERENCES, 8, lines.len())?;
    for (row, (room, line)) in (1..).zip(&lines) {
        let Some(first) = line.first() else { continue };
        let time: f64 = line.iter().map(|leg| leg.left - leg.joined).sum();
        numbers(&mut conferences, row, 0, &[first.joined.floor(), first.joined.fract()])?;
        conferences.write_string(row, 2, *room)?.write_string(row, 3, format!("Cardholder {room}"))?;
        conferences.write_number(row, 4, line.len() as f64)?;
        conferences.write_string(row, 5, if first.code.is_empty() { "Unallocated" } else { &first.code })?;
        numbers(
            &mut conferences,
            row,
            6,
            &[first.left - first.joined, time, (time * 129.6 * 100.0).round() / 100.0],
        )?;
        conferences.write_string(row, 9, &first.service)?.write_string(row, 10, &first.conference)?;
    }
    total(&mut conferences, u32::try_from(lines.len())? + 1, 8..CONFERENCES.len())?;
    let mut participants = sheet(&mut book, "Participants")?;
    head(&mut participants, 0, &PARTICIPANTS, 5, legs)?;
    for (row, (room, leg)) in (1..).zip(lines.iter().flat_map(|(room, line)| line.iter().map(move |leg| (room, leg))))
    {
        texts(&mut participants, row, &[room, &leg.conference, &leg.service])?;
        numbers(&mut participants, row, 3, &[leg.joined, leg.left, leg.left - leg.joined])?;
        participants.write_string(row, 6, &leg.caller)?;
    }
    total(&mut participants, u32::try_from(legs)? + 1, 5..PARTICIPANTS.len())?;
    let codes = codes_sheet(&mut book, rooms)?;
    book.push_worksheet(summary);
    book.push_worksheet(conferences);
    book.push_worksheet(participants);
    book.push_worksheet(codes);
    let bytes = book.save_to_buffer()?;
    std::fs::write(path, &bytes)?;
    Ok(bytes.len() as u64)
}

fn codes_sheet(book: &mut Workbook, rooms: &[(&str, &[Leg])]) -> Outcome<Worksheet> {
    let mut by_code = BTreeMap::<&str, (f64, f64)>::new();
    for leg in rooms.iter().flat_map(|(_, legs)| *legs) {
        let part = by_code.entry(&leg.code).or_default();
        *part = (part.0 + 1.0, part.1 + leg.left - leg.joined);
    }
    let mut codes = sheet(book, "Billing codes")?;
    head(&mut codes, 0, &CODES, 1, by_code.len())?;
    for (row, (code, part)) in (1..).zip(&by_code) {
        codes.write_string(row, 0, if code.is_empty() { "Unallocated" } else { code })?;
        numbers(&mut codes, row, 1, &[part.0, part.1, part.1 * 129.6])?;
    }
    total(&mut codes, u32::try_from(by_code.len())? + 1, 1..CODES.len())?;
    Ok(codes)
}

/// Its rows are written in order, and never kept in memory.
fn sheet(book: &mut Workbook, name: &str) -> Outcome<Worksheet> {
    let mut sheet = book.new_worksheet_with_constant_memory()?;
    sheet.set_name(name)?;
    Ok(sheet)
}

/// A table of `rows` rows with totals from column `first_number` on, which [`total`] writes; columns formatted as a
/// whole.
fn head(sheet: &mut Worksheet, row: u32, headings: &[&str], first_number: usize, rows: usize) -> Outcome<()> {
    let bold = Format::new().set_bold();
    for (index, heading) in (0..).zip(headings) {
        let number = usize::from(index) >= first_number;
        let format = Format::new().set_num_format(if number { "#,##0.00" } else { "@" });
        sheet.set_column_width(index, 16)?.set_column_format(index, &format)?;
        sheet.write_string_with_format(row, index, *heading, &bold)?;
    }
    let last = row + u32::try_from(rows)? + 1;
    if rows <= ROWS_IN_TABLE {
        let columns: Vec<_> = headings
            .iter()
            .enumerate()
            .map(|(index, heading)| {
                let column = TableColumn::new().set_header(*heading);
                if index < first_number { column } else { column.set_total_function(TableFunction::Sum) }
            })
            .collect();
        let table = Table::new().set_style(TableStyle::Light1).set_total_row(true).set_columns(&columns);
        sheet.add_table(row, 0, last, u16::try_from(headings.len())? - 1, &table)?;
    }
    Ok(())
}

/// The formulas of a table's last row.
fn total(sheet: &mut Worksheet, row: u32, columns: std::ops::Range<usize>) -> Outcome<()> {
    for column in columns {
        let column = u16::try_from(column)?;
        let letter = rust_xlsxwriter::column_number_to_name(column);
        let formula = Formula::new(format!("SUBTOTAL(109,{letter}2:{letter}{row})")).set_result("0");
        sheet.write_formula(row, column, formula)?;
    }
    Ok(())
}

fn texts(sheet: &mut Worksheet, row: u32, texts: &[&str]) -> Outcome<()> {
    for (column, text) in (0..).zip(texts) {
        sheet.write_string(row, column, *text)?;
    }
    Ok(())
}

fn numbers(sheet: &mut Worksheet, row: u32, first: u16, numbers: &[f64]) -> Outcome<()> {
    for (column, number) in (first..).zip(numbers) {
        sheet.write_number(row, column, *number)?;
    }
    Ok(())
}
