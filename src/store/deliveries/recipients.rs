//! Whom a period's statements went to: for those of 0.1.0, which froze no addressees.

use crate::domain::{EmailAddress, Name, Period, RoomNumber};
use crate::store::engine::decode::{parse, parse_optional, room};
use crate::store::{Deliveries, Key, StoreError, fetch};

/// Whom a message went to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// `None` means the account's statement.
    pub room: Option<RoomNumber>,
    pub recipient: EmailAddress,
    pub recipient_name: Option<Name>,
}

impl Deliveries<'_> {
    /// Whom the first revision of a period that was mailed went to, in the order in which its messages were queued.
    pub async fn first_recipients(&mut self, account: Key, period: Period) -> Result<Vec<Recipient>, StoreError> {
        const SQL: &str = "SELECT d.room_number, d.recipient, d.recipient_name
             FROM delivery d JOIN statement s ON s.statement_key = d.statement_key
             WHERE s.account_key = $1 AND s.period = $2 AND d.resend = 0
               AND s.revision = (SELECT MIN(e.revision) FROM statement e JOIN delivery m ON m.statement_key = e.statement_key
                                 WHERE e.account_key = s.account_key AND e.period = s.period
                                   AND m.room_number = d.room_number)
             ORDER BY d.delivery_key";
        type Row = (String, String, Option<String>);
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, Row>(SQL).bind(account).bind(period.to_string()));
        rows.into_iter()
            .map(|(number, recipient, name)| {
                Ok(Recipient {
                    room: room(&number, &number)?,
                    recipient: parse("delivery", &number, "recipient", &recipient)?,
                    recipient_name: parse_optional("delivery", &number, "recipient_name", name.as_deref())?,
                })
            })
            .collect()
    }
}
