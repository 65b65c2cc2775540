//! The statement of one account's period from the usage and tariffs of now.

use tokio::sync::mpsc;

use crate::billing::{Basis, Obstacle, StatementBuilder};
use crate::domain::{Account, Room, Statement};
use crate::store::{StoreError, Tx, UsageScope};

/// Conferences on their way from the database to the rules.
const READ_AHEAD: usize = 256;

/// A statement, with whom it concerns.
pub(crate) struct Computed {
    pub statement: Statement,
    pub account: Account,
    pub rooms: Vec<Room>,
}

pub(crate) async fn compute(tx: &mut Tx, scope: UsageScope) -> Result<Result<Computed, Obstacle>, StoreError> {
    match compute_from_rows(tx, scope).await {
        // One account's trouble, which must not keep the others open.
        Err(error) if error.concerns_one_row() => Ok(Err(Obstacle::Unreadable(error.to_string()))),
        computed => computed,
    }
}

async fn compute_from_rows(tx: &mut Tx, scope: UsageScope) -> Result<Result<Computed, Obstacle>, StoreError> {
    let account = tx.account_in(scope.account, scope.bounds.id).await?;
    let rooms = tx.rooms_of(scope.account).await?;
    let tariff = tx.tariff(&account.tariff).await?;
    let history = tx.history(scope.account, scope.bounds.id).await?;
    let basis =
        Basis { account: &account, bounds: scope.bounds, revision: scope.revision, rooms: &rooms, tariff: &tariff };

    let (sender, mut conferences) = mpsc::channel(READ_AHEAD);
    let read = async move {
        tx.stream_conferences(scope, &sender).await?;
        tx.stream_carried_conferences(scope, &sender).await
    };
    let build = async move {
        let mut builder = StatementBuilder::new(basis);
        while let Some(conference) = conferences.recv().await {
            builder.add(&conference)?;
        }
        builder.finish(history)
    };
    let (read, statement) = tokio::join!(read, build);
    read?;
    Ok(statement.map(|statement| Computed { statement, account, rooms }))
}
