//! Revisions of closed months, made on request or by a rerun among everything else that happens (`live`): each lists
//! every line that it changes.

use std::sync::Arc;

use statementd::domain::{Line, LineChange, Period, RerunSend, RerunState, RerunWhat};
use statementd::jobs::{
    Context, RerunOrder, RevisionOffer, Settings, ask_for_revision, make_asked_revisions, publish_pending, run_reruns,
};
use statementd::store::{StatementFilter, StatementRow};

use super::live::World;

/// One of the months that may have closed.
fn some_month(world: &mut World) -> Period {
    let is_first = world.below(4) == 0;
    if is_first { "2009-03" } else { "2009-04" }.parse().unwrap()
}

/// A closed month with the usage, the tariffs and the codes of now.
pub(super) async fn rerun(world: &mut World, step: u64) -> &'static str {
    let order = RerunOrder {
        id: format!("again-{step}").parse().unwrap(),
        period: some_month(world),
        accounts: Vec::new(),
        reason: "test".into(),
        state: RerunState::Apply,
        what: RerunWhat::Figures,
        send: RerunSend::None,
        recipients: Vec::new(),
    };
    let settings = Arc::new(Settings { reruns: vec![order], ..Settings::clone(&world.context.settings) });
    let context = Context { settings, ..world.context.clone() };
    run_reruns(&context, &|| true).await.unwrap();
    publish_pending(&context, &|| true).await.unwrap();
    "rerun"
}

/// A statement with the codes of now, as the account's owner asks for it.
pub(super) async fn ask_for_one(world: &mut World) -> &'static str {
    let period = some_month(world);
    match ask_for_revision(&world.context, &world.access, period).await.unwrap() {
        None => {
            make_asked_revisions(&world.context, &world.access).await.unwrap();
            "revision on request"
        }
        Some(RevisionOffer::NothingToRevise | RevisionOffer::TooSoon | RevisionOffer::NotFound) => "no revision",
        Some(refused) => panic!("{refused:?}"),
    }
}

/// Of each revision of each closed month.
pub(super) async fn tell_what_they_change(world: &World) {
    let mut tx = world.context.store.read().await.unwrap();
    let filter = StatementFilter { account: Some(world.access.number().clone()), period: None };
    let rows = tx.statements().statement_rows(&filter).await.unwrap();
    for pair in rows.windows(2) {
        let [before, after] = pair else { continue };
        if before.period != after.period {
            continue;
        }
        let (old, new) = (
            tx.statements().statement(before.key).await.unwrap(),
            tx.statements().statement(after.key).await.unwrap(),
        );
        let changes = new.changes.as_ref().unwrap();
        assert_eq!(changes.totals_before, old.totals, "{}", name(after));
        let told = |side: fn(&LineChange) -> Option<&Line>| sorted(changes.lines.iter().filter_map(side));
        let gone = old.lines.iter().filter(|line| !new.lines.contains(line));
        let come = new.lines.iter().filter(|line| !old.lines.contains(line));
        assert_eq!(told(|change| change.before.as_ref()), sorted(gone), "{}", name(after));
        assert_eq!(told(|change| change.after.as_ref()), sorted(come), "{}", name(after));
    }
    assert!(rows.iter().any(|row| row.revision > 2), "months were revised more than once");
}

fn name(row: &StatementRow) -> String {
    format!("{} r{}", row.period, row.revision)
}

fn sorted<'a>(lines: impl Iterator<Item = &'a Line>) -> Vec<String> {
    let mut lines: Vec<String> = lines.map(|line| format!("{line:?}")).collect();
    lines.sort();
    lines
}
