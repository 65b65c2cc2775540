//! The work itself: the only place where store, render, archive and mail meet. One folder per stage.
//!
//! Reading order: `import` (files in, and what was rejected), `intake` (usage that arrives by itself), `close` (when
//! a month is due, freezing it, late usage), `publish` (rendering what is frozen, the month's table of contents),
//! `deliver` (mail), `rerun` (what the configuration wants done again), `usage` (wrong legs taken out), `archive`
//! (verify, restore, expire), `consult` (months online), `operations` (health, notices, integrity).
//!
//! Each takes up whatever state it finds, so that a death in between costs nothing.

pub(crate) mod actor;
pub(crate) mod again;
pub(crate) mod archive;
pub(crate) mod audit;
pub(crate) mod close;
pub(crate) mod consult;
pub(crate) mod context;
pub(crate) mod deliver;
pub(crate) mod error;
pub(crate) mod import;
pub(crate) mod intake;
pub(crate) mod known_account;
pub(crate) mod operations;
pub(crate) mod publish;
pub(crate) mod rerun;
pub(crate) mod usage;

pub use actor::{Actor, user_name};
pub use archive::erase_usage::{EraseReport, erase_past_retention};
pub use archive::expire::{ExpireReport, ExpiredMonth, Expiry, HeldAccount, expire_past_retention};
pub use archive::fetch::{FetchError, FetchedStatement, statement_folder};
pub use archive::month_files::{MONTH_FILES, has_month_file, month_file};
pub use archive::month_zip::write_month_zip;
pub use archive::restore::{NotRestored, RestoreReport, restore};
pub use archive::verify::{VerifiedMonth, VerifyReport, verify_archive, what_to_run};
pub use close::bounds::{Approval, SafetyBounds};
pub use close::due::{ClosingSchedule, DueRule, DueTimes};
pub use close::preview::{Preview, PreviewError, preview};
pub use close::safety_bounds::{approval_lines, release_approved};
pub use close::{CloseReport, Selection, close_due};
pub use consult::codes::{
    CodeOrder, CodeOutcome, CodeRefusal, ListOutcome, UndoOutcome, assign_codes, change_code_list, undo_codes,
};
pub use consult::compare::LiveDifference;
pub use consult::figures::{Month, MonthFigures};
pub use consult::file::{KeptRevision, RevisionFile, kept_revisions, revision_file};
pub use consult::mail::send_portal_mail;
pub use consult::month::{Months, shown_periods, visible_rooms};
pub use consult::participants::{ConferenceDetail, conference_detail};
pub use consult::revision::{RevisionOffer, ask_for_revision, make_asked_revisions, offered_revision};
pub use context::{Context, LateUsage, MailRules, OperationsRules, PortalRules, Recoded, Settings};
pub use deliver::manual::{MailOrder, OrderReport, order_mail};
pub use deliver::pause::{pause_mail, resume_mail};
pub use deliver::resend::{ResendOrder, ResendReport, resend_mail};
pub use deliver::undelivered::{undelivered, undelivered_csv};
pub use deliver::{DeliverReport, deliver_due};
pub use error::JobError;
pub(crate) use error::Scope;
pub use import::audit::note_import;
pub use import::bridge::{BridgeFile, import_bridge_file};
pub use import::convert::{ConvertError, Converted, convert};
pub use import::dismiss::{dismiss_rejected, list_rejected};
pub use import::report::{ImportReport, RejectionReason};
pub use import::retry::{RetryReport, retry_rejected, retry_rows};
pub use import::{ImportProgress, import_file};
pub use intake::{
    After, Inboxes, IntakeRound, IntakeRules, Place, Post, PostOutcome, PostQueue, PostWriter, SourceOverview,
    UntakenFile, UsageSource, WaitingFiles, intake_overview, post_queue, try_source,
};
pub use known_account::known_account;
pub use operations::attention::{Attention, Item, MonthCounts, NextClosing, OpenMonth, Overview, Topic};
pub use operations::health::{PARTS_AGE, Part, look_at_machine, look_at_parts};
pub use operations::integrity::check_deeply;
pub use operations::machine::{judge_clock, judge_disks};
pub use operations::notices::notify_operator;
pub use operations::test_message::{rehearse_mail, send_test};
pub use publish::month_index::{publish_indexes, rebuild_indexes};
pub use publish::{PublishReport, publish_pending, publish_to_the_end};
pub use rerun::{
    AccountOutcome, RerunOrder, RerunProgress, RerunReport, ShortReport, rerun_accounts, rerun_progress,
    rerun_report, rerun_report_url, run_reruns, short_rerun_report,
};
pub use usage::{VoidError, VoidReport, VoidedLegReport, restore_legs, void_legs};
