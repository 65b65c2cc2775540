//! The connection below the conversation, and its encryption.
//!
//! `TCP_NODELAY`: without it the final dot waits until the server has acknowledged the body, which costs 40 ms with
//! every message.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::settings::SmtpSettings;

#[derive(Debug)]
pub(super) enum Stream {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

impl Stream {
    pub(super) async fn connect(settings: &SmtpSettings) -> io::Result<Self> {
        let stream = TcpStream::connect((settings.host.as_str(), settings.port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self::Plain(stream))
    }

    /// Puts TLS on a connection that has none.
    pub(super) async fn encrypt(self, settings: &SmtpSettings) -> io::Result<Self> {
        let Self::Plain(stream) = self else { return Ok(self) };
        let name = ServerName::try_from(settings.host.to_string()).map_err(io::Error::other)?;
        let connector = TlsConnector::from(Arc::new(client_config(settings)?));
        Ok(Self::Encrypted(Box::new(connector.connect(name, stream).await?)))
    }

    /// This end's address, as EHLO may need it.
    pub(super) fn local_address(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Plain(stream) => stream.local_addr(),
            Self::Encrypted(stream) => stream.get_ref().0.local_addr(),
        }
    }

    /// Adds what comes next; nothing at the end.
    pub(super) async fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read_buf(into).await,
            Self::Encrypted(stream) => stream.read_buf(into).await,
        }
    }

    /// Returns the number of bytes that it has taken for sending.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes).await,
            Self::Encrypted(stream) => stream.write(bytes).await,
        }
    }

    pub(super) async fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush().await,
            Self::Encrypted(stream) => stream.flush().await,
        }
    }
}

impl SmtpSettings {
    /// Builds what encryption needs, as it is built for each connection.
    pub fn try_tls(&self) -> std::io::Result<()> {
        client_config(self).map(drop)
    }
}

fn client_config(settings: &SmtpSettings) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match trusted_certificates(settings)? {
        Some(trusted) => {
            for certificate in trusted {
                roots.add(certificate).map_err(io::Error::other)?;
            }
        }
        None => {
            // Certificates that the system cannot read are passed over, unless none is left.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// The certificates of `mail.ca_file`, at least one; `None` where the system's are to be trusted.
fn trusted_certificates(settings: &SmtpSettings) -> io::Result<Option<Vec<CertificateDer<'static>>>> {
    let Some(path) = &settings.ca_file else { return Ok(None) };
    let bad = |why: String| io::Error::other(format!("mail.ca_file {}: {why}", path.display()));
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(certificates) if certificates.is_empty() => Err(bad("holds no certificate in PEM form".into())),
        Ok(certificates) => Ok(Some(certificates)),
        Err(error) => Err(bad(error.to_string())),
    }
}
