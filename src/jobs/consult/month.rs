//! A month as it stands now, kept so that many who look cost one computation, and none where nothing has changed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::{OnceCell, Semaphore};

use crate::domain::{
    Amount, CodeShare, CodesNow, Period, PeriodBounds, RoomNumber, Statement, StatementAccount, Totals, code_shares,
};
use crate::jobs::close::compute::compute_rooms;
use crate::jobs::consult::live::{LiveTotals, live_totals};
use crate::jobs::consult::recoded::codes_now;
use crate::jobs::{Context, JobError, LateUsage};
use crate::store::{AccountAccess, CodeSetKey, Key, Role, StatementKey, Tx, UsageScope, UsageState, WaitingLegs};

/// A month of an account, and what its figures are.
#[derive(Debug, Clone)]
pub struct Month {
    /// Without rooms and lines where the figures are [`MonthFigures::Checked`]. Of an open month without lines, or with one
    /// room alone and its lines.
    pub statement: Arc<Statement>,
    /// What its rooms come to by code.
    pub shares: Arc<Vec<CodeShare>>,
    pub figures: MonthFigures,
    /// The usage that they are made of.
    pub scope: UsageScope,
    /// Codes that were given since it closed.
    pub codes: Arc<CodesNow>,
    /// The newest change of codes that is seen here.
    pub seen: Option<CodeSetKey>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonthFigures {
    /// Those of the current revision. None: the month closed without usage.
    Closed(Option<StatementKey>),
    /// What closing would have frozen at this instant.
    Open { as_of: DateTime<Utc> },
    /// None to be shown: safety bounds hold the statement, or something stands in the way of computing it.
    Checked,
}

/// Months at hand.
pub struct Months {
    /// The newest last.
    kept: Mutex<Vec<Kept>>,
    /// Computing an open month keeps a core busy.
    computing: Semaphore,
    /// The newest first.
    codes: Mutex<Vec<KeptCodes>>,
    /// See [`SHOWN_FOR`]; None: nothing that has changed is shown.
    shown_for: Option<Duration>,
}

struct KeptCodes {
    statement: StatementKey,
    seen: CodeSetKey,
    codes: Arc<CodesNow>,
    shares: Arc<Vec<CodeShare>>,
}

struct Kept {
    account: Key,
    period: Period,
    /// None: the account's totals, or all of a closed month.
    room: Option<RoomNumber>,
    version: Version,
    reading: Arc<Reading>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    /// Never changes.
    Frozen(StatementKey),
    /// Of the usage, the terms and the codes of a moment.
    Computed(UsageState, Option<CodeSetKey>),
}

/// Who wants the same month waits for one reading.
#[derive(Default)]
struct Reading {
    done: OnceCell<Done>,
    /// What was known before: rooms that have not changed are not computed again.
    before: Option<LiveTotals>,
}

#[derive(Clone)]
struct Done {
    month: Month,
    /// Of an account's open month.
    live: Option<LiveTotals>,
    at: Instant,
    took: Duration,
}

/// How long what was computed of an open month is shown although its usage has changed since; what took longer is shown for as
/// long again.
const SHOWN_FOR: Duration = Duration::from_secs(3);
/// Lines and rooms of all months that are kept: some 50 MB.
const LINES_KEPT: usize = 200_000;
/// Months kept, however small.
const MONTHS_KEPT: usize = 200;
/// Open months that are computed at the same time.
const COMPUTED_AT_ONCE: usize = 2;

/// The months of an account that are shown, newest first: the running one and those before it, as far as they are billed.
pub fn shown_periods(context: &Context, access: &AccountAccess) -> Vec<Period> {
    let running = Period::containing(context.clock.now(), access.time_zone);
    let months = usize::try_from(context.settings.portal.months).unwrap_or(usize::MAX);
    let (first, end) = (access.billed.0.or(context.settings.first_period), access.billed.1);
    let is_billed =
        |period: &Period| first.is_none_or(|first| *period >= first) && end.is_none_or(|end| *period < end);
    let months = std::iter::successors(Some(running), |period| Some(period.previous())).take(months);
    months.filter(is_billed).collect()
}

/// The rooms of a month that may be seen; None: all, and the account's totals.
pub async fn visible_rooms(
    context: &Context,
    access: &AccountAccess,
    period: Period,
) -> Result<Option<Vec<RoomNumber>>, JobError> {
    let Role::Cardholder(rooms) = access.role() else { return Ok(None) };
    let mut tx = context.store.read_for_people().await?;
    if tx.is_closed(access.account_key(), period).await? {
        return Ok(tx.rooms_in_closed_month(access, period).await?);
    }
    Ok(Some(rooms.clone()))
}

impl Default for Months {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
            computing: Semaphore::new(COMPUTED_AT_ONCE),
            codes: Mutex::default(),
            shown_for: Some(SHOWN_FOR),
        }
    }
}

