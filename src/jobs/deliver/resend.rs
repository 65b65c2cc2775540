//! `mail resend`: a closed month's statement once more, to anyone who may read it now or to an address that is named.

use serde::Serialize;

use crate::digest::DigestKey;
use crate::domain::{AccountNumber, EmailAddress, Mailbox, Period, RoomNumber, Statement};
use crate::jobs::audit::{audit, messages};
use crate::jobs::close::prepared::RevisionMessages;
use crate::jobs::close::revise::wanted_deliveries;
use crate::jobs::{Context, JobError, known_account};
use crate::mail::message_id;
use crate::store::{Delivery, DeliveryFilter, DeliveryState, Key, NewDelivery, StatementKey, StoreError, Tx};

/// What is to be sent again.
#[derive(Debug, Clone)]
pub struct ResendOrder {
    pub period: Period,
    pub account: AccountNumber,
    /// `None` means the account's statement.
    pub room: Option<RoomNumber>,
    /// Instead of its readers of now.
    pub to: Option<EmailAddress>,
}

/// What became of it.
#[derive(Debug, Clone, Serialize)]
pub struct ResendReport {
    pub account: AccountNumber,
    pub period: Period,
    pub revision: u32,
    pub room: Option<RoomNumber>,
    pub recipients: Vec<EmailAddress>,
    /// The charge is beyond the safety bounds: the messages wait for `[[approve]]`.
    pub awaits_approval: bool,
}

/// Queues the current revision's messages once more, each with a Message-ID of its own.
pub async fn resend_mail(context: &Context, order: &ResendOrder) -> Result<ResendReport, JobError> {
    let now = context.clock.now();
    let mut tx = context.store.write().await?;
    let (account, key, statement) = current(&mut tx, order).await?;
    let of_room = |delivery: &NewDelivery| delivery.room == order.room;
    let readers = match &order.to {
        Some(to) => vec![to_address(order, to)],
        None => wanted_deliveries(context, &mut tx, account, &statement, of_room).await?,
    };
    if readers.is_empty() {
        return Err(JobError::NoReader(order.account.clone(), order.period));
    }
    let before = tx.closings().last_resends(key).await?;
    let ids = MessageIds::of(context)?;
    let again: Vec<_> = readers.into_iter().map(|new| numbered(ids, &statement, &before, new)).collect();
    let report = ResendReport {
        account: order.account.clone(),
        period: order.period,
        revision: statement.revision,
        room: order.room.clone(),
        recipients: again.iter().map(|delivery| delivery.recipient.clone()).collect(),
        awaits_approval: false,
    };
    let first_id = again.first().map(|delivery| delivery.message_id.clone()).unwrap_or_default();
    let queued = RevisionMessages::new(context, &statement, again);
    audit(context, &mut tx, queued.effect("resent", Some(&messages(queued.len())))).await?;
    queued.queue(context, &mut tx, key, now).await?;
    if order.to.is_some() {
        replace_the_one_that_failed(&mut tx, order, &first_id).await?;
    }
    tx.commit().await?;
    Ok(ResendReport { awaits_approval: queued.await_approval(), ..report })
}

/// What Message-IDs are made of beside the message.
#[derive(Clone, Copy)]
pub(crate) struct MessageIds<'a> {
    key: &'a DigestKey,
    from: &'a Mailbox,
}

impl<'a> MessageIds<'a> {
    pub fn of(context: &'a Context) -> Result<Self, StoreError> {
        Ok(Self { key: context.store.message_key()?, from: &context.settings.mail.from })
    }
}

/// The message once more: with the next number, and so a Message-ID of its own.
pub(crate) fn numbered(
    ids: MessageIds<'_>,
    statement: &Statement,
    before: &[(String, String, u32)],
    delivery: NewDelivery,
) -> NewDelivery {
    let room = delivery.room.as_ref().map_or("", |room| room.as_str());
    let same =
        |(known, recipient, _): &&(String, String, u32)| known == room && recipient == delivery.recipient.as_str();
    let resend = before.iter().find(same).map_or(0, |(_, _, last)| last + 1);
    let message_id =
        message_id(ids.key, ids.from, &statement.id(), delivery.room.as_ref(), &delivery.recipient, resend);
    NewDelivery { message_id, resend, ..delivery }
}

/// The statement that is sent: still in the archive, and with the room that is asked for.
async fn current(tx: &mut Tx, order: &ResendOrder) -> Result<(Key, StatementKey, Statement), JobError> {
    let account = known_account(tx, &order.account).await?;
    let missing = |why| JobError::NothingToResend { account: order.account.clone(), period: order.period, why };
    let current = tx.statements().current_revision(account, order.period).await?;
    let current = current.ok_or_else(|| missing("it has no statement: see \"statementd status\""))?;
    if tx.statements().has_left_archive(account, order.period).await? {
        return Err(missing("its files have left the archive (archive.keep_months)"));
    }
    let statement = tx.statements().statement(current.key).await?;
    if let Some(room) = &order.room
        && !statement.rooms.iter().any(|known| known.number == *room)
    {
        return Err(missing("the room is not in its statement"));
    }
    Ok((account, current.key, statement))
}

fn to_address(order: &ResendOrder, to: &EmailAddress) -> NewDelivery {
    NewDelivery {
        room: order.room.clone(),
        recipient: to.clone(),
        recipient_name: None,
        message_id: String::new(),
        resend: 0,
    }
}

/// If one reader did not get the statement, an address that is named replaces that reader's. If several did not, each
/// stays until `mail retry --message-id --to` says which one is meant.
async fn replace_the_one_that_failed(tx: &mut Tx, order: &ResendOrder, by: &str) -> Result<(), StoreError> {
    let filter = DeliveryFilter {
        period: Some(order.period),
        account: Some(order.account.clone()),
        ..DeliveryFilter::default()
    };
    let has_failed = |delivery: &Delivery| {
        delivery.room == order.room
            && delivery.message_id != by
            && matches!(delivery.state, DeliveryState::Bounced | DeliveryState::Unknown)
            && !delivery.superseded
    };
    let failed: Vec<_> = tx.deliveries().list(&filter).await?.into_iter().filter(has_failed).collect();
    match failed.as_slice() {
        [only] => tx.deliveries().replace(only.key, by).await,
        _ => Ok(()),
    }
}
