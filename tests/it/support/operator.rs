//! The real program on either engine, with an account of two rooms billed from October 2026 on.

use std::path::PathBuf;

use serde_json::Value;
use statementd::store::Store;

use super::database::Database;
use super::{Program, Run, csv};

pub const TARIFFS: &str = csv!(tariffs, "BASE,LOCAL,Local access,EUR,0.09,1,0,2009-01-01");
pub const ACCOUNTS: &str = csv!(accounts, "700001,Example Ltd,EUR,Europe/Paris,fr-FR,BASE,Owner,owner@one.example");
pub const ROOMS: &str =
    csv!(rooms, "400001,700001,Ann One,ann@one.example,,true", "400002,700001,Bob Two,,DESK,true");

pub struct Operator {
    program: Program,
    database: Database,
}

impl Operator {
    pub const USAGE: &str = csv!(heading usage);

    pub fn new(database: Database) -> Self {
        Self::with(database, "")
    }

    /// `extra` is appended to the configuration.
    pub fn with(database: Database, extra: &str) -> Self {
        let operator = Self { program: Program::on(&database.url, extra), database };
        for (kind, text) in [("tariffs", TARIFFS), ("accounts", ACCOUNTS), ("rooms", ROOMS)] {
            let report = operator.import(kind, &format!("{kind}.csv"), text);
            assert_eq!(report["rejected"], 0, "{report}");
        }
        operator
    }

    /// Writes a file and imports it; returns its report, which may speak of rejected rows.
    pub fn import(&self, kind: &str, name: &str, content: impl AsRef<[u8]>) -> Value {
        let file = self.program.write(name, content);
        self.json(&["import", kind, "--json", &file])[0].take()
    }

    /// Like [`Self::import`], as people see it.
    pub fn try_import(&self, kind: &str, name: &str, content: impl AsRef<[u8]>) -> Run {
        let file = self.program.write(name, content);
        self.run(&["import", kind, &file])
    }

    pub fn usage(&self, name: &str, rows: &[&str]) -> Value {
        self.import("usage", name, format!("{}\n{}\n", Self::USAGE, rows.join("\n")))
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        self.program.run(arguments)
    }

    pub fn ok(&self, arguments: &[&str]) -> String {
        self.program.ok(arguments)
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        self.program.json(arguments)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.program.path(name)
    }

    pub fn url(&self) -> String {
        self.database.url.clone()
    }

    pub fn program(&self) -> &Program {
        &self.program
    }

    pub fn store(&self) -> &Store {
        &self.database.store
    }

    /// What the waiting rejected rows are about.
    pub fn waiting(&self) -> Vec<String> {
        let listed = self.json(&["import", "rejects", "list", "--json"]);
        let keys = listed.as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap_or_default().to_owned());
        keys.collect()
    }

    pub fn close(&self, period: &str, as_of: &str) -> Run {
        self.run(&["close", "--period", period, "--as-of", as_of])
    }

    /// `account.json` of a revision of the account's month.
    pub fn statement(&self, period: &str, revision: u32) -> Value {
        let path = format!("{period}/700001/r{revision}/account.json");
        let text = std::fs::read_to_string(self.program.archive().join(&path));
        serde_json::from_str(&text.unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap()
    }
}
