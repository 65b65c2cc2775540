//! What the mini-guide shows, page by page.

use std::fmt::Write as _;
use std::io::Read as _;

use super::{EVENING, HOLDER, OWNER, Site};
use crate::support::{Program, csv, postgres};

fn texts(row: &[&str]) -> Vec<String> {
    row.iter().map(ToString::to_string).collect()
}

#[test]
fn the_owner_sees_the_mini_guides_month() {
    shows_the_mini_guides_month(Program::new());
}

#[tokio::test]
async fn the_owner_sees_the_mini_guides_month_on_postgres() {
    let database = postgres::new_database().await;
    tokio::task::spawn_blocking(move || shows_the_mini_guides_month(Program::on(&database, ""))).await.unwrap();
}

fn shows_the_mini_guides_month(program: Program) {
    let mut site = Site::with(program, "", &[]);
    let mut browser = site.signed_in("602127", OWNER);
    let start = browser.get("/");
    assert_eq!((start.status, start.location()), (303, "/a/602127"));
    let account = browser.get("/a/602127");
    let (rows, total) = account.table();
    assert_eq!(
        rows,
        [
            texts(&["32 002 6", "Leo", "", "00:01:00", "0,09 €"]),
            texts(&["33 270 3", "Mariline BALLESTER", "", "23:50:16", "116,59 €"]),
            texts(&["33 594 8", "Jean-Baptiste Codeau", "", "02:58:52", "15,39 €"]),
        ]
    );
    assert_eq!(total, texts(&["Total", "", "", "26:50:08", "132,07 €"]));
    for shown in ["Non facturé", "Depuis le 01/05/2009", "MeetingOne Phoenix", "602127"] {
        assert!(account.text().contains(shown), "{shown} is not in\n{}", account.text());
    }
    let all = browser.get("/a/602127?show=all");
    assert_eq!(all.table().0.len(), 4);
    assert_eq!(all.table().0[3], texts(&["34 120 7", "Accueil", "ACCUEIL", "00:00:00", "0,00 €"]));

    let room = browser.get("/a/602127/rooms/332703");
    let (rows, total) = room.table();
    assert_eq!((rows.len(), total.last().unwrap().as_str()), (19, "116,59 €"));
    assert_eq!(
        rows[0],
        texts(&["06/05/2009", "10:14:10", "3", "Accès local", "Non attribué", "00:35:43", "01:39:04", "8,92 €"])
    );
    assert!(room.headings()[1].ends_with("[GMT+2]"), "{:?}", room.headings());
    let conference = browser.get("/a/602127/rooms/332703/conferences/C000002");
    assert_eq!(conference.table().0.len(), 3);
    assert_eq!(conference.table().1[2], "01:39:04");
}

#[test]
fn a_closed_month_shows_its_statement_and_everything_is_in_the_address() {
    let mut site = Site::start();
    let mut browser = site.signed_in("602127", OWNER);
    let april = browser.get("/a/602127?period=2009-04");
    let statement = std::fs::read(site.program.archive().join("2009-04/602127/r1/account.json")).unwrap();
    let statement: serde_json::Value = serde_json::from_slice(&statement).unwrap();
    let charge = statement["totals"]["charge"].as_str().unwrap().replace('.', ",");
    assert!(april.text().contains(&format!("{charge} €")), "{charge} is not in\n{}", april.text());
    assert!(april.text().contains("Relevé, version 1"), "{}", april.text());
    let first = |answer: super::browser::Answer| answer.table().0[0][1].clone();
    assert_eq!(first(browser.get("/a/602127?sort=-charge")), "Mariline BALLESTER");
    assert_eq!(first(browser.get("/a/602127?q=codeau")), "Jean-Baptiste Codeau");
    assert_eq!(browser.get("/a/602127?q=codeau").table().1[4], "15,39 €");
    for missing in ["2009-01", "2009-06", "nonsense"] {
        assert_eq!(browser.get(&format!("/a/602127?period={missing}")).status, 404, "{missing}");
    }
    let statements = browser.get("/a/602127/statements");
    assert!(statements.text().contains("/a/602127/statements/2009-04/r1/account.xlsx"), "{}", statements.text());
    let file = browser.get("/a/602127/statements/2009-04/r1/account.xlsx");
    assert_eq!(file.bytes, std::fs::read(site.program.archive().join("2009-04/602127/r1/account.xlsx")).unwrap());
    let page = browser.get("/a/602127/statements/2009-04/r1/account.html");
    assert!(page.header("content-security-policy").unwrap().starts_with("sandbox;"));
}

