//! Advice for the commonest mistakes in reaching a mail server, with the settings to change.

use std::io;

use rustls::{CertificateError, Error as TlsError};

use super::settings::SmtpSettings;
use crate::domain::Tls;

/// Whether the peer that answered a TLS greeting speaks TLS, even if it refused ours.
pub(super) fn speaks_tls(error: &io::Error) -> bool {
    matches!(tls_error(error), Some(TlsError::InvalidCertificate(_) | TlsError::AlertReceived(_)))
}

/// Advice for a server that waits for TLS while we wait for its greeting.
pub(super) fn wants_tls_first(settings: &SmtpSettings) -> String {
    format!(
        "port {} speaks TLS from the first byte: set mail.tls = \"required\", or mail.port to the server's port for {}",
        settings.port,
        if settings.tls == Tls::StartTls { "STARTTLS (usually 587)" } else { "unencrypted mail (usually 25)" }
    )
}

/// An error of connecting or encrypting, with what to change.
pub(super) fn explained(error: &io::Error, settings: &SmtpSettings) -> String {
    let SmtpSettings { port, host, .. } = settings;
    match tls_error(error) {
        Some(TlsError::InvalidMessage(_)) if settings.tls == Tls::Required => format!(
            "port {port} does not speak TLS from the first byte: set mail.tls = \"starttls\", or mail.port to the \
             server's port for TLS (usually 465)"
        ),
        Some(TlsError::InvalidCertificate(why)) => match why {
            CertificateError::UnknownIssuer => {
                "the server's certificate comes from an authority that this machine does \
                 not trust: if it is your own, set mail.ca_file to the authority's certificate"
                    .into()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => format!(
                "the server's certificate is not for {host}: set mail.host to the name that it is for ({error})"
            ),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                format!("the server's certificate has run out: renew it there ({error})")
            }
            _ => format!("the server's certificate is not accepted: {error}"),
        },
        _ if error.kind() == io::ErrorKind::ConnectionRefused => {
            format!("{error}: no server listens there; see mail.host and mail.port")
        }
        _ => error.to_string(),
    }
}

fn tls_error(error: &io::Error) -> Option<&TlsError> {
    error.get_ref()?.downcast_ref()
}
