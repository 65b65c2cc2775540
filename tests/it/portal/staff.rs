//! The operator's own people: how they get in, and that no one else does.

use statementd::portal::{STAFF_ROUTES, StaffRoute, StaffWho};
use statementd::second_factor::SecondFactor;

use super::browser::{Answer, Browser};
use super::{HOLDER, OWNER, PASSWORD, Site};
use crate::support::{Program, postgres};

pub const STAFF: &str = "finance@op.example";
const CONFIGURATION: &str = "staff = [\"finance@op.example\", \"Support@op.example\"]";

/// An app goes by its own clock, whatever day the daemon takes it for.
fn now() -> chrono::DateTime<chrono::Utc> {
    statementd::clock::Clock::System.now()
}

/// The next code, half a minute ahead: that of now was used to set the factor up.
fn next_code(secret: &SecondFactor) -> String {
    secret.code(now() + chrono::TimeDelta::seconds(30)).unwrap()
}

pub fn site() -> Site {
    Site::with(Program::new(), CONFIGURATION, &[])
}

/// The command with the configuration of the daemon.
fn command(site: &Site, arguments: &[&str]) -> String {
    let file = site.program.path("portal.toml").display().to_string();
    let all: Vec<&str> = ["--config", &file].into_iter().chain(arguments.iter().copied()).collect();
    site.program.ok(&all)
}

/// A link of `portal staff invite` or `reset`, without the site.
fn link(site: &Site, order: &str, address: &str) -> String {
    let shown = command(site, &["portal", "staff", order, address]);
    let (_, path) = shown.split_once("/staff/link/").unwrap_or_else(|| panic!("no link in {shown}"));
    format!("/staff/link/{}", path.lines().next().unwrap())
}

fn secret(page: &Answer) -> SecondFactor {
    let text = page.text();
    let shown = text.split("<code>").nth(1).unwrap_or_else(|| panic!("no secret in\n{text}"));
    SecondFactor::from_text(shown.split("</code>").next().unwrap()).unwrap()
}

/// Sets password and second factor by a link; gives the browser, which is signed in then.
fn set_up(site: &Site, link: &str) -> (Browser, SecondFactor, Vec<String>) {
    let mut browser = site.browser();
    let set = browser.post(link, &[("password", PASSWORD)]);
    assert_eq!((set.status, set.location()), (303, "/staff/sign-in/second-factor"), "{}", set.text());
    let secret = secret(&browser.get("/staff/sign-in/second-factor"));
    let shown = browser.post("/staff/sign-in/second-factor", &[("code", &secret.code(now()).unwrap())]);
    let codes: Vec<String> =
        shown.text().split("<code>").skip(1).map(|part| part.split('<').next().unwrap().to_owned()).collect();
    assert_eq!((shown.status, codes.len()), (200, 10), "{}", shown.text());
    (browser, secret, codes)
}

pub fn signed_in(site: &Site) -> Browser {
    set_up(site, &link(site, "invite", STAFF)).0
}

fn sign_in(browser: &mut Browser, email: &str, password: &str) -> Answer {
    browser.post("/staff/sign-in", &[("email", email), ("password", password)])
}

