//! Corrections while people look: legs that are voided and come back, late usage that a revision includes, and a
//! closing with other figures than were shown.

use statementd::domain::{ConferenceId, Period, RoomNumber};
use statementd::intake::Kind;
use statementd::jobs::{
    CodeOrder, CodeOutcome, Months, UndoOutcome, assign_codes, restore_legs, undo_codes, void_legs,
};
use statementd::store::CodeSetKey;

use super::live::World;
use crate::consistency::tamper;
use crate::support::csv;
use crate::support::database::{Database, on_each_engine};

on_each_engine!(
    a_conference_that_comes_back_has_the_code_that_it_was_given,
    late_usage_that_a_revision_takes_along_is_not_the_running_month_s,
    a_closing_with_other_figures_than_were_shown_is_logged,
);

const HEAD: &str = csv!(usage);

fn room() -> RoomNumber {
    "332703".parse().unwrap()
}

fn may() -> Period {
    "2009-05".parse().unwrap()
}

async fn import(world: &World, leg: &str, conference: &str, month: u32) {
    let line =
        format!("{leg},{conference},332703,LOCAL,2009-{month:02}-20T10:00:00Z,2009-{month:02}-20T11:00:00Z,,\n");
    world.import(Kind::Usage, format!("{HEAD}{line}")).await;
}

/// The code of a conference's line; `None` if there is no line.
async fn code_of(world: &World, conference: &str) -> Option<Option<String>> {
    let month = world.month(&world.kept, may(), Some(&room())).await;
    let mut lines = month.statement.lines_of(&room()).iter();
    let line = lines.find(|line| line.conference_id.as_str() == conference)?;
    Some(line.billing_code.as_ref().map(ToString::to_string))
}

async fn give(world: &World, conference: &str, code: &str) -> CodeSetKey {
    let conferences = vec![(room(), conference.parse::<ConferenceId>().unwrap())];
    let seen = world.month(&world.kept, may(), Some(&room())).await.seen;
    let order = CodeOrder { conferences, code: Some(code.parse().unwrap()), seen, is_meant: true };
    match assign_codes(&world.context, &world.viewer, &world.access, &order).await.unwrap() {
        CodeOutcome::Changed(Some((set, 1))) => set,
        outcome => panic!("{outcome:?}"),
    }
}

async fn void(world: &World, leg: &str) {
    void_legs(&world.context, &[leg.parse().unwrap()], "test").await.unwrap();
}

async fn restore(world: &World, leg: &str) {
    restore_legs(&world.context, &[leg.parse().unwrap()], Some("test")).await.unwrap();
}

async fn a_conference_that_comes_back_has_the_code_that_it_was_given(database: Database) {
    let world = World::new(database).await;
    import(&world, "ONLY", "ALONE", 5).await;
    let set = give(&world, "ALONE", "KEPT").await;
    void(&world, "ONLY").await;
    assert_eq!(code_of(&world, "ALONE").await, None);
    // Another conference gets no code that was not assigned to it, whatever its key.
    import(&world, "OTHER", "ANOTHER", 5).await;
    assert_eq!(code_of(&world, "ANOTHER").await, Some(None));
    restore(&world, "ONLY").await;
    assert_eq!(code_of(&world, "ALONE").await, Some(Some("KEPT".into())));

    // Also where it comes again by another leg; and its change can still be taken back.
    void(&world, "ONLY").await;
    import(&world, "RIGHT", "ALONE", 5).await;
    assert_eq!(code_of(&world, "ALONE").await, Some(Some("KEPT".into())));
    let undone = undo_codes(&world.context, &world.viewer, &world.access, set).await.unwrap();
    assert!(matches!(undone, UndoOutcome::Undone(Some((_, 1)), 0)), "{undone:?}");
    assert_eq!(code_of(&world, "ALONE").await, Some(None));
}

/// Of the running month: lines that came late, and what it comes to.
async fn late(world: &World) -> (usize, i64) {
    let page = world.month(&world.kept, may(), Some(&room())).await;
    let lines = page.statement.lines_of(&room()).iter().filter(|line| line.late_from.is_some()).count();
    (lines, world.month(&world.kept, may(), None).await.statement.totals.charge.0)
}

async fn late_usage_that_a_revision_takes_along_is_not_the_running_month_s(database: Database) {
    let mut world = World::new(database).await;
    world.close("2009-04").await;
    let before = late(&world).await;
    import(&world, "LATE", "LATECOMER", 4).await;
    let carried = late(&world).await;
    assert!(before.0 == 0 && carried.0 == 1 && carried.1 > before.1, "{before:?} {carried:?}");
    // A void of that month makes a revision, which includes the late usage.
    void(&world, "C000069-04").await;
    assert_eq!(late(&world).await, before);
    restore(&world, "C000069-04").await;
    assert_eq!(late(&world).await, carried);
    void(&world, "C000069-04").await;
    world.close("2009-04").await;
    assert_eq!(late(&world).await, before, "revised");
    world.close("2009-05").await;
    let closed = world.month(&world.kept, may(), None).await;
    assert_eq!(closed.statement.totals.charge.0, before.1);
}

async fn a_closing_with_other_figures_than_were_shown_is_logged(database: Database) {
    let mut world = World::new(database).await;
    let months = Months::default();
    let april: Period = "2009-04".parse().unwrap();
    world.month(&months, april, None).await;
    assert_eq!(months.compare_with_closings(&world.context).await.unwrap(), [], "it is open");
    world.close("2009-04").await;
    // Looking at the closed month first takes nothing from the comparison.
    world.month(&months, april, None).await;
    assert_eq!(months.compare_with_closings(&world.context).await.unwrap(), []);

    // Changed directly, so that the change is not noted.
    world.month(&months, may(), None).await;
    let longer = "UPDATE leg SET left_at = left_at + 3600 WHERE leg_id = 'C000009-01'";
    tamper(&world.database.url, longer).await;
    world.close("2009-05").await;
    world.month(&months, may(), None).await;
    let told = months.compare_with_closings(&world.context).await.unwrap();
    let rooms: Vec<_> = told.iter().map(|difference| difference.room.as_ref().map(ToString::to_string)).collect();
    assert_eq!(rooms, [None, Some("332703".into())]);
    assert!(told.iter().all(|one| one.closed.accumulated_seconds == one.live.accumulated_seconds + 3600), "{told:?}");
    assert_eq!(months.compare_with_closings(&world.context).await.unwrap(), [], "once");

    // Usage that came in between is no difference.
    let june: Period = "2009-06".parse().unwrap();
    import(&world, "JUNE", "SUMMER", 6).await;
    world.month(&months, june, None).await;
    import(&world, "JUNE-2", "SUMMER", 6).await;
    world.close("2009-06").await;
    assert_eq!(months.compare_with_closings(&world.context).await.unwrap(), []);
}
