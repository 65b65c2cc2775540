//! Usage as bridges write it: what a reader prints, and service types found by the number that was dialled.

use crate::support::{AFTER_MAY, Program, csv};

const TARIFFS: &str = csv!(
    tariffs,
    "BASE,LOCAL,Local access,EUR,0.09,1,0,2009-01-01",
    "BASE,TOLLFREE,Toll-free access,EUR,0.15,1,0,2009-01-01"
);
const ACCOUNTS: &str = csv!(accounts, "602127,MeetingOne Phoenix,EUR,Europe/Paris,fr-FR,BASE,,a@x.example");
const ROOMS: &str = csv!(rooms, "332703,602127,Mariline BALLESTER,,,true");
const USAGE: &str = csv!(
    usage + "access_number",
    "L1,C1,332703,,2009-05-06T10:00:00Z,2009-05-06T10:10:00Z,,,+33 1 99 00 10 00",
    "L2,C1,332703,TOLLFREE,2009-05-06T10:00:00Z,2009-05-06T10:10:00Z,,,33199001000",
    "L3,C1,332703,,2009-05-06T10:00:00Z,2009-05-06T10:10:00Z,,,1800"
);

fn installed(extra: &str) -> Program {
    let program = Program::with(extra);
    for (kind, text) in [("tariffs", TARIFFS), ("accounts", ACCOUNTS), ("rooms", ROOMS)] {
        program.ok(&["import", kind, &program.write(&format!("{kind}.csv"), text)]);
    }
    program
}

