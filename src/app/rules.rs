//! The rules that jobs go by, from the configuration's sections.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;

use crate::config::{
    self, Approve, Billing, Config, LateUsageKind, Limit, Portal, RecodedKind, Rerun, TransportKind,
};
use crate::jobs::{
    Approval, ClosingSchedule, DueRule, LateUsage, MailRules, OperationsRules, PortalRules, Recoded, RerunOrder,
    SafetyBounds, Settings,
};
use crate::mail::DkimSettings;
use crate::store::SessionLimits;

use super::intake::intake_rules;

/// Who asks what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The daemon: waits for the grace and the schedule.
    Daemon,
    /// A person: waits for the grace.
    Command,
    /// A person who does not want to wait for the grace.
    Forced,
}

/// When periods are due, depending on who asks.
pub fn due_rule(config: &Config, trigger: Trigger) -> DueRule {
    let grace = if trigger == Trigger::Forced { TimeDelta::zero() } else { config.schedule.grace };
    let schedule = (trigger == Trigger::Daemon).then(|| schedule(&config.schedule));
    DueRule { grace, revise_at_once: trigger != Trigger::Daemon, schedule }
}

fn schedule(schedule: &config::Schedule) -> ClosingSchedule {
    ClosingSchedule { cron: schedule.close.cron().clone(), time_zone: schedule.time_zone.0 }
}

/// Everything that jobs go by.
pub fn settings(config: &Config) -> Settings {
    Settings {
        grace: config.schedule.grace,
        late_usage: late_usage(&config.billing),
        recoded: recoded(config.billing.recoded),
        revise_after: config.billing.revise_after,
        first_period: config.billing.first_period,
        formats: config.statements.formats.iter().copied().collect(),
        empty_rooms: config.statements.empty_rooms,
        keep_months: config.archive.keep_months,
        keep_usage: config.database.keep_usage.max(config.archive.keep_months),
        erase_callers_after: config.privacy.erase_callers_after.map(Into::into),
        mail: mail_rules(config),
        operations: operations_rules(&config.operations),
        portal: portal_rules(config),
        intake: intake_rules(config),
        folders: folders(config),
        bounds: bounds(&config.billing),
        approvals: config.approve.iter().map(approval).collect(),
        reruns: config.rerun.iter().map(rerun_order).collect(),
    }
}

fn late_usage(billing: &Billing) -> LateUsage {
    match billing.late_usage {
        LateUsageKind::Carry => LateUsage::Carry,
        LateUsageKind::Revise => LateUsage::Revise { quiet: billing.revise_after },
    }
}

fn recoded(kind: RecodedKind) -> Recoded {
    match kind {
        RecodedKind::Request => Recoded::Request,
        RecodedKind::Revise => Recoded::Revise,
        RecodedKind::Locked => Recoded::Locked,
    }
}

/// Which charges wait for approval.
fn bounds(billing: &Billing) -> SafetyBounds {
    let limits = |limits: &[Limit]| limits.iter().map(|limit| (limit.currency, limit.amount)).collect();
    SafetyBounds {
        above: limits(&billing.hold_above),
        below: limits(&billing.hold_below),
        factor: billing.hold_factor.map(|factor| factor.0),
    }
}

fn approval(approve: &Approve) -> Approval {
    Approval { period: approve.period, accounts: approve.accounts.clone() }
}

fn rerun_order(rerun: &Rerun) -> RerunOrder {
    RerunOrder {
        id: rerun.id.clone(),
        period: rerun.period,
        accounts: rerun.accounts.clone(),
        reason: rerun.reason.to_string(),
        state: rerun.state,
        what: rerun.what,
        send: rerun.send,
        recipients: rerun.recipients.clone(),
    }
}

fn operations_rules(operations: &config::Operations) -> OperationsRules {
    OperationsRules { overdue_after: operations.overdue_after, notify: operations.notify.clone() }
}

/// Where customers reach the online consultation, without a slash at its end.
pub(super) fn portal_url(portal: &Portal) -> Option<String> {
    portal.url.as_ref().map(|url| url.to_string().trim_end_matches('/').to_owned())
}

fn portal_rules(config: &Config) -> PortalRules {
    let portal = &config.portal;
    let delta = |duration: Duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
    PortalRules {
        url: portal_url(portal),
        months: portal.months,
        staff: portal.staff.clone(),
        staff_networks: portal.staff_networks.iter().map(config::Network::net).collect(),
        due: due_rule(config, Trigger::Daemon),
        session: SessionLimits { idle: delta(portal.session_idle), longest: delta(portal.session_longest) },
        link_valid: delta(portal.link_valid),
        invite_valid: delta(portal.invite_valid),
        shortest_password: portal.password_shortest as usize,
        password_blocklist: portal.password_blocklist.as_ref().map(|file| file.to_path_buf()),
        second_factor_key: portal.second_factor_key.as_ref().map(|key| key.as_secret().clone()),
    }
}

/// What holds for every message.
pub fn mail_rules(config: &Config) -> MailRules {
    let mail = &config.mail;
    MailRules {
        from: mail.from.clone(),
        reply_to: mail.reply_to.clone(),
        unknown: mail.unknown,
        concurrency: mail.concurrency as usize,
        per_second: mail.per_second,
        max_attachment: mail.max_attachment.0,
        redirect_to: mail.redirect_to.clone(),
        only: mail.only.clone(),
        dkim: mail.dkim.as_ref().map(|dkim| DkimSettings {
            domain: dkim.domain.clone(),
            selector: dkim.selector.clone(),
            key_file: dkim.key_file.to_path_buf(),
        }),
        bounces: mail.bounces.as_ref().map(|path| path.to_path_buf()),
    }
}

/// The folders of this machine that are written to, each with what is kept there.
pub fn folders(config: &Config) -> Vec<(&'static str, PathBuf)> {
    let database = config.database.file().map(|file| {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        ("database", folder.unwrap_or(Path::new(".")).to_owned())
    });
    let archive = config.archive.url.folder().map(|folder| ("archive", folder.to_owned()));
    let mail = (config.mail.transport == TransportKind::File).then(|| ("mail", config.mail.dir.to_path_buf()));
    database.into_iter().chain(archive).chain(mail).collect()
}
