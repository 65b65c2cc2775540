//! Billing codes given online: to one conference or many, taken away, taken back.
//!
//! A set goes in whole or not at all, under the account's lock: before a month closes or after it, never in between,
//! and never beside an import's batch of the same account. A person whose page is older than the codes of now changes
//! nothing, and is told so.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::{AccountCode, BillingCode, CodePolicy, ConferenceId, Period, RoomNumber};
use crate::jobs::consult::month::shown_periods;
use crate::jobs::{Actor, Context, JobError, Recoded};
use crate::pause_points;
use crate::store::{
    AccountAccess, CodeSetKey, CodeWrite, CodedConference, NewAuditEntry, PersonKey, Role, Store, Tx, Viewer,
};

/// How long a click waits for the process that works on the account.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// How long a change waits for the database's writer. It waits for one transaction of an import at most, which takes
/// less than half a second on a machine that is not busy with other things, and several where it is.
const WRITER_PATIENCE: Duration = Duration::from_secs(10);
/// Conferences in one set.
pub const MOST_CONFERENCES: usize = 20_000;

/// What is wanted.
#[derive(Debug, Clone)]
pub struct CodeOrder {
    pub conferences: Vec<(RoomNumber, ConferenceId)>,
    /// `None` takes the code away, so that the one it came with counts again.
    pub code: Option<BillingCode>,
    /// The newest change that the person who asks has seen; `None` if they have seen none.
    pub seen: Option<CodeSetKey>,
    /// Wanted as it is written, although the account knows one that is almost the same.
    pub is_meant: bool,
}

/// The result of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeOutcome {
    /// Of how many conferences; `None` if all of them had it already.
    Changed(Option<(CodeSetKey, usize)>),
    /// Someone changed these since: nothing was changed.
    Overtaken(Vec<(RoomNumber, ConferenceId)>),
    /// Another process works on the account: nothing was changed.
    Busy,
    /// Not one of the viewer's, or none at all: nothing was changed.
    NotFound,
    Refused(CodeRefusal),
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeRefusal {
    /// The account's list has no such code.
    NotListed,
    /// The account knows this one, which is almost the same.
    Almost(BillingCode),
    /// Months that are closed stay as they are.
    Locked,
    /// The usage was erased, or its month is no longer shown.
    TooOld,
    /// The account's owner gives codes.
    OwnersOnly,
    TooMany,
}

/// The result of taking a set back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UndoOutcome {
    /// The new set, and of how many conferences; `None` if there was nothing to take back. Conferences that someone
    /// changed since keep their codes.
    Undone(Option<(CodeSetKey, usize)>, usize),
    Busy,
    NotFound,
    Refused(CodeRefusal),
}

/// A change that goes in under the account's lock.
struct Change<'a> {
    context: &'a Context,
    /// By the master data of the moment at which the account was locked.
    access: AccountAccess,
    person: PersonKey,
    now: DateTime<Utc>,
    tx: Tx,
}

/// Gives a code to conferences, or takes it away.
pub async fn assign_codes(
    context: &Context,
    viewer: &Viewer,
    access: &AccountAccess,
    order: &CodeOrder,
) -> Result<CodeOutcome, JobError> {
    if order.conferences.len() > MOST_CONFERENCES {
        return Ok(CodeOutcome::Refused(CodeRefusal::TooMany));
    }
    let Some(mut change) = Change::begin(context, viewer, access).await? else { return Ok(CodeOutcome::Busy) };
    let wanted: BTreeSet<_> = order.conferences.iter().cloned().collect();
    let found = change.tx.codes().coded_conferences(&change.access, &order.conferences).await?;
    if found.is_empty() || found.len() < wanted.len() || !change.may_see(&found).await? {
        return Ok(CodeOutcome::NotFound);
    }
    if let Some(refusal) = change.refusal(&found, order).await? {
        return Ok(CodeOutcome::Refused(refusal));
    }
    let overtaken = found.iter().filter(|conference| conference.changed_by > order.seen);
    let overtaken: Vec<_> = overtaken.map(|conference| (conference.room.clone(), conference.id.clone())).collect();
    if !overtaken.is_empty() {
        return Ok(CodeOutcome::Overtaken(overtaken));
    }
    if let Some(code) = &order.code {
        change.tx.codes().know_code(change.access.account_key(), code).await?;
    }
    let writes: Vec<CodeWrite> = found
        .into_iter()
        .filter(|conference| conference.assigned != order.code)
        .map(|conference| write(conference, order.code.clone()))
        .collect();
    Ok(CodeOutcome::Changed(change.commit(writes, None).await?))
}

