//! Billing codes: given to one, several or all, taken back, and how they get into statements.

use super::browser::{Answer, Browser};
use super::{HOLDER, OWNER, Site};
use crate::support::{Pauses, Program, Running, postgres};

const ROOM: &str = "/a/602127/rooms/332703";

/// The `seen` that a page's form carries.
fn seen(page: &Answer) -> String {
    let text = page.text();
    let after = text.split("name=\"seen\" value=\"").nth(1).unwrap_or_else(|| panic!("no form in\n{text}"));
    after.split('"').next().unwrap().to_owned()
}

/// The names of the conferences that a page's rows can be ticked for.
fn conferences(page: &Answer) -> Vec<String> {
    let text = page.text();
    text.split("name=\"conference\" value=\"")
        .skip(1)
        .map(|part| part.split('"').next().unwrap().to_owned())
        .collect()
}

fn codes(page: &Answer) -> Vec<String> {
    page.table().0.iter().map(|row| row[4].clone()).collect()
}

fn give(browser: &mut Browser, period: &str, form: &[(&str, &str)]) -> Answer {
    browser.post(&format!("/a/602127/codes/assign?room=332703&period={period}"), form)
}

fn undo_path(page: &Answer) -> String {
    let text = page.text();
    let after =
        text.split("action=\"/a/602127/codes/changes/").nth(1).unwrap_or_else(|| panic!("no undo in\n{text}"));
    format!("/a/602127/codes/changes/{}", after.split('"').next().unwrap().replace("&amp;", "&"))
}

#[test]
fn one_several_and_all_get_a_code_and_it_is_taken_back() {
    let mut site = Site::start();
    let mut owner = site.signed_in("602127", OWNER);
    let page = owner.get(&format!("{ROOM}?period=2009-05"));
    let names = conferences(&page);
    assert_eq!(names.len(), 19);
    assert_eq!(codes(&page), ["Non attribué"; 19]);

    let form = [
        ("seen", seen(&page)),
        ("code", "P-17".into()),
        ("conference", names[0].clone()),
        ("conference", names[3].clone()),
    ];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let given = give(&mut owner, "2009-05", &form);
    assert_eq!(given.status, 303, "{}", given.text());
    let after = owner.get(given.location());
    assert!(after.text().contains("le code P-17 : 2."), "{}", after.text());
    let with = codes(&after).iter().filter(|code| *code == "P-17").count();
    assert_eq!(with, 2);
    // Money does not know of it.
    assert_eq!(after.table().1.last(), page.table().1.last());

    // The rest, by what the list shows without a code.
    let rest = owner.get(&format!("{ROOM}?period=2009-05&code=-"));
    assert_eq!(rest.table().0.len(), 17);
    let path = "/a/602127/codes/assign?room=332703&period=2009-05&code=-";
    let seen_now = seen(&rest);
    let given = owner.post(path, &[("seen", &seen_now), ("code", "REST"), ("all", "1")]);
    let all = owner.get(&format!("{ROOM}?period=2009-05"));
    assert_eq!(codes(&all).iter().filter(|code| *code == "REST").count(), 17, "{}", given.text());

    let told = owner.get(given.location());
    let undone = owner.post(&undo_path(&told), &[]);
    assert_eq!(undone.status, 303);
    let back = owner.get(&format!("{ROOM}?period=2009-05"));
    assert_eq!(codes(&back), codes(&after));
    // A second time there is nothing to take back, which is told.
    let again = owner.post(&undo_path(&told), &[]);
    let page = owner.get(again.location());
    assert!(page.text().contains("laissées telles quelles : 17."), "{}", page.text());
    assert!(codes(&owner.get(&format!("{ROOM}?period=2009-05"))) == codes(&after));
}

#[test]
fn a_change_from_an_older_page_changes_nothing_and_is_told() {
    let mut site = Site::start();
    let mut owner = site.signed_in("602127", OWNER);
    let mut holder = site.signed_in("332703", HOLDER);
    let page = owner.get(&format!("{ROOM}?period=2009-05"));
    let (seen_by_both, name) = (seen(&page), conferences(&page)[0].clone());
    let form = |code: &'static str| {
        [("seen", seen_by_both.clone()), ("code", code.to_owned()), ("conference", name.clone())]
    };
    let post = |browser: &mut Browser, code| {
        let form = form(code);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        give(browser, "2009-05", &form)
    };
    assert_eq!(post(&mut holder, "HERS").status, 303);
    let refused = post(&mut owner, "MINE");
    assert_eq!(refused.status, 409, "{}", refused.text());
    let page = owner.get(&format!("{ROOM}?period=2009-05"));
    assert_eq!(codes(&page)[0], "HERS");
    // Once they have been told, and have seen the code of now, they can change it; the holder's undo then leaves it.
    let set = undo_path(&holder.get(&format!("{ROOM}?period=2009-05&changed=1")));
    let seen_now = seen(&page);
    assert_eq!(
        give(&mut owner, "2009-05", &[("seen", &seen_now), ("code", "MINE"), ("conference", &name)]).status,
        303
    );
    let left = holder.post(&set, &[]);
    let page = holder.get(left.location());
    assert!(page.text().contains("laissées telles quelles : 1."), "{}", page.text());
    assert_eq!(codes(&owner.get(&format!("{ROOM}?period=2009-05")))[0], "MINE");
    // A conference of someone else's among one's own changes nothing.
    let mixed = give(
        &mut holder,
        "2009-05",
        &[("seen", "99"), ("code", "X"), ("conference", &name), ("conference", "320026/C000001")],
    );
    assert_eq!(mixed.status, 404);
    assert_eq!(codes(&owner.get(&format!("{ROOM}?period=2009-05")))[0], "MINE");
}