impl Months {
    /// That show every change at once.
    pub fn always_current() -> Self {
        Self { shown_for: None, ..Self::default() }
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
        let seen = tx.newest_code_set(account).await?;
        let bounds = tx.period_bounds(account, period).await?;
        let Some(current) = tx.current_revision(account, period).await? else {
            let version = Version::Computed(tx.usage_state(account, room).await?, seen);
            drop(tx);
            let (now, place) = (context.clock.now(), (account, period, room));
            let (reading, is_current) = self.reading(place, version);
            let compute = || self.compute(context, (account, bounds), room, reading.before.as_ref());
            let done = reading.done.get_or_try_init(compute).await?;
            let mut month = Month { seen, ..done.month.clone() };
            if let MonthFigures::Open { as_of } = &mut month.figures
                && is_current
            {
                // Nothing has changed until now.
                *as_of = now.max(*as_of);
            }
            return Ok(month);
        };
        if tx.awaits_approval(current.key).await? {
            return checked(&mut tx, account, bounds).await;
        }
        // No one waits for a large month with one of the few connections for people.
        drop(tx);
        let (reading, _) = self.reading((account, period, None), Version::Frozen(current.key));
        let done = reading.done.get_or_try_init(|| frozen(context, account, current.key)).await?;
        let month = self.recoded(context, done.month.clone(), (current.key, seen)).await?;
        Ok(Month { seen, ..month })
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
        let codes = Arc::new(codes_now(&mut context.store.read_for_people().await?, month.scope).await?);
        let shares =
            if codes.is_empty() { month.shares } else { Arc::new(code_shares(&month.statement.lines, &codes)) };
        let mut kept = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|kept| kept.statement != statement);
        kept.truncate(MONTHS_KEPT);
        kept.insert(0, KeptCodes { statement, seen, codes: Arc::clone(&codes), shares: Arc::clone(&shares) });
        Ok(Month { shares, codes, ..month })
    }

    async fn compute(
        &self,
        context: &Context,
        (account, bounds): (Key, PeriodBounds),
        room: Option<&RoomNumber>,
        before: Option<&LiveTotals>,
    ) -> Result<Done, JobError> {
        let _permit = self.computing.acquire().await.map_err(|_| JobError::Stopped)?;
        let (started, as_of) = (Instant::now(), context.clock.now());
        let mut tx = context.store.read().await?;
        let is_closed = tx.is_closed(account, bounds.id).await?;
        let scope = open_scope(context, &mut tx, account, bounds, is_closed).await?;
        let computed = match room {
            None => live_totals(&mut tx, scope, before).await?.map(|live| {
                let (statement, shares) = (Arc::clone(&live.statement), Arc::clone(&live.shares));
                (statement, shares, Some(live))
            }),
            Some(room) => compute_rooms(&mut tx, scope, Some(std::slice::from_ref(room))).await?.map(|statement| {
                let shares = Arc::new(code_shares(&statement.lines, &CodesNow::default()));
                (Arc::new(statement), shares, None)
            }),
        };
        let Ok((statement, shares, live)) = computed else {
            let month = checked(&mut tx, account, bounds).await?;
            return Ok(Done { month, live: None, at: Instant::now(), took: started.elapsed() });
        };
        let figures = if is_closed { MonthFigures::Closed(None) } else { MonthFigures::Open { as_of } };
        let month = Month { statement, shares, figures, scope, codes: Arc::default(), seen: None };
        Ok(Done { month, live, at: Instant::now(), took: started.elapsed() })
    }

    /// The reading that is kept, or an empty one in its place; with whether it is of this very version.
    fn reading(
        &self,
        (account, period, room): (Key, Period, Option<&RoomNumber>),
        version: Version,
    ) -> (Arc<Reading>, bool) {
        // Nothing panics while it holds the lock; if something did, the list is still whole.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |kept: &Kept| (kept.account, kept.period) == (account, period) && kept.room.as_ref() == room;
        let mut before = None;
        if let Some(position) = kept.iter().position(is_it) {
            let known = &kept[position];
            let is_current = known.version == version;
            if is_current || known.is_still_shown(version, self.shown_for) {
                return (Arc::clone(&known.reading), is_current);
            }
            let known = kept.remove(position);
            before = known.reading.done.get().map_or_else(|| known.reading.before.clone(), |done| done.live.clone());
        }
        while kept.len() >= MONTHS_KEPT || kept.iter().map(Kept::size).sum::<usize>() > LINES_KEPT {
            kept.remove(0);
        }
        let reading = Arc::new(Reading { done: OnceCell::new(), before });
        kept.push(Kept { account, period, room: room.cloned(), version, reading: Arc::clone(&reading) });
        (reading, true)
    }
}