/// Takes a set back, except for conferences that were changed again since.
pub async fn undo_codes(
    context: &Context,
    viewer: &Viewer,
    access: &AccountAccess,
    set: CodeSetKey,
) -> Result<UndoOutcome, JobError> {
    let Some(mut change) = Change::begin(context, viewer, access).await? else { return Ok(UndoOutcome::Busy) };
    let Some(found) = change.tx.codes().code_set(&change.access, set).await? else {
        return Ok(UndoOutcome::NotFound);
    };
    let is_own = found.person == change.person;
    let conferences: Vec<CodedConference> = found.changes.iter().map(|change| change.conference.clone()).collect();
    if !(change.access.is_owner() || is_own) || !change.may_see(&conferences).await? {
        return Ok(UndoOutcome::NotFound);
    }
    let (own, others): (Vec<_>, Vec<_>) =
        found.changes.into_iter().partition(|change| change.conference.changed_by == Some(set));
    let own_conferences: Vec<CodedConference> = own.iter().map(|change| change.conference.clone()).collect();
    if let Some(refusal) = change.refusal_of_months(&own_conferences).await? {
        return Ok(UndoOutcome::Refused(refusal));
    }
    let writes = own.into_iter().map(|change| write(change.conference, change.before)).collect();
    Ok(UndoOutcome::Undone(change.commit(writes, Some(set)).await?, others.len()))
}

fn write(conference: CodedConference, after: Option<BillingCode>) -> CodeWrite {
    let CodedConference { key, assigned, revision, .. } = conference;
    CodeWrite { conference: key, before: assigned, after, revision }
}

impl<'a> Change<'a> {
    /// `None` if the account is busy.
    async fn begin(context: &'a Context, viewer: &Viewer, access: &AccountAccess) -> Result<Option<Self>, JobError> {
        let Some(mut tx) = begin_locked(&context.store, access).await? else { return Ok(None) };
        let now = context.clock.now();
        // What the viewer could see when they asked does not matter: what counts is who may change it now.
        let access = match tx.portal().access(viewer, access.number(), now).await? {
            Some(access) => access,
            None => access.without_rooms(),
        };
        pause_points::reach("codes-locked").await;
        Ok(Some(Self { context, access, person: viewer.person(), now, tx }))
    }

