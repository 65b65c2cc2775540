//! What staff see: accounts, months, customers' pages on behalf of a customer, the archive and its damage.

use super::browser::{Browser, encoded};
use super::staff::{CONFIGURATION, command, signed_in, whole_site};
use super::{HOLDER, OWNER, Site};
use crate::support::{Program, csv, postgres};

#[test]
fn half_a_name_a_room_or_an_address_finds_the_account_with_last_month_s_statement() {
    finds_an_account(Program::new());
}

#[tokio::test]
async fn staff_find_and_add_up_the_same_on_postgres() {
    for tries in [
        finds_an_account,
        adds_a_month_up,
        sees_as_a_customer,
        knows_capitals,
        looks_through_mail,
        pages_rejected_rows,
    ] {
        let database = postgres::new_database().await;
        tokio::task::spawn_blocking(move || tries(Program::on(&database, ""))).await.unwrap();
    }
}

fn finds_an_account(program: Program) {
    let (site, mut staff) = whole_site(program);
    for search in ["phoen", "PHOENIX meeting", "332703", "33 27 03", "ballester", "leo@phoenix"] {
        let found = staff.get(&format!("/staff/accounts?q={}", encoded(search)));
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
fn capitals_of_any_script_are_found_however_they_are_typed() {
    knows_capitals(Program::new());
}

fn knows_capitals(program: Program) {
    program.import_sample();
    let accounts = csv!(
        accounts,
        "700001,Énergie Straßenbau,EUR,Europe/Paris,fr-FR,BASE-EUR,ÉLODIE,owner@other.example",
        "700002,ÉTÉ Ωμέγα,EUR,Europe/Paris,fr-FR,BASE-EUR,,owner@other.example"
    );
    program.ok(&["import", "accounts", &program.write("other.csv", accounts)]);
    let site = Site::serving(program, CONFIGURATION, &[]);
    let mut staff = signed_in(&site);
    for (search, account) in [
        ("énergie", "700001"),
        ("ÉNERGIE", "700001"),
        ("strassenbau", "700001"),
        ("STRASSENBAU", "700001"),
        ("straß", "700001"),
        ("stras énerg", "700001"),
        ("Élodie", "700001"),
        ("été", "700002"),
        ("Été ΩΜΈΓΑ", "700002"),
    ] {
        let found = staff.get(&format!("/staff/accounts?q={}", encoded(search)));
        assert_eq!(found.location(), format!("/staff/accounts/{account}"), "{search}: {}", found.text());
    }
    assert!(staff.get("/staff/accounts?q=straxe").text().contains("Nothing was found"));
    // What is imported meanwhile is found at once.
    let room = csv!(rooms, "777001,700002,Zoë ØRSTED,,,true");
    site.program.ok(&["import", "rooms", &site.program.write("room.csv", room)]);
    assert_eq!(staff.get("/staff/accounts?q=%C3%B8rsted").location(), "/staff/accounts/700002");
    let renamed = accounts.replace("ÉTÉ Ωμέγα", "Hiver");
    site.program.ok(&["import", "accounts", &site.program.write("renamed.csv", renamed)]);
    assert_eq!(staff.get("/staff/accounts?q=HIVER").location(), "/staff/accounts/700002");
    assert!(staff.get("/staff/accounts?q=%C3%A9t%C3%A9").text().contains("Nothing was found"));
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
        staff.get("/staff/months/2009-04?q=ballester&sort=-charge&show=bounced").text().contains("0 of 1 account")
    );
    assert!(staff.get("/staff/months/2009-05").text().contains("1 account not closed yet"));
    assert!(month.text().contains("manifest.json is as it was written"), "{}", month.text());
}

#[test]
fn staff_see_a_customers_pages_as_the_customer_does_marked_and_in_the_audit() {
    sees_as_a_customer(Program::new());
}

fn sees_as_a_customer(program: Program) {
    let (mut site, mut staff) = whole_site(program);
    let account = staff.get("/staff/accounts/602127").text();
    let owner_link = "/staff/accounts/602127/as-owner";
    let holder_link = "/staff/accounts/602127/as-cardholder/332703/rooms/332703";
    assert!(account.contains(&format!("href=\"{owner_link}\"")), "{account}");
    assert!(account.contains(&format!("href=\"{holder_link}\"")), "{account}");

    // The same rows as the owner gets, and every link stays with staff.
    let mut owner = site.signed_in("602127", OWNER);
    for page in
        ["?period=2009-04", "/rooms/332703?period=2009-04", "/rooms/332703/conferences/C000069?period=2009-04"]
    {
        let (theirs, seen) = (owner.get(&format!("/a/602127{page}")), staff.get(&format!("{owner_link}{page}")));
        assert_eq!(seen.table(), theirs.table(), "{page}");
        assert!(seen.text().contains("You see this as the owner of account 602127 does"), "{}", seen.text());
        assert!(!seen.text().contains("=\"/a/") && !seen.text().contains("=\"/me"), "{}", seen.text());
        assert!(!theirs.text().contains("You see this as"));
    }
    let (theirs, seen) =
        (owner.get("/a/602127.csv?period=2009-04"), staff.get(&format!("{owner_link}.csv?period=2009-04")));
    assert_eq!(seen.bytes, theirs.bytes);
    assert!(staff.get(&format!("{owner_link}/codes")).text().contains("<button disabled>"));

    // On behalf of a cardholder, only their room is shown.
    let mut holder = site.signed_in("332703", HOLDER);
    let (theirs, seen) = (
        holder.get("/a/602127?period=2009-04"),
        staff.get("/staff/accounts/602127/as-cardholder/332703?period=2009-04"),
    );
    assert_eq!(seen.table(), theirs.table());
    assert!(seen.text().contains("You see this as the cardholder of room 332703 does"), "{}", seen.text());
    let other = "/staff/accounts/602127/as-cardholder/332703/rooms/320026";
    assert_eq!(staff.get(other).status, 404, "another room's cardholder sees that");

    // A form that is sent all the same changes nothing.
    let sent = staff
        .post(&format!("{owner_link}/codes/assign?room=332703"), &[("conference", "332703/C000002"), ("code", "X")]);
    assert_eq!(sent.status, 405);
    assert!(!owner.get("/a/602127/rooms/332703").text().contains(">X<"));
    let log = command(&site, &["log", "--account", "602127"]);
    assert!(log.contains("as the owner of account 602127: /rooms/332703"), "{log}");
    assert!(log.contains("as the cardholder of room 332703: /"), "{log}");
}

#[test]
fn a_month_is_verified_beside_the_answer_and_damage_is_said_with_what_to_run() {
    let (mut site, mut staff) = whole_site(Program::new());
    let verified = |site: &mut Site, staff: &Browser, words: &str| {
        let staff = staff.clone();
        site.running.until(words, || staff.clone().get("/staff/months/2009-04/verify").text().contains(words));
    };
    assert!(staff.get("/staff/months/2009-04").text().contains("href=\"/staff/months/2009-04/verify\""));
    verified(&mut site, &staff, "Every file was as it was written");
    let damaged = site.program.archive().join("2009-04/602127/r1/account.html");
    std::fs::write(&damaged, "not what was written").unwrap();
    assert!(staff.get("/staff/months/2009-04/verify").text().contains("Every file was"), "the last reading");
    assert_eq!(staff.get("/staff/months/2009-04/verify?anew=1").location(), "/staff/months/2009-04/verify");
    verified(&mut site, &staff, "1 problem found");
    let page = staff.get("/staff/months/2009-04/verify").text();
    let restore = "statementd archive restore --period 2009-04 --account 602127";
    assert!(page.contains("2009-04/602127/r1/account.html") && page.contains(restore), "{page}");
    assert!(staff.get("/staff/months/2009-04").text().contains("1 problem found"));
    assert!(command(&site, &["log"]).contains("whether the month verifies"));
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

#[test]
fn mail_is_looked_through_by_month_account_state_and_what_people_know() {
    looks_through_mail(Program::new());
}

fn looks_through_mail(program: Program) {
    let (_site, mut staff) = whole_site(program);
    let mut rows = |query: &str| {
        let page = staff.get(&format!("/staff/deliveries?{query}"));
        assert_eq!(page.status, 200, "{query}: {}", page.text());
        let csv = staff.get(&format!("/staff/deliveries.csv?{query}")).text();
        let shown = page.text().matches("<td class=\" way").count();
        assert_eq!(csv.lines().count(), shown + 1, "{query}: {csv}");
        (shown, page.text())
    };
    let month = rows("state=all&period=2009-04").0;
    assert!(month > 1);
    let (all, page) = rows("state=all&account=602127");
    assert!(all > month && page.contains("By state: accepted"), "{page}");
    assert_eq!(rows("state=all&period=2009-04&q=ballester").0, month, "the account has her room");
    assert_eq!(rows("state=all&period=2009-04&q=PHOENIX.example").0, month);
    assert_eq!(rows("state=accepted&period=2009-04").0, month);
    assert_eq!(rows("state=all&period=2009-04&page=99").0, month, "the last page");
    assert_eq!(rows("state=all&period=2009-04&q=ballester&page=99").0, month, "the last page of what was found");
    for nothing in ["", "state=bounced", "state=all&q=nobody-at-all", "state=all&account=999999"] {
        assert_eq!(rows(nothing).0, 0, "{nothing}");
    }
}

#[test]
fn rejected_rows_are_counted_by_reason_and_shown_a_page_at_a_time() {
    pages_rejected_rows(Program::new());
}

fn pages_rejected_rows(program: Program) {
    program.import_sample();
    let header = "leg_id,conference_id,room_number,service_type,joined_at,left_at,caller,billing_code\n".to_owned();
    let row = |row: u32| {
        let (room, until) = if row < 11 { (332_703, "10") } else { (999_999, "12") };
        format!("X-{row},C{row},{room},LOCAL,2009-05-10T11:00:00Z,2009-05-10T{until}:00:00Z,,\n")
    };
    let usage: String = std::iter::once(header).chain((0..241).map(row)).collect();
    program.run(&["import", "usage", &program.write("bad.csv", &usage)]);
    let site = Site::serving(program, CONFIGURATION, &[]);
    let mut staff = signed_in(&site);
    // Lines of the file, as its rows are shown: with a header, a row's number plus two.
    let mut lines = |path: &str| {
        let page = staff.get(path).text();
        let rows = page.split_once("id=\"rows\"").unwrap().1.to_owned();
        let lines: Vec<u32> = (2..243).filter(|line| rows.contains(&format!(">{line}<"))).collect();
        (lines, page)
    };
    let (shown, page) = lines("/staff/usage");
    assert!(page.contains("241 rejected rows, by reason") && page.contains("Rows 1 to 100 of 241"), "{page}");
    let reasons = page.split_once("id=\"reasons\"").unwrap().1;
    let counts = (reasons.find(">230<"), reasons.find(">11<"));
    assert!(counts.0.is_some() && counts.0 < counts.1, "the most frequent first: {reasons}");
    assert!((143..243).all(|line| shown.contains(&line)), "the newest: {shown:?}");
    let (last, page) = lines("/staff/usage?page=3");
    assert!(page.contains("Rows 201 to 241 of 241") && (2..43).all(|line| last.contains(&line)), "{last:?}");
    assert_eq!(lines("/staff/usage?page=99").0, last, "the last page");
    let csv = staff.get("/staff/usage.csv").text();
    assert_eq!(csv.lines().count(), 242);
    assert!(csv.lines().nth(1).is_some_and(|row| row.contains(",242,")), "{csv}");
}

#[test]
fn home_leads_to_where_each_item_is_explained() {
    let program = Program::new();
    let folder = program.path("bridge");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("broken.xml"), "<cdr>").unwrap();
    let usage = csv!(usage, "X-1,CX,999999,LOCAL,2009-05-10T11:00:00Z,2009-05-10T12:00:00Z,,");
    program.run(&["import", "usage", &program.write("bad.csv", usage)]);
    let configuration = format!(
        "{CONFIGURATION}\n[[intake]]\nname = \"bridge\"\nreader = \"freeswitch-conference\"\nfrom = {:?}\n\
         [[rerun]]\nid = \"2009-06-fix\"\nperiod = \"2009-04\"\nreason = \"a try\"\nstate = \"rehearse\"\n",
        folder.display().to_string()
    );
    let mut site = Site::with(program, &configuration, &[]);
    let staff = signed_in(&site);
    for link in ["/staff/usage#reasons", "/staff/usage#by-source", "/staff/reruns/2009-06-fix"] {
        let tried = staff.clone();
        site.running.until(link, || tried.clone().get("/staff").text().contains(&format!("href=\"{link}\"")));
    }
    let home = staff.clone().get("/staff").text();
    assert!(home.contains("id=\"parts\"") && home.contains("<bdi>archive</bdi>"), "{home}");
    let usage = staff.clone().get("/staff/usage").text();
    assert!(usage.contains("id=\"reasons\"") && usage.contains("id=\"by-source\""), "{usage}");
    assert!(usage.contains("refused file") && usage.contains("is unknown"), "{usage}");
}
