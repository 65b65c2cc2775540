//! What pages offer about billing codes, and what they tell of the change that led to them.

use super::respond::Refusal;
use super::visit::Visit;
use crate::render::{CodeChangeView, CodeNotice, CodesOffer};
use crate::store::{CodeHistoryEntry, CodeSet, CodeSetKey, Tx};

/// What a page offers about codes; `changed` are the change that led to it, and the one that it was to take back.
pub(super) async fn offer(
    visit: &Visit,
    seen: Option<CodeSetKey>,
    (changed, undone): (Option<&str>, Option<&str>),
    history: &[CodeHistoryEntry],
) -> Result<CodesOffer, Refusal> {
    let access = visit.access()?;
    let mut tx = visit.context.store.read_for_people().await?;
    let policy = tx.codes().policy(access.account_key()).await?;
    let may_assign = access.is_owner() || policy.cardholders_assign;
    let mut known = if may_assign { tx.codes().account_codes(access.account_key()).await? } else { Vec::new() };
    known.retain(|code| code.active);
    let notice = notice(visit, &mut tx, changed, undone).await?;
    let view = |entry: &CodeHistoryEntry| CodeChangeView {
        at: entry.at,
        by: entry.by.clone(),
        before: entry.before.clone(),
        after: entry.after.clone(),
        revision: entry.revision,
        is_undo: entry.is_undo,
    };
    Ok(CodesOffer {
        may_assign,
        is_owner: access.is_owner(),
        policy,
        known,
        seen: seen.map_or(0, |seen| seen.0),
        notice,
        history: history.iter().map(view).collect(),
    })
}

/// What the page says about a change: `changed` is its set, 0 if nothing was changed.
async fn notice(
    visit: &Visit,
    tx: &mut Tx,
    changed: Option<&str>,
    undone: Option<&str>,
) -> Result<Option<CodeNotice>, Refusal> {
    let Some(changed) = changed.and_then(set_key) else { return Ok(None) };
    let undone = match undone.and_then(set_key) {
        Some(undone) => told(visit, tx, undone).await?.map(|set| set.changes.len()),
        None => None,
    };
    if changed == CodeSetKey(0) {
        let left_alone = |left| CodeNotice::TakenBack { count: 0, left: left as u64, set: None };
        return Ok(Some(undone.map_or(CodeNotice::Nothing, left_alone)));
    }
    let Some(found) = told(visit, tx, changed).await? else { return Ok(None) };
    let is_newest = found.changes.iter().any(|change| change.conference.changed_by == Some(changed));
    let count = found.changes.len();
    let set = is_newest.then_some(changed.0);
    Ok(Some(if found.undoes.is_some() {
        let left = undone.map_or(0, |undone| undone.saturating_sub(count)) as u64;
        CodeNotice::TakenBack { count: count as u64, left, set }
    } else {
        let code = found.changes.first().and_then(|change| change.after.clone());
        CodeNotice::Given { count: count as u64, code, set }
    }))
}

/// A set, if it is one that the viewer may be told about.
async fn told(visit: &Visit, tx: &mut Tx, set: CodeSetKey) -> Result<Option<CodeSet>, Refusal> {
    let access = visit.access()?;
    let person = visit.viewer.as_ref().map(|viewer| viewer.person());
    Ok(tx.codes().code_set(access, set).await?.filter(|found| access.is_owner() || Some(found.person) == person))
}

fn set_key(text: &str) -> Option<CodeSetKey> {
    text.parse().ok().map(CodeSetKey)
}
