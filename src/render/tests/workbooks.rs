//! Workbooks as other programs read them.

use std::io::{Cursor, Read};

use calamine::{Data, DataType, Range, Reader, Xlsx};
use chrono::{NaiveDate, NaiveTime};

use super::gallery::large_may;
use super::golden::{self, GoldenMonth};
use super::outputs::{brand, corrected_may, files, renderer};
use crate::domain::{Headings, Line, Participant};
use crate::render::{RenderOptions, Renderer};

fn bytes(month: &GoldenMonth, name: &str) -> Vec<u8> {
    files(&renderer(), month, false).into_iter().find(|(file, _)| file == name).unwrap().1
}

fn open(bytes: &[u8]) -> Xlsx<Cursor<&[u8]>> {
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

fn sheet(bytes: &[u8], name: &str) -> Range<Data> {
    open(bytes).worksheet_range(name).unwrap()
}

/// A part of the workbook, one element per line.
fn xml(bytes: &[u8], part: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(part).unwrap().read_to_string(&mut text).unwrap();
    text.replace("><", ">\n<")
}

#[test]
fn sheets_stand_in_the_contract_s_order() {
    let account = bytes(&golden::may(), "account.xlsx");
    let expected = ["Summary", "Conferences", "Participants", "Billing codes", "Trend"];
    assert_eq!(open(&account).sheet_names(), expected);
    let room = bytes(&golden::may(), "rooms/332703.xlsx");
    assert_eq!(open(&room).sheet_names(), &expected[..4]);
    let corrected = bytes(&corrected_may(), "account.xlsx");
    assert_eq!(open(&corrected).sheet_names()[4], "Changes");
}

#[test]
fn sheets_and_columns_are_named_in_the_account_s_language_where_that_is_wanted() {
    let options = RenderOptions { headings: Headings::Language, brand: brand(), ..RenderOptions::default() };
    let renderer = Renderer::new(&options).unwrap();
    for (locale, sheets) in [
        ("fr-FR", ["Récapitulatif", "Conférences", "Participants", "Codes de facturation", "Évolution"]),
        ("pt-BR", ["Resumo", "Conferências", "Participantes", "Códigos de faturamento", "Evolução"]),
    ] {
        let mut month = golden::may();
        month.statement.account.locale = locale.parse().unwrap();
        let files = files(&renderer, &month, false);
        let account = &files.iter().find(|(name, _)| name == "account.xlsx").unwrap().1;
        let mut book = open(account);
        assert_eq!(book.sheet_names(), sheets, "{locale}");
        let conferences = book.worksheet_range(sheets[1]).unwrap();
        assert_eq!(conferences.get((0, 0)).unwrap().to_string(), if locale == "fr-FR" { "Date" } else { "Data" });
        let names: Vec<_> = book.defined_names().to_vec();
        let total = names.iter().find(|(name, _)| name == "TotalCharge").unwrap();
        assert!(total.1.contains(sheets[0]), "{total:?}");
        let tables = xml(account, "xl/tables/table2.xml");
        assert!(tables.contains("displayName=\"Conferences\""), "scripts find the table by its name: {tables}");
    }
}

#[test]
fn conferences_are_typed_cells_in_the_mini_guide_s_columns() {
    let range = sheet(&bytes(&golden::may(), "account.xlsx"), "Conferences");
    let headings: Vec<_> = range.rows().next().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        headings[..10],
        [
            "DATE",
            "START TIME",
            "ROOM NUMBER",
            "CARDHOLDER",
            "PARTICIPANTS",
            "BILLING CODE",
            "CONFERENCE LENGTH",
            "ACCUMULATED TIME",
            "CHARGES",
            "SERVICE TYPE"
        ]
    );
    // 2009-05-06, the golden month's second conference.
    let row = range.rows().find(|row| row[10] == Data::String("C000002".into())).unwrap();
    assert_eq!(row[0].as_datetime().unwrap().date(), NaiveDate::from_ymd_opt(2009, 5, 6).unwrap());
    assert_eq!(row[1].as_datetime().unwrap().time(), NaiveTime::from_hms_opt(10, 14, 10).unwrap());
    assert_eq!(row[2], Data::String("332703".into()));
    assert_eq!(row[4], Data::Float(3.0));
    assert_eq!(row[5], Data::String("Non attribué".into()));
    assert_eq!(row[6].as_duration().unwrap().num_seconds(), 2143);
    assert_eq!(row[7].as_duration().unwrap().num_seconds(), 5944);
    assert_eq!(row[8], Data::Float(8.92));
    let total = range.rows().next_back().unwrap();
    assert_eq!((&total[4], &total[8]), (&Data::Float(68.0), &Data::Float(132.07)));
}

