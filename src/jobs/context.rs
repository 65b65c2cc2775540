//! What jobs work with; built once by `app`.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeDelta;
use ipnet::IpNet;
use secrecy::SecretString;

use crate::archive::Archive;
use crate::clock::Clock;
use crate::domain::{EmailAddress, Formats, MailDomain, Mailbox, Period, UnknownPolicy};
use crate::jobs::{Actor, Approval, DueRule, IntakeRules, RerunOrder, SafetyBounds};
use crate::mail::{DkimSettings, Transport};
use crate::render::Renderer;
use crate::store::{SessionLimits, Store};

/// The parts and the rules of a running program. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    pub store: Store,
    pub archive: Archive,
    pub renderer: Arc<Renderer>,
    pub transport: Arc<Transport>,
    pub clock: Clock,
    pub settings: Arc<Settings>,
    /// Whom the audit names for what is done.
    pub actor: Actor,
}

impl Context {
    /// The same parts, working for another actor.
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }
}

#[derive(Debug, Clone)]
pub struct Settings {
    /// How long after its end a period becomes due.
    pub grace: TimeDelta,
    pub late_usage: LateUsage,
    pub recoded: Recoded,
    /// How long late usage of a month, or voids in it, must have been quiet before the daemon revises it; with late
    /// usage that is carried, where it cannot be.
    pub revise_after: TimeDelta,
    /// The first period that is billed, of accounts that name none of their own.
    pub first_period: Option<Period>,
    /// Charges beyond these wait for approval.
    pub bounds: SafetyBounds,
    pub approvals: Vec<Approval>,
    /// The reruns that are asked for.
    pub reruns: Vec<RerunOrder>,
    pub formats: Formats,
    /// Make files and mail also for months and rooms without usage.
    pub empty_rooms: bool,
    /// Newest closed months of an account that the archive keeps.
    pub keep_months: u32,
    /// Newest closed months of an account whose usage the database keeps; never less than the archive keeps.
    pub keep_usage: u32,
    /// How long after a closed month's end its callers' numbers are erased; `None` means together with its usage.
    pub erase_callers_after: Option<TimeDelta>,
    pub mail: MailRules,
    pub operations: OperationsRules,
    pub portal: PortalRules,
    pub intake: IntakeRules,
    /// Where this machine's disks are written to, each with what is kept there.
    pub folders: Vec<(&'static str, PathBuf)>,
}

/// From `[operations]`.
#[derive(Debug, Clone, Default)]
pub struct OperationsRules {
    /// How long something may be due and not done.
    pub overdue_after: TimeDelta,
    /// Who is told; empty means no one.
    pub notify: Vec<EmailAddress>,
}

/// From `[portal]`.
#[derive(Debug, Clone)]
pub struct PortalRules {
    /// Where customers reach it, without a slash at its end; `None` if it is not offered.
    pub url: Option<String>,
    /// Months shown: the running one, and those before it.
    pub months: u32,
    /// The operator's own people; empty: there are no pages for them.
    pub staff: Vec<EmailAddress>,
    /// Where they come from; empty: from anywhere.
    pub staff_networks: Vec<IpNet>,
    /// When months are due for the daemon.
    pub due: DueRule,
    pub session: SessionLimits,
    /// How long a link for a forgotten password works.
    pub link_valid: TimeDelta,
    /// How long a link for a first password works.
    pub invite_valid: TimeDelta,
    /// In characters.
    pub shortest_password: usize,
    /// A file of passwords that no one may have.
    pub password_blocklist: Option<PathBuf>,
    /// What second factors are sealed with, besides the installation's own secret.
    pub second_factor_key: Option<SecretString>,
}

/// What holds for every message; from `[mail]`.
#[derive(Debug, Clone)]
pub struct MailRules {
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    pub unknown: UnknownPolicy,
    /// Messages under way at once.
    pub concurrency: usize,
    /// `None` means as fast as it goes.
    pub per_second: Option<u32>,
    /// Bytes of all attachments together; beyond, a message says how to get them.
    pub max_attachment: u64,
    /// Rehearsal: everything goes here, with the true recipient in the subject.
    pub redirect_to: Option<EmailAddress>,
    /// Not empty: what goes to other domains is held.
    pub only: Vec<MailDomain>,
    /// Signs every message.
    pub dkim: Option<DkimSettings>,
    /// A maildir or mbox in which reports of failure arrive.
    pub bounces: Option<PathBuf>,
}

/// What happens to usage whose month has closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LateUsage {
    /// The account's next month to close charges it, in marked lines.
    Carry,
    /// Its own month gets a new revision, once the account's late usage has been quiet for this long.
    Revise { quiet: TimeDelta },
}

/// What happens to closed months in which billing codes were changed online.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recoded {
    /// A revision is made where an owner asks for one.
    Request,
    /// Also by itself, once nothing was changed for as long as late usage must have been quiet.
    Revise,
    /// They cannot be changed.
    Locked,
}