    /// Whether all of the conferences may be seen: also in closed months, whose statements were addressed to certain
    /// people.
    async fn may_see(&mut self, conferences: &[CodedConference]) -> Result<bool, JobError> {
        let Role::Cardholder(rooms) = self.access.role().clone() else { return Ok(true) };
        let mut closed = BTreeSet::new();
        for conference in conferences {
            if !rooms.contains(&conference.room) {
                return Ok(false);
            }
            closed.extend(conference.closed.map(|period| (period, conference.room.clone())));
        }
        for (period, room) in closed {
            let visible = self.tx.portal().rooms_in_closed_month(&self.access, period).await?;
            if visible.is_some_and(|visible| !visible.contains(&room)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn refusal(
        &mut self,
        conferences: &[CodedConference],
        order: &CodeOrder,
    ) -> Result<Option<CodeRefusal>, JobError> {
        if let Some(refusal) = self.refusal_of_months(conferences).await? {
            return Ok(Some(refusal));
        }
        let Some(code) = &order.code else { return Ok(None) };
        let account = self.access.account_key();
        let known = self.tx.codes().account_codes(account).await?;
        if known.iter().any(|known| known.active && known.code == *code) {
            return Ok(None);
        }
        let almost = known.iter().find(|known| known.active && known.is_almost(code));
        Ok(match (self.tx.codes().policy(account).await?.is_listed, almost) {
            (_, Some(AccountCode { code, .. })) if !order.is_meant => Some(CodeRefusal::Almost(code.clone())),
            (true, _) => Some(CodeRefusal::NotListed),
            (false, _) => None,
        })
    }

    /// Why codes of these conferences cannot be changed at all.
    async fn refusal_of_months(&mut self, conferences: &[CodedConference]) -> Result<Option<CodeRefusal>, JobError> {
        let account = self.access.account_key();
        if !self.access.is_owner() && !self.tx.codes().policy(account).await?.cardholders_assign {
            return Ok(Some(CodeRefusal::OwnersOnly));
        }
        let keys: Vec<_> = conferences.iter().map(|conference| conference.key).collect();
        let charging = self.tx.codes().charging_months(account, &keys).await?;
        if self.context.settings.recoded == Recoded::Locked && !charging.is_empty() {
            return Ok(Some(CodeRefusal::Locked));
        }
        let shown = shown_periods(self.context, &self.access);
        let is_shown = |conference: &CodedConference| {
            let own =
                conference.closed.unwrap_or_else(|| Period::containing(conference.filed_at, self.access.time_zone));
            let carried = charging.iter().any(|(key, period)| *key == conference.key && shown.contains(period));
            // Late usage may come for a month that is not shown any more, and be charged in one that is.
            shown.contains(&own) || carried
        };
        let is_reachable = |conference: &CodedConference| !conference.is_erased && is_shown(conference);
        Ok((!conferences.iter().all(is_reachable)).then_some(CodeRefusal::TooOld))
    }

    /// The set, with how many conferences it changes; `None` if it changes none.
    async fn commit(
        mut self,
        writes: Vec<CodeWrite>,
        undoes: Option<CodeSetKey>,
    ) -> Result<Option<(CodeSetKey, usize)>, JobError> {
        if writes.is_empty() {
            self.tx.roll_back().await?;
            return Ok(None);
        }
        let account = self.access.account_key();
        let set = self.tx.codes().change_codes(&self.access, self.person, (&writes, undoes), self.now).await?;
        let keys: Vec<_> = writes.iter().map(|write| write.conference).collect();
        let months: BTreeSet<Period> =
            self.tx.codes().charging_months(account, &keys).await?.into_iter().map(|(_, period)| period).collect();
        let months: Vec<Period> = months.into_iter().collect();
        self.tx.codes().note_recoded(account, &months, self.now).await?;
        let action = if undoes.is_some() { "recoded back" } else { "recoded" };
        let detail = format!("change {}: {} conferences", set.0, writes.len());
        self.audit(action, &detail).await?;
        pause_points::reach("codes-written").await;
        self.tx.commit().await?;
        Ok(Some((set, writes.len())))
    }

    async fn audit(&mut self, action: &'static str, detail: &str) -> Result<(), JobError> {
        let actor = Actor::Online { is_owner: self.access.is_owner() }.to_string();
        let entry = NewAuditEntry {
            at: self.now,
            actor: &actor,
            action,
            account: Some(self.access.number()),
            period: None,
            revision: None,
            detail: Some(detail),
        };
        Ok(self.tx.reports().audit(&entry).await?)
    }
}

/// The result of a change of an account's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListOutcome {
    Changed,
    /// It is no longer what was seen.
    Overtaken,
    Busy,
}

/// Sets which codes can be given, if `is_seen` knows those of now.
pub async fn change_code_list(
    context: &Context,
    access: &AccountAccess,
    (policy, codes): (CodePolicy, &[BillingCode]),
    is_seen: &(impl Fn(CodePolicy, &[AccountCode]) -> bool + Sync),
) -> Result<ListOutcome, JobError> {
    let Some(mut tx) = begin_locked(&context.store, access).await? else { return Ok(ListOutcome::Busy) };
    let account = access.account_key();
    let (now, known) = (tx.codes().policy(account).await?, tx.codes().account_codes(account).await?);
    if !is_seen(now, &known) {
        return Ok(ListOutcome::Overtaken);
    }
    tx.codes().set_policy(account, policy).await?;
    tx.codes().set_active_codes(account, codes).await?;
    let actor = Actor::Online { is_owner: true }.to_string();
    let detail = format!("{} codes", codes.len());
    let entry = NewAuditEntry {
        at: context.clock.now(),
        actor: &actor,
        action: "codes listed",
        account: Some(access.number()),
        period: None,
        revision: None,
        detail: Some(&detail),
    };
    tx.reports().audit(&entry).await?;
    tx.commit().await?;
    Ok(ListOutcome::Changed)
}

/// A transaction that has the account; `None` if others have kept it, or the database, busy for too long.
pub(crate) async fn begin_locked(store: &Store, access: &AccountAccess) -> Result<Option<Tx>, JobError> {
    let Some(mut tx) = store.write_within(WRITER_PATIENCE).await? else { return Ok(None) };
    if tx.work().lock_account_within(access.account_key(), PATIENCE).await? {
        return Ok(Some(tx));
    }
    tx.roll_back().await?;
    Ok(None)
}
