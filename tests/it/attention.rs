//! What needs a person is decided once: everything that shows it shows the same, in the same words, and on one
//! screen.

use crate::http::Served;
use crate::notices::{notices, read};
use crate::support::{Program, csv};

const AS_OF: &str = "2009-06-10T06:00:00Z";

/// An account whose tariff is not there, a rejected row, and mail that a person holds back.
fn program_with_problems() -> Program {
    let program = Program::with("operations.notify = [\"ops@operator.example\"]");
    program.import_sample();
    let header = csv!(accounts);
    let account = "700001,Ohne Tarif,EUR,Europe/Berlin,de-DE,NO-SUCH,Buchhaltung,buch@ohne.example\n";
    program.ok(&["import", "accounts", &program.write("a.csv", format!("{header}{account}"))]);
    let header = csv!(rooms);
    let room = "700100,700001,Jürgen,juergen@ohne.example,,true\n";
    program.ok(&["import", "rooms", &program.write("r.csv", format!("{header}{room}"))]);
    let header = csv!(usage);
    let legs = "X-1,X,700100,WEB,2009-05-04T10:00:00Z,2009-05-04T10:30:00Z,,\n\
                X-2,X,999,WEB,2009-05-04T10:00:00Z,2009-05-04T10:30:00Z,,\n";
    program.run(&["import", "usage", &program.write("u.csv", format!("{header}{legs}"))]);
    program
}

#[test]
fn status_page_metrics_and_mail_say_the_same_in_the_same_words() {
    let program = program_with_problems();
    let mut daemon = Served::start(&program, "", &["--as-of", AS_OF]);
    daemon.until("/", |page| page.body.contains("accepted 16") && page.body.contains("700001"));
    daemon.running.until("the daily mail", || !notices(&program, "daily-").is_empty());
    let status = program.json(&["status", "--json", "--as-of", AS_OF]);
    let items = status["attention"]["items"].as_array().unwrap();
    let topics: Vec<_> = items.iter().map(|item| item["topic"].as_str().unwrap()).collect();
    assert_eq!(topics, ["parked", "rejected"], "{status:#}");
    let text = program.run(&["status", "--as-of", AS_OF]).stdout;
    let (page, metrics) = (daemon.get("/").body, daemon.get("/metrics").body);
    let (_, mail, _) = read(&notices(&program, "daily-")[0]);
    // Mail is wrapped, and a page escapes.
    let plain = |text: &str| text.replace("&quot;", "\"").split_whitespace().collect::<Vec<_>>().join(" ");
    for item in items {
        let detail = item["detail"].as_str().unwrap();
        for shown in [&text, &page, &mail] {
            assert!(plain(shown).contains(&plain(detail)), "{detail:?} is not in\n{shown}");
        }
        let topic = item["topic"].as_str().unwrap();
        let counted = format!("statementd_attention{{topic=\"{topic}\"}} 1\n");
        assert!(metrics.contains(&counted), "{counted} is not in\n{metrics}");
    }
    assert!(text.starts_with("Needs attention (2):\n"), "what needs a person comes first:\n{text}");
}

#[test]
fn status_fits_one_screen_at_any_age_and_tells_all_on_request() {
    let program = Program::new();
    program.import_sample();
    let as_of = "2013-02-05T06:00:00Z";
    program.run(&["close", "--period", "2012-12", "--as-of", as_of]);
    let short = program.run(&["status", "--as-of", as_of]).stdout;
    assert!(short.lines().count() <= 24, "{short}");
    for line in ["2009  ", "2011  ", "2012-03", "2012-12"] {
        assert!(short.lines().any(|shown| shown.starts_with(line)), "{line} is not in\n{short}");
    }
    assert!(!short.contains("2011-03"), "{short}");
    let all = program.run(&["status", "--all", "--as-of", as_of]).stdout;
    assert!(all.contains("2009-02") && all.contains("2011-03") && all.lines().count() > 45, "{all}");
    let one = program.run(&["status", "--period", "2011-03", "--as-of", as_of]).stdout;
    assert!(one.contains("2011-03") && !one.contains("2011-04"), "{one}");
    let json = program.json(&["status", "--json", "--as-of", as_of]);
    assert_eq!(json["periods"].as_array().unwrap().len(), 48, "47 closed months, one open");
}

#[test]
fn status_of_an_account_tells_of_nothing_else() {
    let program = program_with_problems();
    program.run(&["close", "--period", "2009-05", "--as-of", AS_OF]);
    let of = |account: &str| {
        let run = program.run(&["status", "--json", "--account", account, "--as-of", AS_OF]);
        (run.status, serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap())
    };
    let accounts = |status: &serde_json::Value| {
        let rows = status["periods"].as_array().unwrap();
        rows.iter().map(|row| row["account"].as_str().unwrap().to_owned()).collect::<std::collections::BTreeSet<_>>()
    };
    let (_, good) = of("602127");
    assert_eq!(accounts(&good).into_iter().collect::<Vec<_>>(), ["602127"]);
    assert!(!good["attention"].to_string().contains("700001"), "{good:#}");
    assert_eq!(good["deliveries"]["accepted"], 16);
    let (exit, bad) = of("700001");
    assert_eq!((exit, &bad["attention"]["items"][0]["topic"]), (3, &serde_json::json!("parked")), "{bad:#}");
    assert_eq!(bad["deliveries"], serde_json::json!({}));
    let text = program.run(&["status", "--account", "700001", "--as-of", AS_OF]).stdout;
    assert!(text.contains("2009-05") && !text.contains("602127"), "{text}");
    let (exit, unknown) = of("999999");
    assert_eq!(exit, 1);
    assert!(unknown["error"].as_str().unwrap().contains("999999"), "{unknown}");
}
