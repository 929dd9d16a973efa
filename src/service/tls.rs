//! TLS by certificates in files, which are read again when they change: what has been accepted keeps its own, what comes
//! next gets the new ones. Files that cannot be used leave the old certificates in force.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto};

use crate::config::Tls as Files;

/// Certificates cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {what}")]
pub struct TlsError {
    /// The file, or several.
    pub file: String,
    /// What is wrong.
    pub what: String,
}

fn wrong(file: &Path, what: impl ToString) -> TlsError {
    TlsError { file: file.display().to_string(), what: what.to_string() }
}

/// The certificates of the service.
#[derive(Debug)]
pub(super) struct Tls {
    files: Files,
    config: ArcSwap<Loaded>,
}

#[derive(Debug)]
struct Loaded {
    /// SHA-256 of the files.
    digest: [u8; 32],
    config: Arc<ServerConfig>,
}

impl Tls {
    /// The certificates of these files; nothing where none are given.
    ///
    /// # Errors
    /// A file cannot be read or does not hold what it should.
    pub fn load(files: &Files) -> Result<Option<Self>, TlsError> {
        if files.certificate.is_none() {
            return Ok(None);
        }
        Ok(Some(Self { config: ArcSwap::from_pointee(read(files)?), files: files.clone() }))
    }

    /// What the next connection is accepted with.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.load().config.clone())
    }

    /// Looks at the files every `poll` until `stop`.
    pub async fn watch(self: Arc<Self>, poll: Duration, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(poll) => {}
                _ = stop.wait_for(|stopped| *stopped) => return,
            }
            let files = self.files.clone();
            match tokio::task::spawn_blocking(move || read(&files)).await {
                Ok(Ok(loaded)) if loaded.digest == self.config.load().digest => {}
                Ok(Ok(loaded)) => {
                    self.config.store(Arc::new(loaded));
                    tracing::info!("new certificates are in force");
                }
                Ok(Err(error)) => tracing::error!(%error, "the old certificates stay in force"),
                Err(error) => tracing::error!(%error, "a look at the certificates failed"),
            }
        }
    }
}

/// Whether the certificates can be used, before anything is opened.
///
/// # Errors
/// What [`Tls::load`] would say.
pub fn check(files: &Files) -> Result<(), TlsError> {
    Tls::load(files).map(|_| ())
}

fn read(files: &Files) -> Result<Loaded, TlsError> {
    let mut digest = Sha256::new();
    let mut bytes = |path: &Path| {
        let bytes = std::fs::read(path).map_err(|error| wrong(path, error))?;
        digest.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(&bytes);
        Ok::<_, TlsError>(bytes)
    };
    let (Some(certificate), Some(key)) = (&files.certificate, &files.key) else {
        return Err(TlsError { file: "tls".to_owned(), what: "certificate and key need each other".to_owned() });
    };
    let chain = certificates(certificate, &bytes(certificate)?)?;
    let private = PrivateKeyDer::from_pem_slice(&bytes(key)?).map_err(|error| wrong(key, error))?;
    let provider = Arc::new(crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| wrong(certificate, error))?;
    let builder = match &files.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for authority in certificates(path, &bytes(path)?)? {
                roots.add(authority).map_err(|error| wrong(path, error))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.map_err(|error| wrong(path, error))?)
        }
    };
    let mut config = builder.with_single_cert(chain, private).map_err(|error| wrong(key, error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Loaded { digest: digest.finalize().into(), config: Arc::new(config) })
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|error| wrong(path, error))?;
    if chain.is_empty() { Err(wrong(path, "holds no certificate")) } else { Ok(chain) }
}
