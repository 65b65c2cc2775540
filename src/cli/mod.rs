//! The command line: one file per command, results on stdout, logs and progress on stderr.

use std::path::PathBuf;

use clap::{ArgAction, ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use tracing::Instrument;

use crate::clock::Clock;
use crate::config::Sources;
use crate::run_id;

mod archive;
mod backup;
mod check;
mod close;
mod copy;
mod demo;
mod exit;
mod generated;
mod global_options;
mod help;
mod import;
mod import_convert;
mod intake;
mod log;
mod logging;
mod mail;
mod master;
mod migrate;
mod output;
mod owner;
mod portal;
mod portal_staff;
mod preview;
mod rerun;
mod run;
mod status;
mod templates;

mod usage;

pub use exit::Exit;
use global_options::GlobalOptions;
pub use logging::start_logging;

/// Options that every command has.
const GLOBAL: &str = "Global options";

const EXAMPLES: &str = "\
Examples:
  statementd demo --dir demo               the whole job on bundled months
  statementd import usage cdr-2026-10.csv  usage in
  statementd close --period 2026-10        close, archive and mail what is due
  statementd status                        is everything all right?

Exit status: 0 done; 1 failed; 2 wrong usage or configuration; 3 done, but something was rejected, parked or is overdue.";

/// Closes each billing month of an audio-conferencing operator: statements as Excel and HTML, by mail and in an
/// archive.
#[derive(Debug, Parser)]
#[command(name = "statementd", version, about, after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Cli {
    /// A configuration file; several are read in order, later ones win
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "FILE")]
    pub config: Vec<PathBuf>,
    /// How logs are written; by default as `log` in the configuration says
    #[arg(long, global = true, help_heading = GLOBAL, value_enum, value_name = "FORMAT")]
    pub log: Option<LogFormat>,
    /// More logs (twice: every detail)
    #[arg(short, long, global = true, help_heading = GLOBAL, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Only errors
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub quiet: bool,
    /// Leave the database's schema as it is; fail where it is not this program's
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub no_migrate: bool,
    #[command(subcommand)]
    pub command: Command,
    /// The command was called with `--json`: then its failure is JSON, too.
    #[arg(skip)]
    wants_json: bool,
}

impl Cli {
    /// What was typed; wrong usage and `--help` end the process here.
    pub fn of_process() -> Self {
        let mut definition = definition();
        let typed = definition.try_get_matches_from_mut(std::env::args_os()).unwrap_or_else(|error| refuse(&error));
        let mut cli = Self::from_arg_matches(&typed).unwrap_or_else(|error| refuse(&error.format(&mut definition)));
        cli.wants_json = wants_json(&typed);
        cli
    }
}

/// Ends the process with help, or with what is wrong with the command line, which bears the program's name as every
/// error.
fn refuse(error: &clap::Error) -> ! {
    let is_help = error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if error.use_stderr() && !is_help {
        let told = error.render().to_string();
        output::say(format!("statementd: {}", told.strip_prefix("error: ").unwrap_or(&told).trim_end()));
        std::process::exit(error.exit_code());
    }
    error.exit()
}