impl Kept {
    /// Whether it is shown for a moment longer, although something has changed: never what stood before a change of codes.
    fn is_still_shown(&self, version: Version, shown_for: Option<Duration>) -> bool {
        let (Version::Computed(_, seen), Version::Computed(_, seen_now)) = (self.version, version) else {
            return false;
        };
        let Some(shown_for) = shown_for else { return false };
        let is_fresh = |done: &Done| done.at.elapsed() < shown_for.max(done.took);
        seen == seen_now && self.reading.done.get().is_none_or(is_fresh)
    }

    fn size(&self) -> usize {
        let size = |done: &Done| done.month.statement.lines.len() + done.month.statement.rooms.len();
        self.reading.done.get().map_or(0, size)
    }
}

async fn frozen(context: &Context, account: Key, key: StatementKey) -> Result<Done, JobError> {
    let started = Instant::now();
    let statement = context.store.read().await?.statement(key).await?;
    let scope =
        UsageScope { account, bounds: statement.period, revision: statement.revision, waiting: WaitingLegs::LeftOut };
    let figures = MonthFigures::Closed(Some(key));
    let shares = Arc::new(code_shares(&statement.lines, &CodesNow::default()));
    let month = Month { statement: Arc::new(statement), shares, figures, scope, codes: Arc::default(), seen: None };
    Ok(Done { month, live: None, at: Instant::now(), took: started.elapsed() })
}

/// What closing the month now would charge. Late legs that wait are carried into the oldest open month alone.
async fn open_scope(
    context: &Context,
    tx: &mut Tx,
    account: Key,
    bounds: PeriodBounds,
    is_closed: bool,
) -> Result<UsageScope, JobError> {
    let is_next = !is_closed && tx.is_closed(account, bounds.id.previous()).await?;
    let carries = matches!(context.settings.late_usage, LateUsage::Carry) && is_next;
    let waiting = if carries { WaitingLegs::Carried } else { WaitingLegs::LeftOut };
    Ok(UsageScope { account, bounds, revision: 1, waiting })
}

/// A month without figures.
async fn checked(tx: &mut Tx, account: Key, bounds: PeriodBounds) -> Result<Month, JobError> {
    let master = tx.account_in(account, bounds.id).await?;
    let statement = Statement {
        account: StatementAccount {
            number: master.number,
            company: master.company,
            currency: master.currency,
            time_zone: master.time_zone,
            locale: master.locale,
        },
        period: bounds,
        revision: 1,
        totals: Totals { charge: Amount(0), ..Totals::default() },
        rooms: Vec::new(),
        billing_codes: Vec::new(),
        lines: Vec::new(),
        services: Vec::new(),
        history: Vec::new(),
        addressees: Vec::new(),
        offsets: Vec::new(),
        zone_data: None,
        inputs_digest: String::new(),
        changes: None,
    };
    let scope = UsageScope { account, bounds, revision: 1, waiting: WaitingLegs::LeftOut };
    let figures = MonthFigures::Checked;
    let statement = Arc::new(statement);
    Ok(Month { statement, shares: Arc::default(), figures, scope, codes: Arc::default(), seen: None })
}
