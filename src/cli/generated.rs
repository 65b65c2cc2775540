//! `completions` and `man`: what shells and `man` know of this program, from the command line's own definition.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use clap_complete::Shell;

use super::Exit;
use super::output::print;

/// At the end of every page of section 1.
const COMMON: &str = "\
.SH FILES
.TP
.B /etc/statementd/statementd.toml
The configuration; see \\fBstatementd.toml\\fR(5).
.TP
.B /var/lib/statementd
Database, archive and mail of the installed daemon.
.SH ENVIRONMENT
.TP
.B STATEMENTD__SECTION__KEY
A setting, for example \\fBSTATEMENTD__MAIL__PORT\\fR; it wins over files.
.SH \"EXIT STATUS\"
0 done; 1 failed; 2 wrong usage or configuration; 3 done, but something needs a person.
.SH \"SEE ALSO\"
.BR statementd (1),
.BR statementd.toml (5),
.BR statementd (7)
";

#[derive(Debug, Args)]
#[command(after_help = "Example:
  statementd completions bash \\
      > ~/.local/share/bash-completion/completions/statementd")]
pub struct CompletionsArgs {
    /// For which shell
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
    let at = || folder.display().to_string();
    std::fs::create_dir_all(folder).with_context(at)?;
    clap_mangen::generate_to(command, folder).with_context(at)?;
    for entry in std::fs::read_dir(folder).with_context(at)? {
        let path = entry.with_context(at)?.path();
        if path.extension().is_some_and(|section| section == "1") {
            let mut page = std::fs::read_to_string(&path)?;
            page.push_str(COMMON);
            std::fs::write(&path, page)?;
        }
    }
    Ok(())
}