/// Whether the innermost command has a flag `--json`, and was given it.
fn wants_json(typed: &ArgMatches) -> bool {
    match typed.subcommand() {
        Some((_, inner)) => wants_json(inner),
        None => matches!(typed.try_get_one("json"), Ok(Some(true))),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Pretty,
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The daemon: closes, publishes and mails whatever becomes due
    Run(run::RunArgs),
    /// The whole job on the bundled sample months; needs no service
    Demo(demo::DemoArgs),
    /// Reads tariffs, accounts, rooms and usage from CSV files
    Import(import::ImportArgs),
    /// Lists stored usage, and takes out what should not have come
    #[command(subcommand)]
    Usage(usage::UsageCommand),
    /// Accounts as of a date, by number or part of a name
    #[command(subcommand)]
    Accounts(master::AccountsCommand),
    /// Rooms as of a date, by number or part of a name
    #[command(subcommand)]
    Rooms(master::RoomsCommand),
    /// What a minute costs, from when on
    #[command(subcommand)]
    Tariffs(master::TariffsCommand),
    /// The whole job now for what is due: freeze, render, archive, first attempt at mail
    Close(close::CloseArgs),
    /// A statement as it would be, into a folder; stores and sends nothing
    Preview(preview::PreviewArgs),
    /// Sources of usage as bridges write it, and how they do
    #[command(subcommand)]
    Intake(intake::IntakeCommand),
    /// Per period: closed, empty, open, parked, failed; deliveries by state; late and rejected usage
    Status(status::StatusArgs),
    /// Who or what caused each closing, revision, resend, hold, release and expiry
    Log(log::LogArgs),
    /// Looks into the archive
    #[command(subcommand)]
    Archive(archive::ArchiveCommand),
    /// Looks into the ledger of mail, and acts on it
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// Reruns that the configuration asks for, and their reports
    #[command(subcommand)]
    Rerun(rerun::RerunCommand),
    /// Who may sign in to the online consultation
    #[command(subcommand)]
    Portal(portal::PortalCommand),
    /// The built-in templates as files, and changed ones tried on samples
    #[command(subcommand)]
    Templates(templates::TemplatesCommand),
    /// Tries configuration, database, templates, mail server, archive, clock and disks
    Check(check::CheckArgs),
    /// Brings the database's schema up to this program's
    Migrate(migrate::MigrateArgs),
    /// Copies the whole database into an empty one, as from SQLite to PostgreSQL
    Copy(copy::CopyArgs),
    /// Writes the SQLite database into a file, while the daemon runs
    Backup(backup::BackupArgs),
    /// Prints what a shell needs to complete this program's command line
    Completions(generated::CompletionsArgs),
    /// Prints the man page, or writes one for each command
    Man(generated::ManArgs),
}

/// The command line as help, completions and man pages show it.
pub fn definition() -> clap::Command {
    help::shown(Cli::command())
}

/// Runs the command and reports its failure, if any.
pub async fn execute(cli: Cli, sources: Sources) -> Exit {
    let wants_json = cli.wants_json;
    match Box::pin(dispatch(cli, sources).instrument(run_id::command_span())).await {
        Ok(exit) => match output::unwritten() {
            None => exit,
            Some(error) => {
                output::say(format!("statementd: the work was done, but what it says could not be written: {error}"));
                if exit == Exit::Done { Exit::Failed } else { exit }
            }
        },
        Err(error) if output::is_broken_pipe(&error) => Exit::Done,
        Err(error) => {
            output::complain(&error);
            if wants_json {
                output::print_failure(&error);
            }
            if error.is::<crate::config::ConfigErrors>() { Exit::WrongUsage } else { Exit::Failed }
        }
    }
}

async fn dispatch(cli: Cli, sources: Sources) -> anyhow::Result<Exit> {
    let Cli { no_migrate, command, quiet, .. } = cli;
    let globals = |clock: Clock| GlobalOptions { sources, migrate: !no_migrate, clock };
    match command {
        Command::Run(args) => run::run(globals(Clock::System), args).await,
        Command::Demo(args) => Box::pin(demo::demo(args)).await,
        Command::Import(args) => import::import(globals(Clock::System), args, quiet).await,
        Command::Usage(command) => usage::usage(globals(Clock::System), command).await,
        Command::Accounts(command) => master::accounts(globals(Clock::System), command).await,
        Command::Rooms(command) => master::rooms(globals(Clock::System), command).await,
        Command::Tariffs(command) => master::tariffs(globals(Clock::System), command).await,
        Command::Close(args) => close::close(globals(clock(args.as_of)), args).await,
        Command::Preview(args) => preview::preview(globals(clock(args.as_of)), args).await,
        Command::Intake(command) => intake::intake(globals(Clock::System), command).await,
        Command::Status(args) => status::status(globals(clock(args.as_of)), args).await,
        Command::Log(args) => log::log(globals(Clock::System), args).await,
        Command::Archive(command) => archive::archive(globals(Clock::System), command).await,
        Command::Mail(command) => mail::mail(globals(Clock::System), command).await,
        Command::Rerun(command) => rerun::rerun(globals(Clock::System), command).await,
        Command::Portal(command) => portal::portal(globals(Clock::System), command).await,
        Command::Templates(command) => templates::templates(&globals(Clock::System), command),
        Command::Check(args) => check::check(globals(Clock::System), args).await,
        Command::Migrate(args) => migrate::migrate(globals(Clock::System), args).await,
        Command::Copy(args) => copy::copy(globals(Clock::System), args).await,
        Command::Backup(args) => backup::backup(globals(Clock::System), args).await,
        Command::Completions(args) => generated::completions(definition(), &args),
        Command::Man(args) => generated::man(definition(), &args),
    }
}

/// `--as-of` replaces the present time.
fn clock(as_of: Option<chrono::DateTime<chrono::Utc>>) -> Clock {
    as_of.map_or(Clock::System, Clock::Fixed)
}