#[test]
fn a_leg_without_a_service_type_has_that_of_its_number_once_the_number_is_known() {
    let program = installed("");
    let usage = program.write("usage.csv", USAGE);
    let imported = program.run(&["import", "usage", &usage]);
    assert_eq!(imported.status, 3, "{}", imported.stderr);
    assert!(imported.stdout.contains("3 rows, 1 stored, 2 rejected"), "{}", imported.stdout);

    let numbers = csv!(numbers, "33199001000,LOCAL,2009-01-01", "1800*,TOLLFREE,2009-05-07");
    program.ok(&["import", "access-numbers", &program.write("numbers.csv", numbers)]);
    let retried = program.run(&["import", "retry"]);
    assert_eq!(retried.status, 3, "one number is valid from the next day on only: {}", retried.stdout);
    let numbers = csv!(numbers, "18*,TOLLFREE,2009-01-01");
    program.ok(&["import", "access-numbers", &program.write("numbers.csv", numbers)]);
    program.ok(&["import", "retry"]);

    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    let statement = std::fs::read(program.archive().join("2009-05/602127/r1/account.json")).unwrap();
    let statement: serde_json::Value = serde_json::from_slice(&statement).unwrap();
    let lines: Vec<_> = statement["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (&line["service_type"], &line["quantity"]))
        .collect();
    assert_eq!(serde_json::json!(lines), serde_json::json!([["LOCAL", 1], ["TOLLFREE", 2]]));
}

#[test]
fn an_access_number_of_a_service_type_that_nothing_prices_is_rejected() {
    let program = installed("");
    let numbers = csv!(numbers, "33199001000,FAX,2009-01-01", "x,LOCAL,2009-01-01");
    let refused = program.run(&["import", "access-numbers", &program.write("numbers.csv", numbers)]);
    assert_eq!(refused.status, 1, "{}", refused.stdout);
    assert!(refused.stdout.contains("2 rejected"), "{}", refused.stdout);
}

#[test]
fn convert_prints_the_rows_that_a_source_of_the_configuration_gives_and_stores_nothing() {
    let program = installed(
        "[[intake]]\nname = \"pbx\"\nreader = \"delimited\"\nseparator = \"|\"\ntimes = \"epoch\"\ndefault = \"LOCAL\"\n\
         map = { leg_id = \"{id}\", conference_id = \"{c}\", room = \"{room}\", joined_at = \"{from}\", left_at = \"{to}\", \
         access_number = \"{did}\" }\nwhen = { app = [\"conf\"] }",
    );
    let file = program.write(
        "pbx.txt",
        "id|c|room|from|to|did|app\nL1|C1|332703|1241604862|1241604922|1800|conf\nL2|C1|332703|1|2||voicemail\n",
    );
    let numbers = csv!(numbers, "1800*,TOLLFREE,2009-01-01");
    program.ok(&["import", "access-numbers", &program.write("numbers.csv", numbers)]);
    let run = program.run(&["import", "convert", "--reader", "pbx", &file]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(run.stdout, csv!(usage, "L1,C1,332703,TOLLFREE,2009-05-06T10:14:22Z,2009-05-06T10:15:22Z,,"));
    assert!(run.stderr.contains("1 skipped: another app"), "{}", run.stderr);
    assert_eq!(program.json(&["status", "--json"])["periods"], serde_json::json!([]));

    let unknown = program.run(&["import", "convert", "--reader", "avaya", &file]);
    assert_eq!(unknown.status, 1);
    assert!(unknown.stderr.contains("freeswitch-conference"), "{}", unknown.stderr);
}

const EVENTS: &str = "eventtype,eventtime,cidnum,ciddnid,appname,appdata,accountcode,uniqueid,eventextra";

fn event(what: &str, time: &str, channel: &str) -> String {
    let extra = r#""{""bridge_id"":""B1""}""#;
    format!("{what},{time},33199000101,33199001000,ConfBridge,332703,0042,{channel},{extra}\n")
}

#[test]
fn usage_of_a_bridge_is_imported_by_its_reader_and_what_waits_for_its_end_waits_across_files() {
    let columns = EVENTS.split(',').map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let program = installed(&format!(
        "[[intake]]\nname = \"pbx\"\nreader = \"asterisk-cel\"\ndefault = \"LOCAL\"\ncolumns = [{columns}]"
    ));
    let first = [event("BRIDGE_ENTER", "1241604862.1", "a"), event("BRIDGE_ENTER", "1241604862.2", "b")].concat();
    let first = program.write("1.csv", format!("{first}{}", event("BRIDGE_EXIT", "1241605000.0", "a")));
    let second = program.write("2.csv", event("BRIDGE_EXIT", "1241605000.0", "b"));
    let outcome = program.json(&["import", "usage", "--reader", "pbx", "--json", &first]);
    assert_eq!((&outcome[0]["stored"], &outcome[0]["waiting"]), (&1.into(), &1.into()), "{outcome}");
    let outcome = program.json(&["import", "usage", "--reader", "pbx", "--json", &second, &first]);
    assert_eq!((&outcome[0]["stored"], &outcome[0]["waiting"]), (&1.into(), &0.into()), "{outcome}");
    assert_eq!(outcome[1]["duplicates"], 1, "{outcome}");
}

#[test]
fn what_a_reader_refuses_is_kept_with_its_file_and_line_and_tried_again() {
    let program = installed(
        "[[intake]]\nname = \"cloud\"\nreader = \"json\"\ntimes = \"epoch\"\n\
         map = { leg_id = \"{id}\", conference_id = \"{c}\", room = \"{r}\", joined_at = \"{t}\", duration = \"{s}\", \
         access_number = \"{n}\" }",
    );
    let item = |id: &str, number: &str| {
        format!(r#"{{"id":"{id}","c":"C","r":"332703","t":1241604862,"s":60,"n":"{number}"}}"#)
    };
    let text = format!("{}\n{{\"id\": oops}}\n{}\n", item("L1", "1800"), item("L2", "1900"));
    let file = program.write("legs.jsonl", text);
    let imported = program.run(&["import", "usage", "--reader", "cloud", &file]);
    assert_eq!(imported.status, 1, "{}", imported.stderr);
    let rejects = program.json(&["import", "rejects", "list", "--json"]);
    let lines: Vec<_> = rejects.as_array().unwrap().iter().map(|row| &row["line"]).collect();
    assert_eq!(serde_json::json!(lines), serde_json::json!([1, 3, 2]), "{rejects}");
    assert!(rejects.as_array().unwrap().iter().all(|row| row["file"].as_str().unwrap().ends_with("legs.jsonl")));
    let numbers = csv!(numbers, "18*,TOLLFREE,2009-01-01", "19*,LOCAL,2009-01-01");
    program.ok(&["import", "access-numbers", &program.write("numbers.csv", numbers)]);
    let retried = program.json(&["import", "retry", "--json"]);
    assert_eq!((&retried["stored"], &retried["rejected"]), (&2.into(), &1.into()), "{retried}");
}

#[test]
fn a_row_with_a_line_break_in_a_value_is_refused_like_any_other_and_costs_no_other() {
    let program = installed(
        "[[intake]]\nname = \"table\"\nreader = \"delimited\"\ntimes = \"epoch\"\n\
         map = { leg_id = \"{id}\", conference_id = \"C\", room = \"{r}\", joined_at = \"{t}\", duration = \"{s}\", \
         access_number = \"{n}\" }",
    );
    let numbers = csv!(numbers, "18*,TOLLFREE,2009-01-01");
    program.ok(&["import", "access-numbers", &program.write("numbers.csv", numbers)]);
    // A quotation mark that was not closed where it should be.
    let text = "id,r,t,s,n\nL1,332703,1241604862,60,1800\nL2,\"3\n3\",1241604862,60,1800\n";
    let file = program.write("legs.csv", text);
    program.run(&["import", "usage", "--reader", "table", &file]);
    let rejects = program.json(&["import", "rejects", "list", "--json"]);
    assert_eq!(rejects.as_array().unwrap().len(), 1, "{rejects}");
    assert!(rejects[0]["reason"].as_str().unwrap().contains("line break inside a text"), "{rejects}");
    assert!(rejects[0]["key"].as_str().unwrap().contains("L2"), "a mended record settles it: {rejects}");
}

#[test]
fn an_access_number_is_judged_on_the_day_that_it_is_where_the_account_is() {
    let program = installed("");
    let numbers = csv!(numbers, "1800,TOLLFREE,2009-05-07", "1800,LOCAL,2009-01-01");
    program.ok(&["import", "access-numbers", &program.write("numbers.csv", numbers)]);
    let usage = csv!(usage + "access_number", "L1,C1,332703,,2009-05-06T22:30:00Z,2009-05-06T22:40:00Z,,,1800");
    let usage = program.write("usage.csv", usage);
    program.ok(&["import", "usage", &usage]);
    let legs = program.ok(&["usage", "list", "--room", "332703"]);
    assert!(legs.contains("TOLLFREE"), "half past midnight of the 7th in Paris\n{legs}");
}
