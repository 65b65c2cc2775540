//! statementd closes each billing month of an audio-conferencing operator.
//!
//! The modules in reading order: `domain` (the words), `billing` (the rules), `intake` (files in), `store` (state),
//! `render` (statements out), `archive` (objects), `mail` (deliveries), `jobs` (where these meet), `web` (what
//! listeners are built on), `portal` (the online consultation), `daemon` and `cli` (who starts jobs), `config`, `app`
//! (what builds it all). The other files are tools that everything may use. `ARCHITECTURE.md` walks one statement
//! through.

pub mod app;
pub mod archive;
pub mod billing;
pub mod cli;
pub mod clock;
pub mod config;
pub mod content;
pub mod csv_table;
pub mod daemon;
pub mod digest;
pub mod domain;
mod durable_folder;
mod fault_injection;
mod files;
mod group_sync;
pub mod intake;
pub mod jobs;
pub mod mail;
mod pause_points;
pub mod portal;
mod random;
pub mod redacted;
pub mod render;
pub mod run_id;
pub mod second_factor;
mod shortened;
pub mod store;
pub mod token;
mod typed_command;
pub mod web;
pub mod zone_files;

/// Parses the command line, runs one command, and returns how it ended.
pub fn run() -> std::process::ExitCode {
    files::keep_private();
    let cli = cli::Cli::of_process();
    // Before any zone is named, as in the configuration.
    zone_files::use_system_data();
    let sources = config::Sources::new(cli.config.clone());
    // The command that needs the configuration reports what is wrong with it.
    let log = app::load(&sources).map(|config| config.log).unwrap_or_default();
    cli::start_logging(&cli, log);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!("The runtime does not start: {error}");
            return cli::Exit::Failed.into();
        }
    };
    let exit = runtime.block_on(cli::execute(cli, sources));
    // A blocking call that still hangs must not keep the process from ending.
    runtime.shutdown_background();
    exit.into()
}
