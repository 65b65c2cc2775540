//! The statement of one account's period from the usage and tariffs of now.

use std::collections::BTreeMap;

use tokio::sync::mpsc;

use crate::billing::{Basis, EarlierTerms, Obstacle, StatementBuilder};
use crate::domain::{Account, Period, RoomNumber, Statement};
use crate::store::{Key, StoreError, Tx, UsageScope};

/// Conferences on their way from the database to the rules.
const READ_AHEAD: usize = 256;

pub(crate) async fn compute(tx: &mut Tx, scope: UsageScope) -> Result<Result<Statement, Obstacle>, StoreError> {
    compute_rooms(tx, scope, &MonthPart::default()).await
}

/// A part of an open month.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct MonthPart<'a> {
    /// `None` means all of them.
    pub(crate) rooms: Option<&'a [RoomNumber]>,
    /// Late usage of these closed months is not carried into it.
    pub(crate) not_from: &'a [Period],
}

/// As much of the statement as a part of an open month is.
pub(crate) async fn compute_rooms(
    tx: &mut Tx,
    scope: UsageScope,
    part: &MonthPart<'_>,
) -> Result<Result<Statement, Obstacle>, StoreError> {
    match compute_from_rows(tx, scope, part).await {
        // An error of one account, which must not keep the others open.
        Err(error) if error.concerns_one_row() => Ok(Err(Obstacle::Unreadable(error.to_string()))),
        computed => computed,
    }
}

async fn compute_from_rows(
    tx: &mut Tx,
    scope: UsageScope,
    MonthPart { rooms: only, not_from }: &MonthPart<'_>,
) -> Result<Result<Statement, Obstacle>, StoreError> {
    let account = tx.accounts().account_in(scope.account, scope.bounds.id).await?;
    let rooms = tx.rooms().room_histories(scope.account, *only).await?;
    let tariff = tx.tariffs().tariff(&account.tariff).await?;
    let history = tx.closings().history(scope.account, scope.bounds.id, account.currency).await?;
    let earlier = earlier_terms(tx, scope.account, &account, scope.bounds.id).await?;
    let (bounds, revision) = (scope.bounds, scope.revision);
    let basis = Basis { account: &account, bounds, revision, rooms: &rooms, tariff: &tariff, earlier: &earlier };

    let (sender, mut conferences) = mpsc::channel(READ_AHEAD);
    let read = async move {
        tx.usage().stream_conferences(scope, *only, &sender).await?;
        tx.usage().stream_carried_conferences(scope, *only, &sender).await
    };
    let build = async move {
        let mut builder = StatementBuilder::new(basis);
        while let Some(conference) = conferences.recv().await {
            if conference.late_from.is_none_or(|period| !not_from.contains(&period)) {
                builder.add(&conference)?;
            }
        }
        builder.finish(history)
    };
    let (read, statement) = tokio::join!(read, build);
    read?;
    Ok(statement)
}

/// What the periods were billed by that late usage may be carried from, where it was anything else than now.
async fn earlier_terms(
    tx: &mut Tx,
    key: Key,
    account: &Account,
    period: Period,
) -> Result<BTreeMap<Period, EarlierTerms>, StoreError> {
    let mut earlier = BTreeMap::new();
    for month in tx.closings().late_periods(key, period).await? {
        let then = tx.accounts().account_in(key, month).await?;
        let is_as_now =
            then.currency == account.currency && then.tariff == account.tariff && then.time_zone == account.time_zone;
        if !is_as_now {
            let tariff = tx.tariffs().tariff(&then.tariff).await?;
            let (currency, time_zone, tariff_name) = (then.currency, then.time_zone, then.tariff);
            earlier.insert(month, EarlierTerms { currency, time_zone, tariff_name, tariff });
        }
    }
    Ok(earlier)
}