#[test]
fn taking_back_says_how_many_it_left_alone() {
    let mut site = Site::start();
    let mut owner = site.signed_in("602127", OWNER);
    let page = owner.get(&format!("{ROOM}?period=2009-05"));
    let names = conferences(&page);
    let seen_now = seen(&page);
    let first = give(&mut owner, "2009-05", &[("seen", &seen_now), ("code", "ALL"), ("all", "1")]);
    let told = owner.get(first.location());
    let seen_now = seen(&told);
    let two = [("seen", &*seen_now), ("code", "TWO"), ("conference", &names[0]), ("conference", &names[7])];
    assert_eq!(give(&mut owner, "2009-05", &two).status, 303);
    let undone = owner.post(&undo_path(&told), &[]);
    let page = owner.get(undone.location());
    assert!(page.text().contains("leur code précédent : 17."), "{}", page.text());
    assert!(page.text().contains("laissées telles quelles : 2."), "{}", page.text());
    assert_eq!(codes(&page).iter().filter(|code| *code == "TWO").count(), 2);
}

#[test]
fn after_closing_codes_stand_beside_the_statement_and_enter_it_by_a_revision() {
    let mut site = Site::start();
    let mut owner = site.signed_in("602127", OWNER);
    let page = owner.get(&format!("{ROOM}?period=2009-04"));
    let (name, charges) = (conferences(&page)[0].clone(), page.table());
    let archived = site.program.path("archive/2009-04/602127/r1/account.json");
    let before = std::fs::read(&archived).unwrap();
    let seen_now = seen(&page);
    let given = give(&mut owner, "2009-04", &[("seen", &seen_now), ("code", "LATER"), ("conference", &name)]);
    let after = owner.get(given.location());
    assert!(after.text().contains("sur le relevé : "), "{}", after.text());
    assert_eq!(after.table().1.last(), charges.1.last());
    let conference = owner.get(&format!("{ROOM}/conferences/{}?period=2009-04", name.split_once('/').unwrap().1));
    assert!(
        conference.text().contains("LATER") && conference.text().contains("sur le relevé : "),
        "{}",
        conference.text()
    );
    let csv = owner.get(&format!("{ROOM}.csv?period=2009-04")).text();
    assert!(csv.lines().next().unwrap().ends_with("Code sur le relevé"), "{csv}");
    assert_eq!(std::fs::read(&archived).unwrap(), before);

    let offer = owner.post("/a/602127/statements/2009-04/revise", &[]);
    assert!(offer.text().contains("LATER"), "{}", offer.text());
    let asked = owner.post("/a/602127/statements/2009-04/revise", &[("confirmed", "1")]);
    assert_eq!(asked.status, 200, "{}", asked.text());
    let revised = site.program.path("archive/2009-04/602127/r2/account.json");
    site.running.until("the revision", || revised.exists());
    let revised: serde_json::Value = serde_json::from_slice(&std::fs::read(revised).unwrap()).unwrap();
    let original: serde_json::Value = serde_json::from_slice(&before).unwrap();
    assert_eq!(revised["totals"], original["totals"]);
    let lines = revised["lines"].as_array().unwrap();
    assert_eq!(lines.iter().filter(|line| line["billing_code"] == "LATER").count(), 1);
    assert_eq!(std::fs::read(&archived).unwrap(), before);
    // Nothing is left to revise, and not a second time within the hour.
    assert!(!owner.post("/a/602127/statements/2009-04/revise", &[]).text().contains("confirmed"));
    let page = owner.get(&format!("{ROOM}?period=2009-04"));
    assert!(!page.text().contains("sur le relevé : "), "{}", page.text());
}

