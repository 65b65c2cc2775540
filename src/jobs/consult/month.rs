//! A month as it stands now, kept for a moment so that many who look cost one computation.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::{OnceCell, Semaphore};

use crate::domain::{Amount, CodesNow, Period, PeriodBounds, RoomNumber, Statement, StatementAccount, Totals};
use crate::jobs::close::compute::compute;
use crate::jobs::consult::recoded::codes_now;
use crate::jobs::{Context, JobError, LateUsage};
use crate::store::{AccountAccess, CodeSetKey, Key, Role, StatementKey, Tx, UsageScope, WaitingLegs};

/// A month of an account, and what its figures are.
#[derive(Debug, Clone)]
pub struct Month {
    /// Without rooms and lines where the figures are [`MonthFigures::Checked`].
    pub statement: Arc<Statement>,
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
}

struct KeptCodes {
    statement: StatementKey,
    seen: CodeSetKey,
    codes: Arc<CodesNow>,
}

struct Kept {
    account: Key,
    period: Period,
    version: Version,
    reading: Arc<Reading>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    /// Never changes.
    Frozen(StatementKey),
    /// Of the usage of a moment, and of the codes up to a change of them.
    Computed(Option<CodeSetKey>),
}

/// Who wants the same month waits for one reading.
type Reading = OnceCell<Done>;

#[derive(Clone)]
struct Done {
    month: Month,
    at: Instant,
    took: Duration,
}

/// How long what was computed of an open month is shown; what took longer is shown for as long again.
const SHOWN_FOR: Duration = Duration::from_secs(3);
/// Lines of all months that are kept: some 50 MB.
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
    let mut tx = context.store.read().await?;
    if tx.is_closed(access.account_key(), period).await? {
        return Ok(tx.rooms_in_closed_month(access, period).await?);
    }
    Ok(Some(rooms.clone()))
}

impl Default for Months {
    fn default() -> Self {
        Self { kept: Mutex::default(), computing: Semaphore::new(COMPUTED_AT_ONCE), codes: Mutex::default() }
    }
}

impl Months {
    pub async fn get(&self, context: &Context, access: &AccountAccess, period: Period) -> Result<Month, JobError> {
        let account = access.account_key();
        let mut tx = context.store.read().await?;
        let seen = tx.newest_code_set(account).await?;
        let bounds = tx.period_bounds(account, period).await?;
        let Some(current) = tx.current_revision(account, period).await? else {
            drop(tx);
            let reading = self.reading(account, period, Version::Computed(seen));
            let done = reading.get_or_try_init(|| self.compute(context, account, bounds)).await?;
            return Ok(Month { seen, ..done.month.clone() });
        };
        if tx.awaits_approval(current.key).await? {
            return checked(&mut tx, account, bounds).await;
        }
        let reading = self.reading(account, period, Version::Frozen(current.key));
        let month = reading.get_or_try_init(|| frozen(&mut tx, account, current.key)).await?.month.clone();
        let codes = self.codes(&mut tx, month.scope, (current.key, seen)).await?;
        Ok(Month { codes, seen, ..month })
    }

    /// What was recoded of a closed month, up to a change; kept until the next one.
    async fn codes(
        &self,
        tx: &mut Tx,
        scope: UsageScope,
        (statement, seen): (StatementKey, Option<CodeSetKey>),
    ) -> Result<Arc<CodesNow>, JobError> {
        let Some(seen) = seen else { return Ok(Arc::default()) };
        let known = {
            let kept = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
            kept.iter().find(|kept| kept.statement == statement && kept.seen == seen).map(|kept| kept.codes.clone())
        };
        if let Some(codes) = known {
            return Ok(codes);
        }
        let codes = Arc::new(codes_now(tx, scope).await?);
        let mut kept = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|kept| kept.statement != statement);
        kept.truncate(MONTHS_KEPT);
        kept.insert(0, KeptCodes { statement, seen, codes: Arc::clone(&codes) });
        Ok(codes)
    }

    async fn compute(&self, context: &Context, account: Key, bounds: PeriodBounds) -> Result<Done, JobError> {
        let _permit = self.computing.acquire().await.map_err(|_| JobError::Stopped)?;
        let (started, as_of) = (Instant::now(), context.clock.now());
        let mut tx = context.store.read().await?;
        let is_closed = tx.is_closed(account, bounds.id).await?;
        let scope = open_scope(context, &mut tx, account, bounds, is_closed).await?;
        let month = match compute(&mut tx, scope).await? {
            Ok(computed) => Month {
                statement: Arc::new(computed),
                figures: if is_closed { MonthFigures::Closed(None) } else { MonthFigures::Open { as_of } },
                scope,
                codes: Arc::default(),
                seen: None,
            },
            Err(_) => checked(&mut tx, account, bounds).await?,
        };
        Ok(Done { month, at: Instant::now(), took: started.elapsed() })
    }

    /// The reading that is kept, or an empty one in its place.
    fn reading(&self, account: Key, period: Period, version: Version) -> Arc<Reading> {
        // Nothing panics while it holds the lock; if something did, the list is still whole.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|kept| {
            (kept.account, kept.period) != (account, period) || (kept.version == version && kept.is_fresh())
        });
        if let Some(known) = kept.iter().find(|kept| (kept.account, kept.period) == (account, period)) {
            return Arc::clone(&known.reading);
        }
        while kept.len() >= MONTHS_KEPT || kept.iter().map(Kept::lines).sum::<usize>() > LINES_KEPT {
            kept.remove(0);
        }
        let reading = Arc::new(Reading::new());
        kept.push(Kept { account, period, version, reading: Arc::clone(&reading) });
        reading
    }
}

impl Kept {
    fn is_fresh(&self) -> bool {
        let shown_for = |done: &Done| done.at.elapsed() < SHOWN_FOR.max(done.took);
        matches!(self.version, Version::Frozen(_)) || self.reading.get().is_none_or(shown_for)
    }

    fn lines(&self) -> usize {
        self.reading.get().map_or(0, |done| done.month.statement.lines.len())
    }
}

async fn frozen(tx: &mut Tx, account: Key, key: StatementKey) -> Result<Done, JobError> {
    let started = Instant::now();
    let statement = tx.statement(key).await?;
    let scope =
        UsageScope { account, bounds: statement.period, revision: statement.revision, waiting: WaitingLegs::LeftOut };
    let figures = MonthFigures::Closed(Some(key));
    let month = Month { statement: Arc::new(statement), figures, scope, codes: Arc::default(), seen: None };
    Ok(Done { month, at: Instant::now(), took: started.elapsed() })
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
    Ok(Month { statement: Arc::new(statement), figures, scope, codes: Arc::default(), seen: None })
}
