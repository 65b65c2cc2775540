//! Name and password (RFC 4954), by PLAIN or else LOGIN. The configuration allows them over an encrypted connection
//! only, or on this machine.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;

use super::connection::Connection;
use super::offers::Offers;
use super::settings::SmtpSettings;
use crate::mail::Failure;

const STEP: &str = "AUTH";

impl SmtpSettings {
    /// Authenticates, where the settings have a name and a password.
    pub(super) async fn authenticate(&self, connection: &mut Connection, offers: Offers) -> Result<(), Failure> {
        let (Some(username), Some(password)) = (&self.username, &self.password) else { return Ok(()) };
        let password = password.expose_secret();
        if offers.auth_plain {
            let command = format!("AUTH PLAIN {}\r\n", STANDARD.encode(format!("\0{username}\0{password}")));
            let answer = connection.ask_within(self.waits.command, command.as_bytes()).await;
            return self.said_yes(STEP, answer).map(drop);
        }
        if !offers.auth_login {
            return Err(self.failure("offers neither AUTH PLAIN nor AUTH LOGIN, which mail.username needs"));
        }
        let mut command = "AUTH LOGIN".to_owned();
        for next in [username, password] {
            let answer = connection.ask_within(self.waits.command, format!("{command}\r\n").as_bytes()).await;
            match answer {
                Ok(answer) if answer.code() == 334 => command = STANDARD.encode(next),
                Ok(answer) => return Err(self.refused(STEP, &answer)),
                Err(_) => return self.said_yes(STEP, answer).map(drop),
            }
        }
        let answer = connection.ask_within(self.waits.command, format!("{command}\r\n").as_bytes()).await;
        self.said_yes(STEP, answer).map(drop)
    }
}
