//! A month as it is now, kept so that many readers cost one computation, and none where nothing has changed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::Semaphore;

use crate::domain::{CodeShare, CodesNow, Period, PeriodBounds, RoomNumber, StatementAccount, code_shares};
use crate::jobs::close::compute::compute_rooms;
use crate::jobs::consult::closed::{closed_month, closed_room, is_in_parts, recoded_shares};
use crate::jobs::consult::compare::{LiveDifference, differences};
use crate::jobs::consult::figures::{Month, MonthFigures};
use crate::jobs::consult::live::{LiveScope, LiveTotals, live_totals};
use crate::jobs::consult::month_cache::{Done, MonthCache, Version};
use crate::jobs::{Context, JobError, LateUsage, Recoded};
use crate::store::{AccountAccess, CodeSetKey, Key, Role, StatementKey, Tx, UsageScope, WaitingLegs};

/// The cache of months.
pub struct Months {
    kept: MonthCache,
    /// Computing an open month keeps a core busy.
    computing: Arc<Semaphore>,
    /// A closed one is read at once, whatever is computed meanwhile.
    unpacking: Arc<Semaphore>,
    /// The newest first.
    codes: Mutex<Vec<KeptCodes>>,
}

struct KeptCodes {
    statement: StatementKey,
    seen: CodeSetKey,
    codes: Arc<CodesNow>,
    shares: Arc<Vec<CodeShare>>,
}

/// Open months that are computed at the same time.
const COMPUTED_AT_ONCE: usize = 2;
/// Frozen statements, or parts of them, that are read at the same time.
const UNPACKED_AT_ONCE: usize = 2;
/// Recoded months kept.
const RECODED_KEPT: usize = 200;

/// The months of an account that are shown, newest first: the running one and those before it, as far as they are
/// billed.
pub fn shown_periods(context: &Context, access: &AccountAccess) -> Vec<Period> {
    let running = Period::containing(context.clock.now(), access.time_zone);
    let months = usize::try_from(context.settings.portal.months).unwrap_or(usize::MAX);
    let (first, end) = (access.billed.0.or(context.settings.first_period), access.billed.1);
    let is_billed =
        |period: &Period| first.is_none_or(|first| *period >= first) && end.is_none_or(|end| *period < end);
    let months = std::iter::successors(Some(running), |period| Some(period.previous())).take(months);
    months.filter(is_billed).collect()
}

/// The rooms of a month that may be seen; `None` means all, and the account's totals.
pub async fn visible_rooms(
    context: &Context,
    access: &AccountAccess,
    period: Period,
) -> Result<Option<Vec<RoomNumber>>, JobError> {
    let Role::Cardholder(rooms) = access.role() else { return Ok(None) };
    let mut tx = context.store.read_for_people().await?;
    if tx.closings().is_closed(access.account_key(), period).await? {
        return Ok(tx.portal().rooms_in_closed_month(access, period).await?);
    }
    Ok(Some(rooms.clone()))
}

impl Default for Months {
    fn default() -> Self {
        Self {
            kept: MonthCache::default(),
            computing: Arc::new(Semaphore::new(COMPUTED_AT_ONCE)),
            unpacking: Arc::new(Semaphore::new(UNPACKED_AT_ONCE)),
            codes: Mutex::default(),
        }
    }
}

impl Months {
    /// A cache that shows every change at once.
    pub fn always_current() -> Self {
        Self { kept: MonthCache::always_current(), ..Self::default() }
    }

    /// `room`: of an open month, this room with its lines is enough.
    pub async fn get(
        &self,
        context: &Context,
        access: &AccountAccess,
        period: Period,
        room: Option<&RoomNumber>,
    ) -> Result<Month, JobError> {
        let account = access.account_key();
        let mut tx = context.store.read_for_people().await?;
        let seen = tx.codes().newest_code_set(account).await?;
        let bounds = tx.closings().period_bounds(account, period).await?;
        let Some(current) = tx.statements().current_revision(account, period).await? else {
            let is_closed = tx.closings().is_closed(account, period).await?;
            let scope = open_scope(context, &mut tx, account, bounds, is_closed).await?;
            let carried = (scope.usage.waiting, scope.not_carried);
            let version = Version::Computed(tx.usage().state(account, room).await?, seen, carried);
            drop(tx);
            let (now, place) = (context.clock.now(), (account, period, room.cloned()));
            let (reading, is_current) = self.kept.reading(place, version);
            let computing = LiveComputation { context: context.clone(), place: (account, bounds, room.cloned()) };
            let (done, is_finished) = reading.shown(&self.computing, move |before| computing.run(before)).await?;
            let mut month = Month { seen, ..done.month };
            if let MonthFigures::Open { as_of, is_behind } = &mut month.figures {
                *is_behind = !(is_current && is_finished);
                if !*is_behind {
                    // Nothing has changed until now.
                    *as_of = now.max(*as_of);
                }
            }
            return Ok(month);
        };
        if tx.portal().awaits_approval(current.key).await? {
            return checked(&mut tx, account, bounds).await;
        }
        // While a large month is awaited, none of the few connections for people is held.
        drop(tx);
        self.closed(context, (account, period, room), (current.key, seen)).await
    }