#[test]
fn a_cardholder_sees_the_room_and_no_figure_of_the_account() {
    let mut site = Site::start();
    let mut browser = site.signed_in("332703", HOLDER);
    assert_eq!(browser.get("/").location(), "/a/602127/rooms/332703");
    assert_eq!(browser.get("/a/602127/rooms/332703").table().1[7], "116,59 €");
    let account = browser.get("/a/602127?show=all");
    assert_eq!(account.table().0.len(), 1);
    for of_others in ["132,07", "Leo", "15,39", "33 594 8"] {
        assert!(!account.text().contains(of_others), "{of_others} is in\n{}", account.text());
    }
    assert_eq!(browser.get("/a/602127/rooms/332703?period=2009-04").status, 200);
    assert_eq!(browser.get("/a/602127/statements/2009-04/r1/332703.xlsx").status, 200);
    assert_eq!(browser.get("/a/602127/statements/2009-04/r1/account.xlsx").status, 404);
}

#[test]
fn a_statement_that_safety_bounds_hold_shows_no_figure_and_no_file() {
    let program = Program::with("billing.hold_above = [\"1 EUR\"]");
    let mut site = Site::with(program, "", &[]);
    let mut browser = site.signed_in("602127", OWNER);
    let april = browser.get("/a/602127?period=2009-04");
    assert!(april.text().contains("En cours de vérification"), "{}", april.text());
    assert!(!april.text().contains('€'), "{}", april.text());
    assert_eq!(browser.get("/a/602127.xlsx?period=2009-04").status, 303);
    assert!(browser.get("/a/602127/statements").text().contains("pas encore de relevé"));
    assert_eq!(browser.get("/a/602127/statements/2009-04/r1/account.xlsx").status, 404);
    assert_eq!(browser.get("/a/602127").table().1[4], "132,07 €");
}

#[test]
fn usage_that_arrives_is_seen_and_rights_that_are_withdrawn_end_at_the_next_click() {
    let mut site = Site::start();
    let mut browser = site.signed_in("602127", OWNER);
    assert_eq!(browser.get("/a/602127").table().1[4], "132,07 €");
    let usage = site
        .program
        .write("more.csv", csv!(usage, "NEW-1,NEW,320026,LOCAL,2009-05-20T10:00:00Z,2009-05-20T10:10:00Z,,"));
    site.program.ok(&["import", "usage", &usage]);
    let seen = std::cell::RefCell::new(browser.clone());
    site.running.until("132,97 €", || seen.borrow_mut().get("/a/602127").table().1[4] == "132,97 €");
    let accounts = std::fs::read_to_string(crate::support::sample("accounts.csv")).unwrap();
    let accounts = site.program.write("others.csv", accounts.replace(OWNER, "someone@phoenix.example"));
    site.program.ok(&["import", "accounts", &accounts]);
    assert_eq!(browser.get("/a/602127").status, 404);
    assert_eq!(browser.get("/me").status, 200);
}

#[test]
fn the_demo_shows_the_same_and_prints_how_to_sign_in() {
    let program = Program::new();
    let address = format!("127.0.0.1:{}", crate::support::free_port());
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_statementd"));
    command.current_dir(program.path("")).env_clear().stdin(std::process::Stdio::null());
    command.args(["demo", "--dir", "demo", "--serve", "--listen", &address]);
    let out = std::fs::File::create(program.path("out")).unwrap();
    let mut child = command.stdout(out).stderr(std::process::Stdio::null()).spawn().unwrap();
    let printed = || std::fs::read_to_string(program.path("out")).unwrap();
    crate::support::wait_until("the demo's last line", || {
        assert!(child.try_wait().unwrap().is_none(), "{}", printed());
        printed().contains("Ctrl-C")
    });
    let printed = printed();
    let password = |number: &str| {
        let line = printed.lines().find(|line| line.starts_with(number)).unwrap();
        line.split_whitespace().nth(2).unwrap().to_owned()
    };
    let mut browser = super::browser::Browser::new(&address);
    let signed_in = browser.sign_in("602127", OWNER, &password("602127"));
    assert_eq!((signed_in.status, signed_in.location()), (303, "/a/602127"));
    assert_eq!(browser.get("/a/602127").table().1[4], "132,07 €");
    let holder = super::browser::Browser::new(&address).sign_in("33 270 3", HOLDER, &password("332703"));
    assert_eq!(holder.location(), "/a/602127/rooms/332703");
    let mut paths = printed.lines().filter_map(|line| line.strip_prefix(&format!("http://{address}")));
    staff_see_what_went_otherwise(&address, paths.find(|path| path.starts_with("/staff/link/")).unwrap());
    child.kill().unwrap();
    child.wait().unwrap();
    let refused = program.run(&["demo", "--serve", "--listen", "0.0.0.0:8080"]);
    assert_eq!(refused.status, 1, "{}", refused.stderr);
}