#[test]
fn a_listed_account_takes_codes_of_its_list_only_and_a_mistyped_one_is_asked_back() {
    let mut site = Site::start();
    let csv = "account_number,code,label\n602127,P 17,Project\n999999,X,\n";
    let file = site.program.write("codes.csv", csv);
    assert_eq!(site.program.run(&["import", "codes", &file]).status, 3);
    let mut owner = site.signed_in("602127", OWNER);
    let list = owner.get("/a/602127/codes");
    assert!(list.text().contains("P 17"), "{}", list.text());
    let state = seen(&list);
    let page = owner.get(&format!("{ROOM}?period=2009-05"));
    let (seen_now, name) = (seen(&page), conferences(&page)[0].clone());
    let give_code = |owner: &mut Browser, code: &str| {
        give(owner, "2009-05", &[("seen", &seen_now), ("code", code), ("conference", &name)])
    };
    let almost = give_code(&mut owner, "p17");
    assert_eq!(almost.status, 422);
    assert!(almost.text().contains("P 17"), "{}", almost.text());

    let listed =
        [("policy", "listed"), ("codes", "P 17\nQ"), ("required", "1"), ("cardholders", ""), ("seen", &state)];
    assert_eq!(owner.post("/a/602127/codes", &listed).status, 200);
    assert_eq!(owner.post("/a/602127/codes", &listed).status, 409, "it was changed since it was seen");
    assert_eq!(give_code(&mut owner, "NEW").status, 422);
    assert_eq!(give_code(&mut owner, "Q").status, 303);
    let page = owner.get(&format!("{ROOM}?period=2009-05"));
    assert!(page.text().contains("18 conférences sur 19"), "{}", page.text());
    // The cardholder can no longer give codes, and sees no list.
    let mut holder = site.signed_in("332703", HOLDER);
    assert_eq!(holder.get("/a/602127/codes").status, 404);
    assert!(conferences(&holder.get(&format!("{ROOM}?period=2009-05"))).is_empty());
    assert_eq!(give_code(&mut holder, "P 17").status, 422);
}

#[test]
fn a_code_given_before_closing_is_on_the_statement() {
    let mut site = Site::start();
    let mut owner = site.signed_in("602127", OWNER);
    let page = owner.get(&format!("{ROOM}?period=2009-05"));
    let (seen_now, name) = (seen(&page), conferences(&page)[0].clone());
    assert_eq!(
        give(&mut owner, "2009-05", &[("seen", &seen_now), ("code", "MAY"), ("conference", &name)]).status,
        303
    );
    site.program.ok(&["close", "--period", "2009-05", "--as-of", "2009-06-05T12:00:00Z", "--no-send"]);
    let json = std::fs::read(site.program.path("archive/2009-05/602127/r1/account.json")).unwrap();
    let statement: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let lines = statement["lines"].as_array().unwrap();
    let coded: Vec<_> = lines.iter().filter(|line| line["billing_code"] == "MAY").collect();
    assert_eq!(coded.len(), 1);
    assert_eq!(statement["totals"]["charge"], "132.07");
    site.program.ok(&["check", "--deep"]);
}

/// The daemon dies after a change was written and before it was committed.
fn dies_in_the_middle(program: Program) {
    let place = "codes-written";
    let pauses = Pauses::new();
    program.import_sample();
    let mut site =
        Site::started(program, "", &[], |program, arguments| Running::new(pauses.command(program, arguments)));
    let mut owner = site.signed_in("602127", OWNER);
    let path = format!("{ROOM}?period=2009-05");
    let page = owner.get(&path);
    let (seen_now, names) = (seen(&page), conferences(&page));
    pauses.arm(place);
    let mut other = owner.clone();
    let (sent_seen, sent_names) = (seen_now.clone(), names.clone());
    let sent = std::thread::spawn(move || {
        let form: Vec<(&str, &str)> = [("seen", sent_seen.as_str()), ("code", "LOST")]
            .into_iter()
            .chain(sent_names.iter().map(|name| ("conference", name.as_str())))
            .collect();
        // The connection ends without an answer.
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| give(&mut other, "2009-05", &form))).is_err()
    });
    pauses.until(&mut site.running, place);
    site.running.signal("KILL");
    assert!(sent.join().unwrap());
    let Site { program, .. } = site;
    let site = Site::serving(program, "", &[]);
    let mut again = site.browser();
    again.cookies = owner.cookies.clone();
    let page = again.get(&path);
    assert_eq!(codes(&page), ["Non attribué"; 19]);
    let given = give(&mut again, "2009-05", &[("seen", &seen_now), ("code", "KEPT"), ("conference", &names[0])]);
    assert_eq!(given.status, 303, "{}", given.text());
    assert_eq!(codes(&again.get(&path)).iter().filter(|code| *code == "KEPT").count(), 1);
}

#[test]
fn a_death_in_the_middle_of_a_change_leaves_nothing_of_it() {
    dies_in_the_middle(Program::new());
}

#[tokio::test]
async fn a_death_in_the_middle_of_a_change_leaves_nothing_of_it_on_postgres() {
    let url = postgres::new_database().await;
    tokio::task::spawn_blocking(move || dies_in_the_middle(Program::on(&url, ""))).await.unwrap();
}