#[test]
fn a_link_a_password_and_a_second_factor_lead_in_and_a_password_alone_does_not() {
    let site = site();
    let link = link(&site, "invite", STAFF);
    for _ in 0..3 {
        assert_eq!(site.browser().get(&link).status, 200, "looking uses nothing up");
    }
    let (mut browser, secret, recovery) = set_up(&site, &link);
    assert_eq!(browser.get("/staff").status, 200);
    assert_eq!(site.browser().post(&link, &[("password", PASSWORD)]).status, 404, "a link works once");

    let mut other = site.browser();
    assert_eq!(sign_in(&mut other, STAFF, "gelb regnet kamel").status, 401);
    let asked = sign_in(&mut other, &STAFF.to_uppercase(), PASSWORD);
    assert_eq!((asked.status, asked.location()), (303, "/staff/sign-in/code"));
    assert_eq!(other.get("/staff").location(), "/staff/sign-in", "not signed in yet");
    assert_eq!(
        other.get("/staff/sign-in/second-factor").location(),
        "/staff/sign-in/code",
        "the secret is not shown again"
    );
    assert_eq!(other.post("/staff/sign-in/code", &[("code", "000000")]).status, 401);
    let code = next_code(&secret);
    assert_eq!(other.post("/staff/sign-in/code", &[("code", &code)]).location(), "/staff");
    assert_eq!(other.get("/staff").status, 200);
    let mut third = site.browser();
    sign_in(&mut third, STAFF, PASSWORD);
    assert_eq!(third.post("/staff/sign-in/code", &[("code", &code)]).status, 401, "a code counts once");
    assert_eq!(third.post("/staff/sign-in/code", &[("code", &recovery[0])]).status, 303);

    assert_eq!(browser.post("/staff/sign-out", &[]).location(), "/staff/sign-in");
    assert_eq!(browser.get("/staff").status, 303);
    let listed = command(&site, &["portal", "staff", "list"]);
    assert!(
        listed.contains("ready") && listed.contains("support@op.example") && listed.contains("not invited"),
        "{listed}"
    );
    let log = command(&site, &["log"]);
    assert_eq!(log.matches("signed in").count(), 3, "{log}");
}

#[test]
fn a_reset_and_a_removal_end_everything_at_once() {
    let site = site();
    let mut browser = signed_in(&site);
    let link = link(&site, "reset", STAFF);
    assert_eq!(browser.get("/staff").status, 303);
    assert_eq!(sign_in(&mut site.browser(), STAFF, PASSWORD).status, 401);
    let (mut again, _, _) = set_up(&site, &link);
    assert_eq!(again.get("/staff").status, 200);
    assert!(command(&site, &["portal", "staff", "remove", STAFF]).contains("Removed"));
    assert_eq!(again.get("/staff").status, 303);
    assert_eq!(sign_in(&mut site.browser(), STAFF, PASSWORD).status, 401);
}

#[test]
fn only_whom_the_configuration_names_gets_in_and_from_the_moment_it_does_not_nobody_does() {
    let mut site = site();
    let mut browser = signed_in(&site);
    let file = site.program.path("portal.toml").display().to_string();
    let stranger = site.program.run(&["--config", &file, "portal", "staff", "invite", "else@op.example"]);
    assert!(stranger.stderr.contains("portal.staff does not name"), "{}", stranger.stderr);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("finance@op.example", "other@op.example")).unwrap();
    site.running.until("staff to be signed out", || browser.clone().get("/staff").status == 303);
    assert_eq!(sign_in(&mut site.browser(), STAFF, PASSWORD).status, 401);
    std::fs::write(&file, text.replace(CONFIGURATION, "")).unwrap();
    site.running.until("the pages to be gone", || browser.clone().get("/staff/sign-in").status == 404);
    for route in STAFF_ROUTES {
        let (staff, nothing) =
            (browser.ask(route.method, &path(route, true), ""), browser.ask(route.method, "/nothing", ""));
        assert_eq!(staff.whole(), nothing.whole(), "{route:?}");
    }
}

#[test]
fn staff_from_elsewhere_find_nothing() {
    let configuration =
        format!("{CONFIGURATION}\nstaff_networks = [\"10.1.0.0/16\"]\ntrusted_proxies = [\"127.0.0.1\"]");
    let site = Site::with(Program::new(), &configuration, &[]);
    let mut browser = site.browser();
    assert_eq!(browser.get("/staff/sign-in").whole(), browser.get("/nothing").whole());
    browser.headers.push(("X-Forwarded-For".into(), "10.1.2.3".into()));
    assert_eq!(browser.get("/staff/sign-in").status, 200);
}