/// The demo has something for each question that staff come with.
fn staff_see_what_went_otherwise(address: &str, link: &str) {
    let mut staff = super::staff::set_up_at(address, link).0;
    assert!(staff.get("/staff").text().contains("Needs attention"));
    let undelivered = staff.get("/staff/deliveries").text();
    assert!(
        undelivered.contains("1 message") && undelivered.contains("550 5.1.1 no such user here"),
        "{undelivered}"
    );
    let reruns = staff.get("/staff/reruns").text();
    for id in ["2009-03-web-calls", "2009-04-toll-free"] {
        assert!(reruns.contains(id), "{reruns}");
        assert!(staff.get(&format!("/staff/reruns/{id}/report.html")).text().contains("MeetingOne Phoenix"));
    }
    assert!(staff.get("/staff/months/2009-03?show=revised").text().contains("1 of 1 account"));
    let changed = staff.get("/staff/accounts/602127/statements/2009-03/r2").text();
    assert!(changed.contains("lines differ from the revision before"), "{changed}");
}

#[test]
fn statement_mails_lead_to_the_month_online_where_there_is_one() {
    let program = Program::new();
    program.import_sample();
    let file = program.write("url.toml", "portal.url = \"https://account.phoenix.example\"\n");
    program.run(&["--config", &file, "close", "--period", "2009-04", "--as-of", EVENING]);
    let mails = crate::support::files_below(&program.mail());
    let of = |stem: &str| {
        let (_, bytes) = mails.iter().find(|(name, _)| name.starts_with(stem)).unwrap();
        String::from_utf8_lossy(bytes).replace("=\r\n", "").replace("=3D", "=")
    };
    assert!(
        of("2009-04-602127-332703").contains("https://account.phoenix.example/a/602127/rooms/332703?period=2009-04")
    );
    let for_owner = mails.iter().filter(|(name, _)| name.starts_with("2009-04-602127-"));
    let for_owner =
        for_owner.map(|(_, bytes)| String::from_utf8_lossy(bytes).replace("=\r\n", "").replace("=3D", "="));
    assert!(
        for_owner.into_iter().any(|mail| mail.contains("https://account.phoenix.example/a/602127?period=2009-04"))
    );
}

#[test]
fn a_page_of_a_hundred_rows_is_small_as_it_is_sent() {
    const MOST: usize = 40_000;
    let program = Program::new();
    let mut usage = csv!(usage).to_owned();
    for number in 0..250 {
        let (day, hour) = (1 + number % 28, number / 28);
        let _ = writeln!(
            usage,
            "W{number},WEIGHT{number},332703,LOCAL,2009-05-{day:02}T{hour:02}:00:00+02:00,\
             2009-05-{day:02}T{hour:02}:{:02}:00+02:00,+331234567{number:02},Project number {number}",
            1 + number % 59
        );
    }
    program.import_sample();
    program.ok(&["import", "usage", &program.write("weight.csv", usage)]);
    let mut site = Site::serving(program, "", &[]);
    let mut owner = site.signed_in("602127", OWNER);
    let path = "/a/602127/rooms/332703?period=2009-05";
    let plain = owner.get(path);
    assert_eq!((plain.table().0.len(), plain.header("content-encoding")), (100, None));
    owner.headers.push(("Accept-Encoding".into(), "gzip, deflate, br".into()));
    let packed = owner.get(path);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(packed.bytes.as_slice()).read_to_end(&mut unpacked).unwrap();
    let rows = |page: &[u8]| String::from_utf8_lossy(page).split("<tbody>").nth(1).unwrap().to_owned();
    assert_eq!(rows(&unpacked), rows(&plain.bytes));
    let style = plain.text().split("/assets/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let style = owner.get(&format!("/assets/{style}"));
    let (page, all) = (packed.bytes.len(), packed.bytes.len() + style.bytes.len());
    assert!(all <= MOST, "page {page} (unpacked {}), with its style {all}", unpacked.len());
    // If another site led here, lengths reveal nothing.
    owner.headers.push(("Sec-Fetch-Site".into(), "cross-site".into()));
    assert_eq!(owner.get(path).header("content-encoding"), None);
}
