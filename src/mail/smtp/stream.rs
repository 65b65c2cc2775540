//! The connection below the conversation.
//!
//! Opened here and not by lettre, for `TCP_NODELAY`: without it the final dot waits until the server has acknowledged
//! the body, which costs 40 ms with every message. And since lettre can put TLS on a stream it was given only by
//! STARTTLS, TLS from the first byte is made here too.
//!
//! What goes out is counted: a body is given to lettre in one piece, and the count says how far it came.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::{
    AsyncTokioStream, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::settings::{SmtpSettings, Tls};

/// A stream with TLS, in the form that lettre takes.
#[derive(Debug)]
struct Encrypted(TlsStream<TcpStream>);

/// A stream that counts the bytes it has taken for sending.
///
/// Below TLS that STARTTLS began, these are more bytes than those of the conversation, never fewer: what is counted
/// as gone out may still be here, but nothing that has gone out is missing.
#[derive(Debug)]
struct Counted {
    stream: Box<dyn AsyncTokioStream>,
    taken: watch::Sender<u64>,
}

/// Connects to the server, with TLS if that comes first; beside the stream, the number of bytes it has taken.
pub(super) async fn connect(
    settings: &SmtpSettings,
) -> io::Result<(Box<dyn AsyncTokioStream>, watch::Receiver<u64>)> {
    let stream = TcpStream::connect((settings.host.as_str(), settings.port)).await?;
    stream.set_nodelay(true)?;
    let stream: Box<dyn AsyncTokioStream> = if settings.tls == Tls::Required {
        let name = ServerName::try_from(settings.host.clone()).map_err(io::Error::other)?;
        let connector = TlsConnector::from(Arc::new(client_config(settings)?));
        Box::new(Encrypted(connector.connect(name, stream).await?))
    } else {
        Box::new(stream)
    };
    let (taken, count) = watch::channel(0);
    Ok((Box::new(Counted { stream, taken }), count))
}

/// For STARTTLS, which is lettre's.
pub(super) fn starttls_parameters(settings: &SmtpSettings) -> io::Result<TlsParameters> {
    let mut builder = TlsParametersBuilder::new(settings.host.clone());
    if let Some(trusted) = trusted_certificates(settings)? {
        builder = builder.certificate_store(CertificateStore::None);
        for certificate in trusted {
            let certificate = Certificate::from_der(certificate.to_vec()).map_err(io::Error::other)?;
            builder = builder.add_root_certificate(certificate);
        }
    }
    builder.build().map_err(io::Error::other)
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
            // What the system cannot read is its own affair, unless nothing is left.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// The certificates of `mail.ca_file`, at least one; None where the system's are to be trusted.
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

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

impl AsyncTokioStream for Counted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(taken)) = written {
            self.taken.send_modify(|count| *count += taken as u64);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
