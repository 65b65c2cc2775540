//! Checking the archive: every object read back against the manifests, and those against the database.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use crate::archive::{
    EXPIRED, Finding, MonthManifest, MonthObject, PROBE, Problem, RERUNS, Readback, StatementFolder, verify_listed,
    verify_object,
};
use crate::digest::Sha256;
use crate::domain::{AccountNumber, Period};
use crate::jobs::archive::fetch::statement_folder;
use crate::jobs::archive::month_files::{Since, since};
use crate::jobs::publish::month_index::pinned_statements;
use crate::jobs::{Context, JobError, known_account};
use crate::pause_points;
use crate::store::{ArchiveMonth, Stage, StatementFilter, StatementRow};

/// Statements read at once: enough to keep a disk, or a network, busy.
const STATEMENTS_AT_ONCE: usize = 16;
/// How often a month's own objects are read while they keep being made anew.
const LOOKS: u32 = 5;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Oldest first.
    pub months: Vec<VerifiedMonth>,
    /// Ordered by key.
    pub findings: Vec<Finding>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifiedMonth {
    pub period: Period,
    pub statements: u64,
    /// Frozen, not yet in the archive.
    pub unpublished: u64,
    /// That were read.
    pub objects: u64,
    pub bytes: u64,
    /// Pins every file of every statement of the month.
    pub manifest_sha256: Option<Sha256>,
}

/// Reads the objects of `period`, or of the whole archive; or of one account's statements alone.
pub async fn verify_archive(
    context: &Context,
    period: Option<Period>,
    account: Option<&AccountNumber>,
) -> Result<VerifyReport, JobError> {
    let mut tx = context.store.read().await?;
    if let Some(account) = account {
        known_account(&mut tx, account).await?;
    }
    let known = tx.statements().statement_periods().await?;
    drop(tx);
    if let Some(period) = period.filter(|period| !known.contains(period)) {
        return Err(JobError::NoSuchMonth(period));
    }
    let mut report = VerifyReport::default();
    for month in known.iter().filter(|month| period.is_none_or(|period| period == **month)) {
        let (verified, findings) = verify_month(context, *month, account).await?;
        report.months.push(verified);
        report.findings.extend(findings);
    }
    if period.is_none() && account.is_none() {
        report.findings.extend(unexpected_objects(context, &known).await?);
    }
    report.findings.sort();
    Ok(report)
}

async fn verify_month(
    context: &Context,
    period: Period,
    account: Option<&AccountNumber>,
) -> Result<(VerifiedMonth, Vec<Finding>), JobError> {
    // Listed before the database is read: what is published in between is then known, and read by its manifest.
    let mut listed = MonthKeys::of(context, period).await?;
    if let Some(account) = account {
        listed.keep_account(account);
    }
    let filter = StatementFilter { period: Some(period), account: account.cloned() };
    let mut tx = context.store.read().await?;
    let rows = tx.statements().statement_rows(&filter).await?;
    let leaving: HashSet<_> =
        tx.retention().leaving_statements().await?.into_iter().map(|statement| statement.key).collect();
    drop(tx);
    let mut published = Vec::new();
    for row in &rows {
        let folder = statement_folder(row);
        let keys = listed.statements.remove(&folder);
        match (row.stage, &row.publication) {
            (Stage::Published, Some(publication)) => {
                published.push((folder, publication.manifest_sha256, keys.unwrap_or_default()));
            }
            // What has expired should be gone, unless it is being deleted now.
            (Stage::Expired, _) if !leaving.contains(&row.key) => listed.loose.extend(keys.unwrap_or_default()),
            _ => {}
        }
    }
    let statements = published.len() as u64;
    pause_points::reach("before-a-month-is-read").await;
    let mut total = verify_statements(context, published).await?;
    // Read anew, since the statements may have taken minutes.
    let (month, now) = month_and_statements(context, &filter).await?;
    let left: BTreeSet<_> = now.iter().filter(|row| row.stage == Stage::Expired).map(statement_folder).collect();
    total.findings.retain(|finding| StatementFolder::split(&finding.key).is_none_or(|(of, _)| !left.contains(&of)));
    // The month's own objects are of all accounts.
    if account.is_none() {
        total.merge(verify_own_objects(context, period).await?);
    }
    for object in MonthObject::ALL {
        listed.loose.retain(|key| *key != object.key(period));
    }
    listed.loose.extend(listed.statements.into_values().flatten());
    total.findings.extend(unexpected(context, listed.loose).await?);
    let verified = VerifiedMonth {
        period,
        statements,
        unpublished: rows.iter().filter(|row| matches!(row.stage, Stage::Frozen | Stage::Failed)).count() as u64,
        objects: total.objects,
        bytes: total.bytes,
        manifest_sha256: month.and_then(|month| month.digests.manifest),
    };
    Ok((verified, total.findings))
}

