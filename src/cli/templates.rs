//! `templates`: writes the built-in ones as files, and tries changed ones on samples.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::output::{print, print_json};
use super::{Exit, GlobalOptions};
use crate::app;
use crate::render::{RenderOptions, Renderer};

#[derive(Debug, Subcommand)]
pub enum TemplatesCommand {
    /// Writes the built-in templates and words into a folder; files that are there are left alone
    Export(ExportArgs),
    /// Renders samples in every language with the templates that the configuration names
    Check(CheckArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Only what is changed needs to stay in the folder; everything else comes from the program.

Example:
  statementd templates export --dir templates")]
pub struct ExportArgs {
    /// Where the files go
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Print a JSON array of the files that were written
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  statementd templates check --dir templates")]
pub struct CheckArgs {
    /// This folder instead of statements.templates
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

pub fn templates(globals: &GlobalOptions, command: TemplatesCommand) -> anyhow::Result<Exit> {
    match command {
        TemplatesCommand::Export(args) => {
            let written: Vec<_> = Renderer::export(&args.dir)?.into_iter().map(|name| args.dir.join(name)).collect();
            if args.json {
                print_json(&written)?;
            } else {
                written.iter().try_for_each(|path| print(path.display().to_string()))?;
            }
        }
        TemplatesCommand::Check(args) => {
            let configured = app::render_options(&globals.config()?);
            let templates = args.dir.or(configured.templates);
            let checked = Renderer::check(&RenderOptions { templates, ..configured })?;
            if args.json {
                print_json(&checked)?;
                return Ok(Exit::Done);
            }
            for file in checked.files {
                print(format!("read: {file}"))?;
            }
            print(format!("ok: samples rendered in {}", checked.languages.join(", ")))?;
        }
    }
    Ok(Exit::Done)
}
