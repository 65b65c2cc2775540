//! Parse the command line, run one command, say how it ended.

use std::process::ExitCode;

use clap::Parser;
use statementd::cli::{Cli, Exit, execute, start_logging};

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logging(&cli);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!("The runtime does not start: {error}");
            return Exit::Failed.into();
        }
    };
    let exit = runtime.block_on(execute(cli));
    // Whatever a stopped daemon left hanging in a blocking call must not keep the process.
    runtime.shutdown_background();
    exit.into()
}