    async fn closed(
        &self,
        context: &Context,
        (account, period, room): (Key, Period, Option<&RoomNumber>),
        (key, seen): (StatementKey, Option<CodeSetKey>),
    ) -> Result<Month, JobError> {
        let (reading, _) = self.kept.reading((account, period, None), Version::Frozen(key));
        let of = context.clone();
        let (done, _) =
            reading.shown(&self.unpacking, move |_| async move { closed_month(&of, account, key).await }).await?;
        let month = Month { seen, ..self.recoded(context, done.month, (key, seen)).await? };
        let Some(room) = room.filter(|_| is_in_parts(&month.statement)) else { return Ok(month) };
        let (reading, _) = self.kept.reading((account, period, Some(room.clone())), Version::Frozen(key));
        let (of, all, room) = (context.clone(), month.clone(), room.clone());
        let (done, _) =
            reading.shown(&self.unpacking, move |_| async move { closed_room(&of, all, (key, room)).await }).await?;
        Ok(Month { statement: done.month.statement, ..month })
    }

    /// Compares what was shown of months with what they came to, once they have closed; each month once.
    pub async fn compare_with_closings(&self, context: &Context) -> Result<Vec<LiveDifference>, JobError> {
        let mut found = Vec::new();
        for (account, period, live) in self.kept.live_months() {
            if context.store.read().await?.closings().is_closed(account, period).await? {
                found.extend(differences(context, (account, period), &live).await?);
                self.kept.forget_live((account, period));
            }
        }
        Ok(found)
    }

    /// With what was recoded of a closed month, up to a change; kept until the next one.
    async fn recoded(
        &self,
        context: &Context,
        month: Month,
        (statement, seen): (StatementKey, Option<CodeSetKey>),
    ) -> Result<Month, JobError> {
        let Some(seen) = seen else { return Ok(month) };
        let known = {
            let kept = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
            let known = kept.iter().find(|kept| kept.statement == statement && kept.seen == seen);
            known.map(|kept| (Arc::clone(&kept.codes), Arc::clone(&kept.shares)))
        };
        if let Some((codes, shares)) = known {
            return Ok(Month { shares, codes, ..month });
        }
        let (codes, shares) = recoded_shares(context, &month, statement).await?;
        let (codes, shares) = (Arc::new(codes), shares.map_or(month.shares, Arc::new));
        let mut kept = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|kept| kept.statement != statement);
        kept.truncate(RECODED_KEPT);
        kept.insert(0, KeptCodes { statement, seen, codes: Arc::clone(&codes), shares: Arc::clone(&shares) });
        Ok(Month { shares, codes, ..month })
    }
}

/// An open month that is to be computed.
struct LiveComputation {
    context: Context,
    place: (Key, PeriodBounds, Option<RoomNumber>),
}

impl LiveComputation {
    async fn run(self, before: Option<LiveTotals>) -> Result<Done, JobError> {
        let (context, (account, bounds, room)) = (&self.context, &self.place);
        let (started, as_of) = (Instant::now(), context.clock.now());
        let mut tx = context.store.read().await?;
        let is_closed = tx.closings().is_closed(*account, bounds.id).await?;
        let scope = open_scope(context, &mut tx, *account, *bounds, is_closed).await?;
        let computed = match room {
            None => live_totals(&mut tx, &scope, before.as_ref()).await?.map(|live| {
                let (statement, shares) = (Arc::clone(&live.statement), Arc::clone(&live.shares));
                (statement, shares, Some(live))
            }),
            Some(room) => {
                let part = scope.part(Some(std::slice::from_ref(room)));
                compute_rooms(&mut tx, scope.usage, &part).await?.map(|statement| {
                    let shares = Arc::new(code_shares(&statement.lines, &CodesNow::default()));
                    (Arc::new(statement), shares, None)
                })
            }
        };
        let Ok((statement, shares, live)) = computed else {
            let month = checked(&mut tx, *account, *bounds).await?;
            return Ok(Done::now(month, None, started));
        };
        let figures =
            if is_closed { MonthFigures::Closed(None) } else { MonthFigures::Open { as_of, is_behind: false } };
        let (scope, codes) = (scope.usage, Arc::default());
        let month = Month { statement, shares, figures, scope, codes, seen: None };
        Ok(Done::now(month, live, started))
    }
}

/// What closing the month now would charge. Late legs that wait are carried into the oldest open month alone, and not
/// where a revision of their own month is owed anyway, which takes them along.
async fn open_scope(
    context: &Context,
    tx: &mut Tx,
    account: Key,
    bounds: PeriodBounds,
    is_closed: bool,
) -> Result<LiveScope, JobError> {
    let is_next = !is_closed && tx.closings().is_closed(account, bounds.id.previous()).await?;
    let waiting = match (is_next, context.settings.late_usage) {
        (false, _) => WaitingLegs::LeftOut,
        (true, LateUsage::Carry) => WaitingLegs::Carried,
        (true, LateUsage::Revise { .. }) => WaitingLegs::OlderOnly,
    };
    let not_carried = match waiting {
        WaitingLegs::Carried => {
            tx.codes().months_to_be_revised(account, context.settings.recoded == Recoded::Revise).await?
        }
        _ => Vec::new(),
    };
    Ok(LiveScope { usage: UsageScope { account, bounds, revision: 1, waiting }, not_carried })
}

/// A month without figures.
async fn checked(tx: &mut Tx, account: Key, bounds: PeriodBounds) -> Result<Month, JobError> {
    let master = tx.accounts().account_in(account, bounds.id).await?;
    let of = StatementAccount {
        number: master.number,
        company: master.company,
        currency: master.currency,
        time_zone: master.time_zone,
        locale: master.locale,
    };
    let scope = UsageScope { account, bounds, revision: 1, waiting: WaitingLegs::LeftOut };
    Ok(Month::checked(of, scope))
}
