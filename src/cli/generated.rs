//! `completions` and `man`: what shells and `man` know of this program, from the command line's own definition.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use clap_complete::Shell;

use super::Exit;
use super::output::print;

#[derive(Debug, Args)]
#[command(after_help = "Example:
  statementd completions bash > /usr/share/bash-completion/completions/statementd")]
pub struct CompletionsArgs {
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  statementd man | man -l -
  statementd man --out /usr/share/man/man1")]
pub struct ManArgs {
    /// A folder that gets a page for each command, as statementd-close.1; by default the main page goes to stdout
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

pub fn completions(mut command: clap::Command, args: &CompletionsArgs) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "statementd", &mut script);
    print(String::from_utf8(script)?.trim_end())?;
    Ok(Exit::Done)
}

pub fn man(command: clap::Command, args: &ManArgs) -> anyhow::Result<Exit> {
    if let Some(folder) = &args.out {
        write_pages(command, folder)?;
    } else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        print(String::from_utf8(page)?.trim_end())?;
    }
    Ok(Exit::Done)
}

fn write_pages(command: clap::Command, folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    clap_mangen::generate_to(command, folder).with_context(|| folder.display().to_string())
}
