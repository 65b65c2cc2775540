//! A download contains what the page shows, cell by cell, whatever was chosen.

use calamine::{Data, Reader, Xlsx};

use super::browser::Browser;
use super::{OWNER, Site};
use crate::support::{Program, csv};

fn workbook(browser: &mut Browser, path: &str) -> Vec<Vec<Data>> {
    let file = browser.get(path);
    assert_eq!(file.status, 200, "{path}");
    assert!(file.header("content-disposition").unwrap().starts_with("attachment; filename=\""));
    let mut book = Xlsx::new(std::io::Cursor::new(file.bytes)).unwrap();
    let range = book.worksheet_range("Download").unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

fn csv(browser: &mut Browser, path: &str) -> Vec<Vec<String>> {
    let text = browser.get(path).text();
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// As a page of the sample's account shows it.
fn shown(cell: &Data, heading: &str) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::Float(figure) if heading.starts_with("Montant") => format!("{figure:.2} €").replace('.', ","),
        Data::Float(figure) => figure.to_string(),
        Data::DateTime(when) if when.is_duration() || heading.starts_with("Heure") => {
            #[expect(clippy::cast_possible_truncation, reason = "seconds of a month")]
            let seconds = (when.as_f64() * 86_400.0).round() as i64;
            format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
        }
        Data::DateTime(when) => when.as_datetime().unwrap().format("%d/%m/%Y").to_string(),
        other => other.to_string(),
    }
}

#[test]
fn rows_columns_and_order_are_those_of_the_page() {
    let mut site = Site::start();
    let mut browser = site.signed_in("602127", OWNER);
    for (path, query) in [
        ("/a/602127", ""),
        ("/a/602127", "?show=all&sort=-charge"),
        ("/a/602127", "?period=2009-03&q=a"),
        ("/a/602127/rooms/332703", ""),
        ("/a/602127/rooms/332703", "?sort=-time&q=local"),
        ("/a/602127/rooms/332703", "?period=2009-03&sort=code"),
    ] {
        let page = browser.get(&format!("{path}{query}"));
        let (rows, total) = page.table();
        let headings = page.headings();
        let book = workbook(&mut browser, &format!("{path}.xlsx{query}"));
        let texts: Vec<Vec<String>> = book
            .iter()
            .map(|row| row.iter().zip(&headings).map(|(cell, heading)| shown(cell, heading)).collect())
            .collect();
        assert_eq!(texts[0], headings, "{path}{query}");
        let spaceless = |rows: &[Vec<String>]| {
            let cell = |cell: &String| cell.replace(' ', "");
            rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>()).collect::<Vec<_>>()
        };
        assert_eq!(spaceless(&texts[1..texts.len() - 1]), spaceless(&rows), "{path}{query}");
        assert_eq!(spaceless(&texts[texts.len() - 1..]), spaceless(&[total]), "{path}{query}");
        let table = csv(&mut browser, &format!("{path}.csv{query}"));
        assert_eq!(table.len(), rows.len() + 1, "{path}{query}");
        for (row, shown) in table[1..].iter().zip(&rows) {
            let charge = shown.last().unwrap().replace(" €", "").replace(',', ".");
            assert_eq!(row.last().unwrap(), &charge, "{path}{query}");
            assert_eq!(row.len(), shown.len(), "{path}{query}");
        }
    }
}

#[test]
fn hostile_names_are_inert_on_pages_and_in_cells() {
    let program = Program::new();
    program.import_sample();
    let rooms = csv!(
        rooms + "valid_from",
        "320026,602127,<script>alert(1)</script>,leo@phoenix.example,\"=cmd|' /C calc'!A0\",true,2009-01-01",
        "335948,602127,\"\"\" onmouseover=alert(1) x=\"\"\",,</td></table>,true,2009-01-01"
    );
    program.ok(&["import", "rooms", &program.write("hostile.csv", rooms)]);
    let mut site = Site::serving(program, "months = 1", &[]);
    let mut browser = site.signed_in("602127", OWNER);
    for path in ["/a/602127", "/a/602127/rooms/320026", "/a/602127/rooms/335948", "/a/602127?q=%3Cscript%3E%22%27"] {
        let page = browser.get(path).text();
        let lower = page.to_lowercase();
        assert!(
            !lower.contains("<script") && !lower.contains("style=") && !lower.contains("\" onmouseover"),
            "{page}"
        );
    }
    let book = workbook(&mut browser, "/a/602127.xlsx");
    let texts: Vec<&Data> = book.iter().flatten().collect();
    assert!(texts.contains(&&Data::String("=cmd|' /C calc'!A0".into())), "{book:?}");
    let table = csv(&mut browser, "/a/602127.csv");
    assert!(table.iter().flatten().any(|cell| cell == "'=cmd|' /C calc'!A0"), "{table:?}");
}