/// The route's path for what exists, or for what does not.
fn path(route: &StaffRoute, exists: bool) -> String {
    let given = |name: &str| match (name, exists) {
        ("token", _) => "no-token",
        ("period", true) => "2009-04",
        ("period", false) => "1999-01",
        ("account", true) => "602127",
        ("account", false) => "999999",
        ("room", _) => "332703.xlsx",
        ("revision", _) => "1",
        ("file", _) if route.path.contains("/months/") => "index.csv",
        ("file", _) => "account.xlsx",
        ("id", true) => "2009-06-fix",
        ("id", false) => "no-such-rerun",
        ("ending", _) => "csv",
        _ => panic!("{} has a part that the matrix does not know: give it one", route.path),
    };
    let mut path = String::new();
    let mut rest = route.path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap();
        path.push_str(before);
        path.push_str(given(name));
        rest = behind;
    }
    path + rest
}

#[test]
fn everybody_tries_every_route() {
    let (mut site, staff) = whole_site(Program::new());
    let tries = [
        ("nobody", site.browser(), false),
        ("an owner", site.signed_in("602127", OWNER), false),
        ("a cardholder", site.signed_in("332703", HOLDER), false),
        ("staff", staff.clone(), true),
    ];
    let mut wrong = Vec::new();
    for (who, browser, is_staff) in &tries {
        for route in STAFF_ROUTES.iter().filter(|route| route.path != "/staff/sign-out") {
            let there = browser.clone().ask(route.method, &path(route, true), "");
            let absent = browser.clone().ask(route.method, &path(route, false), "");
            let is_right = match (route.who, is_staff) {
                (StaffWho::Anyone, _) => there.status != 500 && !there.location().contains("next="),
                (StaffWho::Staff, true) => {
                    let has_part = route.path.contains('{');
                    there.status == 200 && absent.status == if has_part { 404 } else { 200 }
                }
                (StaffWho::Staff, false) => {
                    let is_asked =
                        |answer: &Answer| answer.status == 303 && answer.location().starts_with("/staff/sign-in");
                    is_asked(&there) && is_asked(&absent)
                }
            };
            if !is_right {
                wrong.push(format!(
                    "{who} {} {}: {}, absent {}",
                    route.method, route.path, there.status, absent.status
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // A session of staff opens nothing of customers' pages, and is none of theirs.
    assert!(staff.clone().get("/a/602127").location().starts_with("/sign-in"));
    assert_eq!(staff.clone().get("/").status, 303);
}

fn with_rerun() -> String {
    format!(
        "{CONFIGURATION}\n[[rerun]]\nid = \"2009-06-fix\"\nperiod = \"2009-04\"\nreason = \"a try\"\nstate = \"rehearse\""
    )
}

/// With a rerun that was rehearsed.
fn whole_site(program: Program) -> (Site, Browser) {
    let mut site = Site::with(program, &with_rerun(), &[]);
    let staff = signed_in(&site);
    let tried = staff.clone();
    site.running.until("the rehearsal", || tried.clone().get("/staff/reruns/2009-06-fix/report.csv").status == 200);
    (site, staff)
}

#[test]
fn half_a_name_a_room_or_an_address_finds_the_account_with_last_month_s_statement() {
    finds_an_account(Program::new());
}

#[tokio::test]
async fn staff_find_and_add_up_the_same_on_postgres() {
    for tries in [finds_an_account, adds_a_month_up] {
        let database = postgres::new_database().await;
        tokio::task::spawn_blocking(move || tries(Program::on(&database, ""))).await.unwrap();
    }
}

fn finds_an_account(program: Program) {
    let (site, mut staff) = whole_site(program);
    for search in ["phoen", "PHOENIX meeting", "332703", "33 27 03", "ballester", "leo@phoenix"] {
        let found = staff.get(&format!("/staff/accounts?q={}", super::browser::encoded(search)));
        assert_eq!(found.location(), "/staff/accounts/602127", "{search}: {}", found.text());
    }
    assert!(staff.get("/staff/accounts?q=nobody-at-all").text().contains("Nothing was found"));
    let account = staff.get("/staff/accounts/602127").text();
    let file = "/staff/accounts/602127/statements/2009-04/r1/account.xlsx";
    assert!(account.contains(&format!("href=\"{file}\"")) && account.contains("April 2009"), "{account}");
    assert_eq!(
        staff.get(file).bytes,
        std::fs::read(site.program.archive().join("2009-04/602127/r1/account.xlsx")).unwrap()
    );
    // Who, what, when.
    let log = command(&site, &["log", "--account", "602127"]);
    assert!(log.contains("staff (finance@op.example)") && log.contains("file account.xlsx"), "{log}");
}

#[test]
fn a_month_is_searched_filtered_sorted_and_added_up_and_its_files_hold_the_same() {
    adds_a_month_up(Program::new());
}

fn adds_a_month_up(program: Program) {
    let (_site, mut staff) = whole_site(program);
    let month = staff.get("/staff/months/2009-04");
    let (rows, total) = month.table();
    assert_eq!((rows.len(), rows[0][0].as_str(), rows[0][1].as_str()), (1, "602127", "MeetingOne Phoenix"));
    assert_eq!((total[0].as_str(), &total[4]), ("Total EUR", &rows[0][4]));
    let csv = staff.get("/staff/months/2009-04.csv").text();
    assert!(csv.contains("602127,MeetingOne Phoenix,") && csv.contains(",EUR"), "{csv}");
    assert!(staff.get("/staff/months/2009-04.xlsx").bytes.starts_with(b"PK"));
    assert!(staff.get("/staff/months/2009-04?show=parked").text().contains("No account is like this"));
    assert!(
        staff.get("/staff/months/2009-04?q=ballester&sort=-charge&show=bounced").text().contains("0 of 1 accounts")
    );
    assert!(staff.get("/staff/months/2009-05").text().contains("1 accounts not closed yet"));
    assert!(month.text().contains("manifest.json is as it was written"), "{}", month.text());
}

#[test]
fn a_month_as_one_file_holds_what_the_archive_holds_and_damage_is_said() {
    let (site, mut staff) = whole_site(Program::new());
    let names = |bytes: Vec<u8>| {
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut files = std::collections::BTreeMap::new();
        for at in 0..zip.len() {
            let mut file = zip.by_index(at).unwrap();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut content).unwrap();
            files.insert(file.name().unwrap().into_owned(), content);
        }
        files
    };
    let files = names(unchunked(staff.get("/staff/months/2009-04.zip").bytes));
    assert!(files.contains_key("2009-04/index.html") && files.contains_key("2009-04/602127/r1/rooms/332703.xlsx"));
    for (name, content) in &files {
        assert_eq!(*content, std::fs::read(site.program.archive().join(name)).unwrap(), "{name}");
    }
    let damaged = site.program.archive().join("2009-04/602127/r1/account.html");
    std::fs::write(&damaged, "not what was written").unwrap();
    let page = staff.get("/staff/accounts/602127/statements/2009-04/r1/account.html");
    let restore = "statementd archive restore --period 2009-04 --account 602127";
    assert_eq!(page.status, 500);
    assert!(page.text().contains(restore), "{}", page.text());
    let left = names(unchunked(staff.get("/staff/months/2009-04.zip").bytes));
    assert!(!left.contains_key("2009-04/602127/r1/account.html"));
    assert!(String::from_utf8_lossy(&left["DAMAGED.txt"]).contains(restore));
    let report = site.program.archive().join("reruns");
    let report = std::fs::read_dir(report).unwrap().map(|file| file.unwrap().path());
    for file in report {
        let path = if file.is_dir() { file.join("report.csv") } else { file };
        if path.extension().is_some_and(|ending| ending == "csv") {
            std::fs::write(path, "changed").unwrap();
        }
    }
    assert_eq!(staff.get("/staff/reruns/2009-06-fix/report.csv").status, 500);
}

/// The body of an answer that came in chunks.
fn unchunked(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n").unwrap();
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        bytes.drain(..end + 2);
        if length == 0 {
            return body;
        }
        body.extend(bytes.drain(..length));
        bytes.drain(..2);
    }
}
