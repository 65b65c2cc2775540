//! What tariffs call a service in the languages of their customers.

use std::io::Read as _;

use serde_json::Value;

use crate::support::csv;
use crate::support::database::{Database, on_each_engine};
use crate::support::operator::Operator;

on_each_engine!(
    a_service_is_called_as_the_account_speaks_in_every_file_and_mail,
    a_file_changes_the_labels_that_it_names,
    an_unknown_language_is_refused_by_name,
);

const HEADER: &str = csv!(heading tariffs);
const ROW: &str = "BASE,LOCAL,Local access,EUR,0.09,1,0,2009-01-01";
const ACCOUNTS: &str = csv!(accounts);
const LEG: &str = "L1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,";

fn tariffs(operator: &Operator, languages: &str, labels: &str) -> Value {
    operator.import("tariffs", "tariffs.csv", format!("{HEADER}{languages}\n{ROW}{labels}\n"))
}

/// The account's page as it would be in a locale.
fn page(operator: &Operator, locale: &str) -> String {
    let row = format!("{ACCOUNTS}700001,Example Ltd,EUR,Europe/Paris,{locale},BASE,Owner,owner@one.example\n");
    operator.import("accounts", "accounts.csv", row);
    let folder = operator.path("preview");
    let _ = std::fs::remove_dir_all(&folder);
    let out = folder.display().to_string();
    operator.ok(&["preview", "--period", "2026-10", "--account", "700001", "--out", &out]);
    std::fs::read_to_string(folder.join("account.html")).unwrap()
}

async fn a_service_is_called_as_the_account_speaks_in_every_file_and_mail(database: Database) {
    let operator = Operator::new(database);
    tariffs(&operator, ",label.fr,label.fr-CA", ",Accès local,Accès d’ici");
    operator.usage("a.csv", &[LEG]);
    for (locale, label) in [("fr-CA", "Accès d’ici"), ("de-AT", "Local access"), ("fr-FR", "Accès local")] {
        assert!(page(&operator, locale).contains(label), "{locale}");
    }
    operator.close("2026-10", "2026-11-05T06:00:00Z");
    let folder = operator.path("archive/2026-10/700001/r1");
    for page in ["account.html", "rooms/400001.html"] {
        let page = std::fs::read_to_string(folder.join(page)).unwrap();
        assert!(page.contains("Accès local") && !page.contains("Local access"), "{page}");
    }
    let workbook = std::fs::File::open(folder.join("account.xlsx")).unwrap();
    let mut parts = zip::ZipArchive::new(workbook).unwrap();
    let mut texts = String::new();
    for index in 0..parts.len() {
        let mut part = parts.by_index(index).unwrap();
        if part.name().is_ok_and(|name| name.ends_with(".xml")) {
            part.read_to_string(&mut texts).unwrap();
        }
    }
    assert!(texts.contains("Accès local") && !texts.contains("Local access"));
}

async fn a_file_changes_the_labels_that_it_names(database: Database) {
    let operator = Operator::new(database);
    let again = tariffs(&operator, ",label.fr,label.nl", ",Accès local,Lokaal");
    assert_eq!((&again["stored"], &again["duplicates"]), (&1.into(), &0.into()), "a new label is a change: {again}");
    assert_eq!(tariffs(&operator, ",label.fr,label.nl", ",Accès local,Lokaal")["duplicates"], 1);
    operator.usage("a.csv", &[LEG]);
    assert_eq!(tariffs(&operator, "", "")["duplicates"], 1, "without the column they stay");
    assert!(page(&operator, "fr-FR").contains("Accès local"));
    assert_eq!(tariffs(&operator, ",label.fr", ",")["stored"], 1, "an empty one is taken away");
    assert!(page(&operator, "fr-FR").contains("Local access"));
    assert!(page(&operator, "nl-BE").contains("Lokaal"));
}

async fn an_unknown_language_is_refused_by_name(database: Database) {
    let operator = Operator::new(database);
    let report = tariffs(&operator, ",label.qx", ",Accès local");
    assert_eq!(report["rejected"], 1, "{report}");
    let listed = operator.json(&["import", "rejects", "list", "--json"]);
    let reason = listed[0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("label.qx is for no one: language qx is not known"), "{reason}");
    tariffs(&operator, ",label.fr", ",Accès local");
    assert!(operator.waiting().is_empty(), "the mended heading settles it");
    let twice = operator.try_import("tariffs", "twice.csv", format!("{HEADER},label.fr,label.fr\n{ROW},A,B\n"));
    assert_eq!(twice.status, 1);
    assert!(twice.stderr.contains("names column label.fr twice"), "{}", twice.stderr);
}