/// A month's row, which is not there before its first statement is published, and the statements of the same moment.
async fn month_and_statements(
    context: &Context,
    filter: &StatementFilter,
) -> Result<(Option<ArchiveMonth>, Vec<StatementRow>), JobError> {
    let mut tx = context.store.read().await?;
    let months = tx.archive_months().list().await?;
    let rows = tx.statements().statement_rows(filter).await?;
    Ok((months.into_iter().find(|month| Some(month.period) == filter.period), rows))
}

/// Reads published statements back; each comes with its manifest's digest and the keys that were listed in its folder.
async fn verify_statements(
    context: &Context,
    published: Vec<(StatementFolder, Sha256, Vec<String>)>,
) -> Result<Readback, JobError> {
    let mut total = Readback::default();
    // Each owns what it reads: one that borrowed could run on no other thread.
    let reads = published.into_iter().map(|(folder, sha256, keys)| (context.archive.clone(), folder, sha256, keys));
    let reads = reads.map(|(archive, folder, sha256, keys)| async move {
        verify_listed(&archive, &folder, sha256, keys.into_iter()).await
    });
    let mut reads = stream::iter(reads).buffer_unordered(STATEMENTS_AT_ONCE);
    while let Some(readback) = reads.try_next().await? {
        total.merge(readback);
    }
    Ok(total)
}

/// What to run about a finding.
pub fn what_to_run(period: Period, finding: &Finding) -> String {
    match (finding.problem, StatementFolder::split(&finding.key)) {
        (Problem::Unexpected, _) => "No manifest names it: look at it, and take it away by hand".to_owned(),
        (_, Some((folder, _))) => {
            format!("statementd archive restore --period {period} --account {}", folder.id.account)
        }
        (_, None) => format!("statementd archive index --period {period}"),
    }
}

/// Reads a month's table of contents, manifest and log. What is made again meanwhile, or is about to be, may differ;
/// that it is missing is found all the same.
pub(crate) async fn verify_own_objects(context: &Context, period: Period) -> Result<Readback, JobError> {
    let filter = StatementFilter { period: Some(period), account: None };
    for look in 1.. {
        let (Some(month), rows) = month_and_statements(context, &filter).await? else { break };
        let mut read = read_own_objects(context, &month, &rows).await?;
        if read.findings.is_empty() {
            return Ok(read);
        }
        match since(context, &month).await? {
            Since::Nothing => return Ok(read),
            Since::Changed if look < LOOKS => {}
            Since::Changed | Since::BeingMade => {
                read.findings.retain(|finding| finding.problem == Problem::Missing);
                return Ok(read);
            }
        }
    }
    Ok(Readback::default())
}

/// `month` and `rows` are of one moment.
async fn read_own_objects(
    context: &Context,
    month: &ArchiveMonth,
    rows: &[StatementRow],
) -> Result<Readback, JobError> {
    let mut total = Readback::default();
    if month.generation > month.shown_generation {
        return Ok(total);
    }
    let shows_mail = month.deliveries_changed <= month.deliveries_shown;
    let expected = [
        (MonthObject::Csv, month.digests.csv, shows_mail),
        (MonthObject::Html, month.digests.html, shows_mail),
        (MonthObject::Manifest, month.digests.manifest, true),
        (MonthObject::Expired, month.digests.expired, true),
    ];
    for (object, sha256, stays) in expected {
        if let Some(sha256) = sha256 {
            let mut read = verify_object(&context.archive, &object.key(month.period), sha256).await?;
            read.findings.retain(|finding| stays || finding.problem == Problem::Missing);
            total.merge(read);
        }
    }
    let pinned = pinned_statements(rows);
    let unwritable =
        |error: serde_json::Error| crate::jobs::publish::month_index::bad_month_manifest(month.period, &error);
    let sha256 = Sha256::of(&MonthManifest::new(month.period, pinned).to_bytes().map_err(unwritable)?);
    if month.digests.manifest.is_some_and(|written| written != sha256) {
        let key = MonthObject::Manifest.key(month.period);
        total.findings.push(Finding { key, problem: Problem::Changed });
    }
    Ok(total)
}

