//! Who or what caused a job: a person, a command, the daemon.

use std::fmt;

use crate::domain::{EmailAddress, RerunId};

/// Who or what a job works for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The daemon, by itself.
    Tick,
    /// A person at a command line, by the name of the user.
    Command { user: String },
    /// The configuration, by the id of a `[[rerun]]`.
    Rerun { id: RerunId },
    /// A person who is signed in to the online consultation; the change itself says who.
    Online { is_owner: bool },
    /// Someone of `portal.staff` who is signed in.
    Staff { address: EmailAddress },
}

impl Actor {
    /// The user who runs this process, as the environment says; under sudo and doas the one who called them.
    pub fn at_the_command_line() -> Self {
        let user = user_named_by(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
        Self::Command { user: user.unwrap_or_else(process_user) }
    }
}

/// The user of a process without such an environment, for example under cron.
fn process_user() -> String {
    let number = rustix::process::geteuid().as_raw();
    user_name(number).unwrap_or_else(|| format!("#{number}"))
}

/// The name of a user of this machine.
pub fn user_name(number: u32) -> Option<String> {
    let known = std::fs::read_to_string("/etc/passwd").ok()?;
    known.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(number)).then(|| name.to_owned())
    })
}

fn user_named_by(environment: impl Fn(&str) -> Option<String>) -> Option<String> {
    let called = ["SUDO_USER", "DOAS_USER"].into_iter().find_map(&environment).filter(|user| user != "root");
    let runs = ["USER", "LOGNAME"].into_iter().find_map(&environment);
    match (called, runs) {
        (Some(called), Some(runs)) if called != runs => Some(format!("{called} as {runs}")),
        (user, runs) => user.or(runs),
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tick => f.write_str("tick"),
            Self::Command { user } => write!(f, "command ({user})"),
            Self::Rerun { id } => write!(f, "rerun {id}"),
            Self::Staff { address } => write!(f, "staff ({address})"),
            Self::Online { is_owner: true } => f.write_str("online (owner)"),
            Self::Online { is_owner: false } => f.write_str("online (cardholder)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn under_sudo_the_person_is_named_and_not_only_the_account_of_the_service() {
        let named = |pairs: &[(&str, &str)]| {
            let known: Vec<_> = pairs.iter().map(|(name, user)| (name.to_string(), user.to_string())).collect();
            let user =
                user_named_by(|name| known.iter().find(|(known, _)| known == name).map(|(_, user)| user.clone()));
            user.unwrap_or_default()
        };
        assert_eq!(named(&[("USER", "statementd"), ("SUDO_USER", "alice")]), "alice as statementd");
        assert_eq!(named(&[("LOGNAME", "statementd")]), "statementd");
        assert_eq!(named(&[("USER", "statementd"), ("SUDO_USER", "root")]), "statementd");
        assert_eq!(named(&[("USER", "alice"), ("SUDO_USER", "alice")]), "alice");
        assert_eq!(named(&[]), "");
    }

    #[test]
    fn without_an_environment_the_process_has_its_user() {
        assert_eq!(user_name(0).as_deref(), Some("root"));
        assert_eq!(user_name(u32::MAX - 7), None);
        assert!(!process_user().is_empty());
    }
}
