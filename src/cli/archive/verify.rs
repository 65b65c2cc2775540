//! `archive verify`: is everything there, and as it was written?

use clap::Args;
use serde::Serialize;

use super::{Exit, Table, print, print_json};
use crate::app::App;
use crate::archive::Finding;
use crate::domain::{AccountNumber, Period};
use crate::jobs::{VerifiedMonth, verify_archive};

#[derive(Debug, Args)]
#[command(after_help = "\
Exit status 3: something is missing, changed or unexpected; \"statementd archive restore\" rebuilds what is lost.
The manifest's digest pins every file of its month: keep it elsewhere, and nothing can change unseen.

Examples:
  statementd archive verify --period 2009-05
  statementd archive verify --account 602127")]
pub struct VerifyArgs {
    /// By default all months, and what else lies in the archive
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Option<Period>,
    /// Only this account's statements; by default also tables of contents, and what belongs to nothing
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Serialize)]
struct Verified {
    statements: u64,
    objects: u64,
    bytes: u64,
    findings: Vec<Finding>,
    months: Vec<VerifiedMonth>,
}

pub(super) async fn verify(app: &App, args: VerifyArgs) -> anyhow::Result<Exit> {
    let report = verify_archive(&app.context, args.period, args.account.as_ref()).await?;
    let sum = |count: fn(&VerifiedMonth) -> u64| report.months.iter().map(count).sum::<u64>();
    let verified = Verified {
        statements: sum(|month| month.statements),
        objects: sum(|month| month.objects),
        bytes: sum(|month| month.bytes),
        findings: report.findings,
        months: report.months,
    };
    if args.json {
        print_json(&verified)?;
    } else {
        print(verified.render())?;
    }
    Ok(Exit::attention_if(!verified.findings.is_empty()))
}

impl Verified {
    fn render(&self) -> String {
        let mut table =
            Table::new(&["PERIOD", ">STATEMENTS", ">UNPUBLISHED", ">OBJECTS", ">BYTES", "MANIFEST SHA-256"]);
        for month in &self.months {
            table.row([
                month.period.to_string(),
                month.statements.to_string(),
                month.unpublished.to_string(),
                month.objects.to_string(),
                month.bytes.to_string(),
                month.manifest_sha256.map(|digest| digest.to_string()).unwrap_or_default(),
            ]);
        }
        let findings = self.findings.iter().map(|finding| format!("{:10}  {}", finding.problem, finding.key));
        let summary = format!(
            "{} statements verified, {} objects, {} bytes, {} problems",
            self.statements,
            self.objects,
            self.bytes,
            self.findings.len()
        );
        let tables = (!table.is_empty()).then(|| table.render());
        tables.into_iter().chain(findings).chain([summary]).collect::<Vec<_>>().join("\n")
    }
}