/// A month's objects that belong to no statement that is in the archive, or on its way there, and not to the month
/// itself.
pub(crate) async fn unexpected_in_month(context: &Context, period: Period) -> Result<Vec<String>, JobError> {
    let mut listed = MonthKeys::of(context, period).await?;
    let mut tx = context.store.read().await?;
    let rows = tx.statements().statement_rows(&StatementFilter { period: Some(period), account: None }).await?;
    let leaving: HashSet<_> =
        tx.retention().leaving_statements().await?.into_iter().map(|statement| statement.key).collect();
    drop(tx);
    for row in rows.iter().filter(|row| row.stage != Stage::Expired || leaving.contains(&row.key)) {
        listed.statements.remove(&statement_folder(row));
    }
    for object in MonthObject::ALL {
        listed.loose.retain(|key| *key != object.key(period));
    }
    listed.loose.extend(listed.statements.into_values().flatten());
    Ok(unexpected(context, listed.loose).await?.into_iter().map(|finding| finding.key).collect())
}

/// Objects that belong to no month that this database knows.
async fn unexpected_objects(context: &Context, months: &[Period]) -> Result<Vec<Finding>, JobError> {
    let (folders, mut keys) = context.archive.top_level().await?;
    for folder in folders {
        let is_known = folder.parse().is_ok_and(|period: Period| months.contains(&period));
        if !is_known && folder != RERUNS {
            keys.extend(context.archive.list(&folder).await?.into_iter().map(|(key, _)| key));
        }
    }
    let logs: BTreeSet<_> = months.iter().map(|month| MonthObject::Expired.key(*month)).collect();
    keys.retain(|key| key != PROBE && !(key.starts_with(EXPIRED) && logs.contains(key)));
    unexpected(context, keys).await
}

/// Of the listed objects that belong to nothing, those that are still there.
async fn unexpected(context: &Context, keys: Vec<String>) -> Result<Vec<Finding>, JobError> {
    let mut findings = Vec::new();
    for key in keys {
        if context.archive.digest(&key).await?.is_some() {
            findings.push(Finding { key, problem: Problem::Unexpected });
        }
    }
    Ok(findings)
}

/// A month's keys by statement.
struct MonthKeys {
    statements: BTreeMap<StatementFolder, Vec<String>>,
    /// Those of no statement.
    loose: Vec<String>,
}

impl MonthKeys {
    fn keep_account(&mut self, account: &AccountNumber) {
        self.statements.retain(|folder, _| folder.id.account == *account);
        self.loose.clear();
    }

    async fn of(context: &Context, period: Period) -> Result<Self, JobError> {
        let mut listing = Self { statements: BTreeMap::new(), loose: Vec::new() };
        for (key, _) in context.archive.list(&period.to_string()).await? {
            match StatementFolder::split(&key) {
                Some((folder, _)) => listing.statements.entry(folder).or_default().push(key),
                None => listing.loose.push(key),
            }
        }
        Ok(listing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_names_what_to_run() {
        let period: Period = "2009-04".parse().unwrap();
        let run = |key: &str, problem| what_to_run(period, &Finding { key: key.into(), problem });
        assert_eq!(
            run("2009-04/602127/r1/account.html", Problem::Changed),
            "statementd archive restore --period 2009-04 --account 602127"
        );
        assert_eq!(run("2009-04/index.csv", Problem::Missing), "statementd archive index --period 2009-04");
        assert!(run("2009-04/602127/r1/notes.txt", Problem::Unexpected).contains("by hand"));
    }
}
