//! Usage of rooms that move to another account, or end.

use statementd::domain::{Room, RoomRow};
use statementd::store::{MasterNote, MasterOutcome, NotTaken};

use super::{ARRIVAL, Operator, at, carried, leg, outcome, room};
use crate::support::database::{Database, on_each_engine};

on_each_engine!(
    a_conference_belongs_to_the_account_of_its_own_start,
    an_earlier_leg_takes_an_open_conference_back_to_the_account_of_its_start,
    a_move_takes_along_what_is_open_and_says_what_stays,
    a_file_without_dates_imported_again_moves_nothing,
    usage_of_a_room_that_is_not_active_is_not_taken,
);

/// The room belongs to the second account from an instant on.
async fn move_room(operator: &Operator, from: &str) -> MasterOutcome {
    let mut tx = operator.database.store.write().await.unwrap();
    let outcome = tx.rooms().upsert_room(&room("700001").into(), at(from)).await.unwrap();
    tx.commit().await.unwrap();
    outcome
}

async fn a_conference_belongs_to_the_account_of_its_own_start(database: Database) {
    let operator = Operator::new(database).await;
    operator.import(&[leg("A-1", "2009-05-10T10:00:00Z")]).await;
    assert!(move_room(&operator, "2009-05-10T11:00:00Z").await.stored);
    // Of the conference before the move a further leg, of the time before the move another conference, one after it.
    operator
        .import(&[
            leg("A-2", "2009-05-10T11:05:00Z"),
            leg("B-1", "2009-05-10T10:59:59Z"),
            leg("C-1", "2009-05-10T11:00:00Z"),
        ])
        .await;
    assert_eq!(operator.charged(0, "2009-05").await, carried(&[("A-1", None), ("A-2", None), ("B-1", None)]));
    assert_eq!(operator.charged(1, "2009-05").await, carried(&[("C-1", None)]));
    operator.close("2009-05").await;
    // May of the first account has closed, May of the second has not.
    let late = [leg("A-3", "2009-05-10T10:06:00Z"), leg("C-2", "2009-05-10T12:01:00Z")];
    assert_eq!(operator.import(&late).await, outcome(2, 1, 0, &[]));
}

async fn an_earlier_leg_takes_an_open_conference_back_to_the_account_of_its_start(database: Database) {
    let operator = Operator::new(database).await;
    move_room(&operator, "2009-05-10T11:00:00Z").await;
    operator.import(&[leg("A-1", "2009-05-10T11:05:00Z")]).await;
    assert_eq!(operator.charged(1, "2009-05").await, carried(&[("A-1", None)]));
    operator.import(&[leg("A-2", "2009-05-10T10:55:00Z")]).await;
    assert_eq!(operator.charged(0, "2009-05").await, carried(&[("A-1", None), ("A-2", None)]));
    assert!(operator.charged(1, "2009-05").await.is_empty());
    // In a month that the first account has closed, the conference stays where it is.
    operator.import(&[leg("B-1", "2009-05-10T11:06:00Z")]).await;
    operator.close("2009-05").await;
    operator.import(&[leg("B-2", "2009-05-10T10:56:00Z")]).await;
    assert_eq!(operator.charged(1, "2009-05").await, carried(&[("B-1", None), ("B-2", None)]));
}

async fn a_move_takes_along_what_is_open_and_says_what_stays(database: Database) {
    let operator = Operator::new(database).await;
    operator.import(&[leg("A-1", "2009-05-10T10:00:00Z"), leg("B-1", "2009-06-02T10:00:00Z")]).await;
    operator.close("2009-05").await;
    let moved = move_room(&operator, "2009-05-09T00:00:00Z").await;
    assert_eq!(operator.charged(0, "2009-05").await, carried(&[("A-1", None)]));
    assert_eq!(operator.charged(1, "2009-06").await, carried(&[("B-1", None)]));
    let stays = moved.notes.iter().find_map(|note| match note {
        MasterNote::ConferencesStay { period, conferences, .. } => Some((period.to_string(), *conferences)),
        _ => None,
    });
    assert_eq!(stays, Some(("2009-05".to_owned(), 1)));
}

async fn a_file_without_dates_imported_again_moves_nothing(database: Database) {
    let operator = Operator::new(database).await;
    let dated = |account: &str, date: &str| RoomRow {
        valid_from: Some(date.parse().unwrap()),
        ..RoomRow::from(room(account))
    };
    let mut tx = operator.database.store.write().await.unwrap();
    assert!(tx.rooms().upsert_room(&dated("700001", "2009-05-10"), at(ARRIVAL)).await.unwrap().stored);
    for row in [room("602127").into(), dated("700001", "2009-05-10")] {
        let again = tx.rooms().upsert_room(&row, at("2009-06-20T00:00:00Z")).await.unwrap();
        assert!(!again.stored);
    }
    tx.commit().await.unwrap();
    operator.import(&[leg("A-1", "2009-05-09T23:59:59Z"), leg("B-1", "2009-06-25T10:00:00Z")]).await;
    assert_eq!(operator.charged(0, "2009-05").await, carried(&[("A-1", None)]));
    assert_eq!(operator.charged(1, "2009-06").await, carried(&[("B-1", None)]));
}

async fn usage_of_a_room_that_is_not_active_is_not_taken(database: Database) {
    let operator = Operator::new(database).await;
    let mut tx = operator.database.store.write().await.unwrap();
    let ended =
        RoomRow { room: Room { active: false, ..room("602127") }, valid_from: Some("2009-05-20".parse().unwrap()) };
    tx.rooms().upsert_room(&ended, at(ARRIVAL)).await.unwrap();
    tx.commit().await.unwrap();
    let legs = [
        leg("A-1", "2009-05-19T23:59:00Z"),
        // A participant who joins late belongs to a conference that began in time.
        leg("A-2", "2009-05-20T00:01:00Z"),
        leg("B-1", "2009-05-20T00:02:00Z"),
    ];
    let outcome = operator.import(&legs).await;
    assert_eq!((outcome.stored, outcome.not_taken), (2, vec![(2, NotTaken::NotActive)]));
    assert_eq!(operator.charged(0, "2009-05").await, carried(&[("A-1", None), ("A-2", None)]));
}
