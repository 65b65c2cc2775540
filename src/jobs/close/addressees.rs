//! Whom a statement is addressed to is frozen with it: a revision goes to the people that its first one went to.
//!
//! An address that was corrected since is used, as long as it is the same person's: the room still the account's and
//! the cardholder still of that name, or the account's owner of the same name. Another account's or another
//! cardholder's never does. Statements that 0.1.0 froze name no one; the deliveries say whom they went to.

use crate::domain::{Addressee, EmailAddress, Name, Period, RoomHistory, RoomNumber, RoomTotal, Statement, Totals};
use crate::store::{Key, StoreError, Tx};

/// Addresses `statement`, a revision of the month that `before` is of, to the people of `before`; rooms that it lacks
/// stay with whom they are now. Their cardholders' names are shown as they were.
pub(crate) async fn address_as_before(
    tx: &mut Tx,
    account: Key,
    before: &Statement,
    statement: &mut Statement,
) -> Result<(), StoreError> {
    let frozen = frozen_addressees(tx, account, before).await?;
    show_as_before(before, statement);
    let now = tx.accounts().account_in(account, before.period.id).await?;
    let rooms = tx.rooms().room_histories(account, None).await?;
    let mended = |addressee: &Addressee| match &addressee.room {
        None if addressee.name == now.owner_name => now.owners.clone(),
        None => addressee.addresses.clone(),
        Some(room) => {
            let history = rooms.iter().find(|history| history.number == *room);
            corrected_address(history, before, addressee.name.as_ref()).unwrap_or_else(|| addressee.addresses.clone())
        }
    };
    let mut addressees: Vec<Addressee> =
        frozen.iter().map(|addressee| Addressee { addresses: mended(addressee), ..addressee.clone() }).collect();
    let is_new = |addressee: &Addressee| frozen.iter().all(|known| known.room != addressee.room);
    addressees.extend(std::mem::take(&mut statement.addressees).into_iter().filter(is_new));
    statement.addressees = addressees;
    Ok(())
}

/// What 0.1.0 froze shows the rooms of its day: also those that moved before rooms were dated.
fn show_as_before(before: &Statement, statement: &mut Statement) {
    for room in &mut statement.rooms {
        if let Some(known) = before.rooms.iter().find(|known| known.number == room.number) {
            room.cardholder = known.cardholder.clone();
        }
    }
    if !before.addressees.is_empty() {
        return;
    }
    for known in &before.rooms {
        if statement.rooms.iter().all(|room| room.number != known.number) {
            statement.rooms.push(RoomTotal { totals: Totals::default(), ..known.clone() });
        }
    }
    statement.rooms.sort_by(|a, b| a.number.cmp(&b.number));
}

fn corrected_address(
    history: Option<&RoomHistory>,
    before: &Statement,
    cardholder: Option<&Name>,
) -> Option<Vec<EmailAddress>> {
    let address = history?.newest_address(&before.account.number, cardholder?)?;
    Some(vec![address.clone()])
}

async fn frozen_addressees(tx: &mut Tx, account: Key, before: &Statement) -> Result<Vec<Addressee>, StoreError> {
    if before.addressees.is_empty() {
        addressees_of_mail(tx, account, before.period.id, before).await
    } else {
        Ok(before.addressees.clone())
    }
}

/// The owners and cardholders that a statement of 0.1.0 was mailed to.
async fn addressees_of_mail(
    tx: &mut Tx,
    account: Key,
    period: Period,
    before: &Statement,
) -> Result<Vec<Addressee>, StoreError> {
    let mailed = tx.deliveries().first_recipients(account, period).await?;
    let to = |room: Option<&RoomNumber>| {
        let of_it = mailed.iter().filter(|mailed| mailed.room.as_ref() == room);
        of_it.map(|mailed| mailed.recipient.clone()).collect::<Vec<_>>()
    };
    let owner = mailed.iter().find(|mailed| mailed.room.is_none());
    let owners = owner.map(|first| Addressee { room: None, name: first.recipient_name.clone(), addresses: to(None) });
    let rooms = before.rooms.iter().map(|room| Addressee {
        room: Some(room.number.clone()),
        name: Some(room.cardholder.clone()),
        addresses: to(Some(&room.number)),
    });
    Ok(owners.into_iter().chain(rooms).collect())
}
