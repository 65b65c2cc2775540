//! Writes the outputs of many statements into a folder, for checkers that are not ours and for looking at:
//! `STATEMENTD_GALLERY=folder cargo test --lib gallery -- --ignored`; `tests/output_checks/check.sh` runs it.

use std::fs;
use std::path::Path;

use chrono::TimeDelta;

use super::golden::{self, GoldenMonth};
use super::hostile;
use super::outputs::{brand, corrected_may, files};
use crate::domain::{Callers, Line, Participant, Totals};
use crate::render::{Attached, RenderOptions, Renderer};

#[test]
#[ignore = "writes files; run by tests/output_checks/check.sh"]
fn write_the_gallery() {
    let folder = std::env::var("STATEMENTD_GALLERY").expect("STATEMENTD_GALLERY names a folder");
    let folder = Path::new(&folder);
    let options = RenderOptions { brand: brand(), ..RenderOptions::default() };
    let renderer = Renderer::new(&options).unwrap();
    write(folder, "may", &renderer, &golden::may());
    write(folder, "corrected", &renderer, &corrected_may());
    write(folder, "late", &renderer, &late_may());
    write(folder, "empty", &renderer, &empty_may());
    write(folder, "hostile", &renderer, &hostile::hostile_may());
    write(folder, "large", &renderer, &large_may(20_000));
    write(folder, "room-of-20", &renderer, &large_may(20));
    for locale in ["de-DE", "en-US", "en-GB", "es-ES", "it-IT", "nl-NL", "pt-PT", "fr-CH", "de-AT", "hi-IN", "ar-EG"]
    {
        let mut month = golden::may();
        month.statement.account.locale = locale.parse().unwrap();
        write(folder, locale, &renderer, &month);
    }
    for (name, currency) in [("yen", "JPY"), ("dinar", "TND"), ("iraqi-dinar", "IQD")] {
        let mut month = golden::may();
        month.statement.account.currency = currency.parse().unwrap();
        write(folder, name, &renderer, &month);
    }
    for (name, callers) in [("callers-full", Callers::Full), ("callers-none", Callers::None)] {
        let renderer = Renderer::new(&RenderOptions { callers, ..options.clone() }).unwrap();
        write(folder, name, &renderer, &golden::may());
    }
}

/// All files of a month with its mails.
fn write(folder: &Path, name: &str, renderer: &Renderer, month: &GoldenMonth) {
    let folder = folder.join(name);
    fs::create_dir_all(folder.join("rooms")).unwrap();
    for (file, bytes) in files(renderer, month, true) {
        fs::write(folder.join(file), bytes).unwrap();
    }
    let statement = &month.statement;
    let recipient = "Service comptabilité".parse().unwrap();
    let room = &statement.rooms[1].number;
    for (file, room) in [("mail", None), ("mail-room", Some(room))] {
        let mail = renderer.mail(statement, room, Some(&recipient), &Attached::Files).unwrap();
        fs::write(folder.join(format!("{file}.html")), &mail.html).unwrap();
        fs::write(folder.join(format!("{file}.txt")), format!("Subject: {}\n\n{}", mail.subject, mail.text)).unwrap();
    }
    let rows = golden::index_rows(statement);
    let index = golden::index_files(renderer, statement.period.id, &rows);
    fs::write(folder.join("index.html"), index.html).unwrap();
    fs::write(folder.join("index.csv"), index.csv).unwrap();
}

/// May with two lines that April's usage left behind.
fn late_may() -> GoldenMonth {
    let mut month = golden::may();
    let april = month.statement.period.id.previous();
    let room = month.statement.rooms[1].number.clone();
    for line in month.statement.lines.iter_mut().filter(|line| line.room == room).take(2) {
        line.late_from = Some(april);
        for leg in month.participants.iter_mut().filter(|leg| leg.conference_id == line.conference_id) {
            leg.late_from = Some(april);
        }
    }
    month
}

fn empty_may() -> GoldenMonth {
    let mut month = golden::may();
    let statement = &mut month.statement;
    statement.totals = Totals::default();
    statement.rooms.iter_mut().for_each(|room| room.totals = Totals::default());
    statement.lines.clear();
    statement.billing_codes.clear();
    month.participants.clear();
    month
}

/// One room's May with as many conferences, of five participants each.
pub(super) fn large_may(conferences: u32) -> GoldenMonth {
    let mut month = golden::may();
    let room = month.statement.rooms[1].number.clone();
    let pattern = month.statement.lines_of(&room)[0].clone();
    let start = month.statement.period.start;
    let spacing = TimeDelta::days(31) / i32::try_from(conferences).unwrap();
    let mut lines = Vec::new();
    let mut participants = Vec::new();
    for index in 0..conferences {
        let started_at = start + TimeDelta::seconds((spacing * i32::try_from(index).unwrap()).num_seconds());
        let line = Line {
            conference_id: format!("L{index:06}").parse().unwrap(),
            started_at,
            quantity: 5,
            length_seconds: 1800,
            accumulated_seconds: 5 * 1800,
            billed_seconds: 5 * 1800,
            ..pattern.clone()
        };
        participants.extend((0..5).map(|caller| Participant {
            room: room.clone(),
            conference_id: line.conference_id.clone(),
            service_type: line.service_type.clone(),
            joined_at: started_at,
            left_at: started_at + TimeDelta::seconds(1800),
            caller: format!("+3349100{caller:04}").parse().ok(),
            late_from: None,
        }));
        lines.push(line);
    }
    golden::replace_usage(&mut month, lines, participants);
    month
}
