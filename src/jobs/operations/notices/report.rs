//! After each month's closing: what it came to, compared with the month before.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};

use crate::csv_table::CsvTable;
use crate::domain::{Amount, Currency, EmailAddress, Period, PeriodState};
use crate::jobs::operations::notices::Notice;
use crate::jobs::operations::notices::send::{post, waiting_for};
use crate::jobs::{Context, DueRule, JobError};
use crate::mail::Attachment;
use crate::store::{ArchiveMonth, NoticeKey, ReportedAccount, Tx};

const KIND: &str = "report";
/// Months whose reports may still be due.
const NEWEST: usize = 4;
/// A closing longer ago is not reported: after an upgrade to a version that reports, no mail is sent about past
/// years.
const NEWS: TimeDelta = TimeDelta::days(7);

pub(crate) async fn send_reports(context: &Context, rule: &DueRule, now: DateTime<Utc>) -> Result<u64, JobError> {
    let months = context.store.read().await?.archive_months().list().await?;
    let mut sent = 0;
    for month in months.iter().rev().take(NEWEST).rev() {
        let subject = month.period.to_string();
        let recipients = waiting_for(context, KIND, &subject, now).await?;
        if recipients.is_empty() {
            continue;
        }
        match standing(context, rule, month, now).await? {
            Standing::UnderWay => {}
            Standing::LongAgo => pass_over(context, &subject, &recipients, now).await?,
            Standing::Finished => {
                let notice = notice(&mut context.store.read().await?, month).await?;
                sent += post(context, &notice, (KIND, &subject), &recipients, now).await?;
            }
        }
    }
    Ok(sent)
}

enum Standing {
    /// Accounts are to be closed, files or mail under way.
    UnderWay,
    Finished,
    LongAgo,
}

async fn standing(
    context: &Context,
    rule: &DueRule,
    month: &ArchiveMonth,
    now: DateTime<Utc>,
) -> Result<Standing, JobError> {
    let mut tx = context.store.read().await?;
    let Some(closed_at) = tx.notices().last_closed_at(month.period).await? else { return Ok(Standing::UnderWay) };
    if now - closed_at > NEWS {
        return Ok(Standing::LongAgo);
    }
    if month.shown_generation < month.generation || tx.archive_months().has_mail_in_motion(month.period).await? {
        return Ok(Standing::UnderWay);
    }
    let parked: Vec<_> = tx.reports().stuck_months().await?.into_iter().map(|problem| problem.account).collect();
    let waits = |account: &crate::store::AccountDue| {
        account.next.id <= month.period && rule.is_due(&account.next, now) && !parked.contains(&account.number)
    };
    Ok(if tx.closings().next_periods(context.settings.first_period).await?.iter().any(waits) {
        Standing::UnderWay
    } else {
        Standing::Finished
    })
}

async fn pass_over(
    context: &Context,
    subject: &str,
    recipients: &[EmailAddress],
    now: DateTime<Utc>,
) -> Result<(), JobError> {
    let mut tx = context.store.write().await?;
    for recipient in recipients {
        let key = NoticeKey { kind: KIND, subject, recipient };
        if tx.notices().claim(key, now).await? {
            tx.notices().settle(key, now).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

async fn notice(tx: &mut Tx, month: &ArchiveMonth) -> Result<Notice, JobError> {
    let period = month.period;
    let accounts = tx.notices().reported_accounts(period).await?;
    let deliveries = tx.reports().delivery_counts(Some(period), None).await?;
    let (charges, before) =
        (tx.notices().charges_by_currency(period).await?, tx.notices().charges_by_currency(period.previous()).await?);
    let mut text = format!("{period} has been closed.\n\nAccounts\n");
    // Writing to a String does not fail.
    for state in [PeriodState::Closed, PeriodState::Empty, PeriodState::Failed, PeriodState::Parked] {
        let count = accounts.iter().filter(|account| account.state == state).count();
        let _ = writeln!(text, "  {state:10} {count:>8}");
    }
    let _ = writeln!(text, "\nMessages");
    if deliveries.is_empty() {
        let _ = writeln!(text, "  none");
    }
    for count in deliveries {
        let _ = writeln!(text, "  {:10} {:>8}", count.state, count.deliveries);
    }
    let _ = writeln!(text, "\nCharges, and those of {}", period.previous());
    text.push_str(&comparison(&charges, &before));
    if let Some(digest) = month.digests.manifest {
        let _ = writeln!(text, "\nSHA-256 of the month's manifest in the archive\n  {digest}");
    }
    text.push_str("\nAccount by account in the file attached; \"statementd status\" says what needs you.\n");
    let csv = Attachment::new(format!("closing-{period}.csv"), "text/csv", &csv_of(period, &accounts)?);
    Ok(Notice { title: format!("statementd: {period} closed"), text, attachments: vec![csv] })
}

/// A line per currency of either month.
fn comparison(charges: &[(String, i64)], before: &[(String, i64)]) -> String {
    let mut currencies: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for (currency, charge) in charges {
        currencies.entry(currency).or_default().0 = *charge;
    }
    for (currency, charge) in before {
        currencies.entry(currency).or_default().1 = *charge;
    }
    let mut text = String::new();
    for (currency, (now, then)) in currencies {
        let change = now.saturating_sub(then);
        let [now, then, change] = [now, then, change].map(|amount| shown_amount(currency, amount));
        let sign = if change.starts_with('-') { "" } else { "+" };
        let _ = writeln!(text, "  {currency} {now:>16} {then:>16} {:>16}", format!("{sign}{change}"));
    }
    if text.is_empty() { "  none\n".into() } else { text }
}

/// With the currency's decimals and a point, as machines read it.
fn shown_amount(currency: &str, amount: i64) -> String {
    match currency.parse::<Currency>() {
        Ok(currency) => currency.decimal(Amount(amount)).to_string(),
        Err(_) => amount.to_string(),
    }
}

fn csv_of(period: Period, accounts: &[ReportedAccount]) -> Result<Vec<u8>, JobError> {
    let header = ["account", "period", "state", "revision", "currency", "charge", "charge_before", "detail"];
    let mut csv = CsvTable::begin(Vec::new(), header)?;
    for account in accounts {
        let amount = |amount: Option<Amount>| {
            account.currency.zip(amount).map(|(currency, amount)| currency.decimal(amount).to_string())
        };
        let amount = |of: Option<Amount>| amount(of).unwrap_or_default();
        csv.row([
            account.account.as_str(),
            &period.to_string(),
            account.state.as_str(),
            &account.revision.map(|revision| revision.to_string()).unwrap_or_default(),
            account.currency.map_or("", |currency| currency.code()),
            &amount(account.charge),
            &amount(account.charge_before),
            account.detail.as_deref().unwrap_or_default(),
        ])?;
    }
    Ok(csv.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_of_either_month_are_compared_with_their_own_decimals() {
        let (now, before) = ([("EUR".to_owned(), 13_207)], [("EUR".to_owned(), 14_000), ("JPY".to_owned(), 500)]);
        let lines = comparison(&now, &before);
        assert_eq!(
            lines,
            "  EUR           132.07           140.00            -7.93\n  \
             JPY                0              500             -500\n"
        );
        assert_eq!(comparison(&[], &[]), "  none\n");
    }
}