#[test]
fn totals_are_live_formulas_with_their_results() {
    let account = bytes(&golden::may(), "account.xlsx");
    let formulas = open(&account).worksheet_formula("Summary").unwrap();
    let formulas: Vec<_> = formulas.used_cells().map(|(_, _, formula)| formula.clone()).collect();
    assert!(formulas.contains(&"SUBTOTAL(109,G14:G17)".to_owned()), "{formulas:?}");
    let summary = sheet(&account, "Summary");
    let total = summary.rows().find(|row| row[0] == Data::String("Total".into())).unwrap();
    assert_eq!(total[6], Data::Float(132.07));
    assert_eq!(total[5].as_duration().unwrap().num_seconds(), 96608);
    let names: Vec<_> = open(&account).defined_names().iter().map(|(name, _)| name.clone()).collect();
    for name in ["TotalCharge", "TotalAccumulatedTime", "TotalConferences", "TotalParticipants"] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
}

/// The golden month with a conference of an hour in each of the two hours between two and three of a night in October.
fn doubled_hour() -> GoldenMonth {
    let mut month = golden::may();
    let pattern = month.statement.lines[0].clone();
    let leg = month.participants[0].clone();
    let (mut lines, mut legs) = (Vec::new(), Vec::new());
    for (id, start) in
        [("D1", "2009-10-25T00:10:00Z"), ("D2", "2009-10-25T01:10:00Z"), ("D3", "2009-10-25T02:10:00Z")]
    {
        let (conference_id, joined_at) =
            (id.parse().unwrap(), start.parse::<chrono::DateTime<chrono::Utc>>().unwrap());
        let left_at = joined_at + chrono::TimeDelta::seconds(60);
        lines.push(Line {
            conference_id,
            started_at: joined_at,
            quantity: 1,
            length_seconds: 60,
            accumulated_seconds: 60,
            billed_seconds: 60,
            ..pattern.clone()
        });
        legs.push(Participant { conference_id: id.parse().unwrap(), joined_at, left_at, ..leg.clone() });
    }
    golden::replace_usage(&mut month, lines, legs);
    month
}

#[test]
fn in_an_hour_that_comes_twice_times_carry_their_offset_on_pages_and_in_workbooks() {
    let month = doubled_hour();
    let files = files(&renderer(), &month, false);
    let room = month.statement.lines[0].room.clone();
    for name in ["account.html".to_owned(), format!("rooms/{room}.html")] {
        let page = super::outputs::text(&files, &name);
        for shown in ["02:10:00 +02:00", "02:10:00 +01:00", "02:11:00 +01:00", "03:10:00<"] {
            assert!(page.contains(shown), "{name}: {shown}");
        }
    }
    let account = bytes(&month, "account.xlsx");
    let styles = xml(&account, "xl/styles.xml");
    for pattern in ["+02:00", "+01:00"] {
        assert!(styles.contains(pattern), "{pattern}: {styles}");
    }
    for (name, columns) in [("Conferences", vec![1]), ("Participants", vec![3, 4])] {
        let range = sheet(&account, name);
        let time = |row: usize, column: usize| range.get((row, column)).unwrap().as_datetime().unwrap().time();
        for column in columns {
            let [first, second, third] = [1, 2, 3].map(|row| time(row, column));
            assert_eq!(first, second, "{name}: the number stays a time of the clock");
            assert_eq!((third - second).num_hours(), 1, "{name}");
        }
    }
}

#[test]
fn what_looks_like_a_formula_or_number_stays_text() {
    for text in ["=1+1", "+33491000004", "@SUM(A1)", "-1", "0042", "1e5", "TRUE", "{=1}"] {
        let mut month = golden::may();
        month.statement.rooms[0].cardholder = text.parse().unwrap();
        let line = &mut month.statement.lines[0];
        line.billing_code = Some(text.parse().unwrap());
        let account = bytes(&month, "account.xlsx");
        let row = sheet(&account, "Conferences").rows().nth(1).unwrap().to_vec();
        assert_eq!(row[3], Data::String(text.into()));
        assert_eq!(row[5], Data::String(text.into()));
        let mut book = open(&account);
        let formulas = book.worksheet_formula("Conferences").unwrap();
        assert!(formulas.used_cells().all(|(_, _, formula)| formula.starts_with("SUBTOTAL")));
    }
}

#[test]
fn a_list_too_long_for_memory_is_as_right_as_a_short_one() {
    let month = large_may(2_500);
    let account = bytes(&month, "account.xlsx");
    let participants = sheet(&account, "Participants");
    assert_eq!(participants.height(), 12_500 + 2);
    let total = participants.rows().next_back().unwrap();
    assert_eq!(total[5].as_duration().unwrap().num_seconds(), 12_500 * 1800);
    let last = participants.rows().nth(12_500).unwrap();
    assert_eq!(last[1], Data::String("L002499".into()));
}

#[test]
fn the_xml_is_as_it_was() {
    let account = bytes(&golden::may(), "account.xlsx");
    for part in ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet4.xml", "xl/tables/table2.xml"] {
        let name = part.rsplit('/').next().unwrap();
        insta::assert_snapshot!(name, xml(&account, part));
    }
    insta::assert_snapshot!("core.xml", xml(&account, "docProps/core.xml"));
    insta::assert_snapshot!("chart1.xml", xml(&account, "xl/charts/chart1.xml"));
}
