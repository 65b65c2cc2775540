//! The address of a message that is tried again: that of the reader whom the statement was frozen for, as it is now.

use crate::domain::EmailAddress;
use crate::jobs::Context;
use crate::jobs::close::revise::wanted_deliveries;
use crate::jobs::deliver::resend::{MessageIds, numbered};
use crate::store::{Delivery, NewDelivery, StoreError, Tx};

/// What is known about the address of a delivery's reader.
pub(crate) enum Address {
    /// The address that it has.
    Unchanged,
    New(Box<NewDelivery>),
    /// The reader has no address any more, or it is not clear which.
    Unknown,
}

/// Looks the reader up in the master data of now.
pub(crate) async fn address_of_now(
    context: &Context,
    tx: &mut Tx,
    delivery: &Delivery,
) -> Result<Address, StoreError> {
    let statement = match tx.statements().statement(delivery.statement).await {
        Ok(statement) => statement,
        Err(StoreError::DocumentGone) => return Ok(Address::Unchanged),
        Err(error) => return Err(error),
    };
    let of_room = |new: &NewDelivery| new.room == delivery.room;
    let readers = wanted_deliveries(context, tx, delivery.account_key, &statement, of_room).await?;
    if readers.iter().any(|reader| reader.recipient == delivery.recipient) {
        return Ok(Address::Unchanged);
    }
    let named =
        |reader: &&NewDelivery| reader.recipient_name.is_some() && reader.recipient_name == delivery.recipient_name;
    let before = tx.closings().last_resends(delivery.statement).await?;
    let room = delivery.room.as_ref().map_or("", |room| room.as_str());
    let is_new_reader = |reader: &&NewDelivery| {
        !before.iter().any(|(known, recipient, _)| known == room && recipient == reader.recipient.as_str())
    };
    let new: Vec<_> = readers.iter().filter(is_new_reader).collect();
    let found = match (readers.iter().find(named), delivery.room.as_ref(), new.as_slice()) {
        (Some(reader), _, _) => reader,
        // One address left the account and one came: the owner has another one now.
        (None, None, [only]) => only,
        _ => return Ok(Address::Unknown),
    };
    Ok(Address::New(Box::new(numbered(MessageIds::of(context)?, &statement, &before, found.clone()))))
}

/// The same message for another address, which a person has named.
pub(crate) async fn addressed_to(
    context: &Context,
    tx: &mut Tx,
    delivery: &Delivery,
    to: &EmailAddress,
) -> Result<Address, StoreError> {
    if *to == delivery.recipient {
        return Ok(Address::Unchanged);
    }
    let statement = tx.statements().statement(delivery.statement).await?;
    let before = tx.closings().last_resends(delivery.statement).await?;
    let new = NewDelivery {
        room: delivery.room.clone(),
        recipient: to.clone(),
        recipient_name: delivery.recipient_name.clone(),
        message_id: String::new(),
        resend: 0,
    };
    Ok(Address::New(Box::new(numbered(MessageIds::of(context)?, &statement, &before, new))))
}
