//! Decides whose certificates are trusted.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, KeyProvider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::SigningKey;
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use super::error::NetError;

/// Certificates of authorities that an operator trusts besides the compiled-in ones.
#[derive(Clone)]
pub struct CaBundle(Vec<CertificateDer<'static>>);

/// A text that is no bundle of certificates.
#[derive(Debug, thiserror::Error)]
#[error("not a CA bundle: {reason}; expected certificates in PEM form, each from BEGIN to END CERTIFICATE")]
pub struct CaBundleError {
    reason: String,
}

impl CaBundle {
    /// Reads certificates in PEM form. Text around them is skipped.
    ///
    /// # Errors
    ///
    /// Fails if there is no certificate, or one cannot be read.
    pub fn read(pem: &[u8]) -> Result<Self, CaBundleError> {
        let refuse = |reason: &dyn ToString| CaBundleError { reason: reason.to_string() };
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let certificates = certificates.map_err(|error| refuse(&error))?;
        if certificates.is_empty() {
            return Err(refuse(&"it holds no certificate"));
        }
        let mut store = RootCertStore::empty();
        for certificate in &certificates {
            store.add(certificate.clone()).map_err(|error| refuse(&error))?;
        }
        Ok(Self(certificates))
    }
}

impl fmt::Debug for CaBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CaBundle({} certificates)", self.0.len())
    }
}

/// The most TLS sessions that a pool keeps for its next connections.
const MAX_SESSIONS: usize = 8;

/// The versions of HTTP that a client offers to servers, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    Http1,
    Http2AndHttp1,
}

/// The settings of TLS; made when a first connection needs them.
pub(super) struct Tls {
    ca_bundle: Option<CaBundle>,
    offer: Offer,
    connector: OnceLock<TlsConnector>,
}

impl Tls {
    pub(super) fn new(ca_bundle: Option<CaBundle>, offer: Offer) -> Self {
        Self { ca_bundle, offer, connector: OnceLock::new() }
    }

    /// Returns what makes a TLS connection of a TCP connection.
    ///
    /// # Errors
    ///
    /// Fails if TLS refuses its own settings or a certificate.
    pub(super) fn connector(&self) -> Result<&TlsConnector, NetError> {
        if let Some(connector) = self.connector.get() {
            return Ok(connector);
        }
        let config = self.config().map_err(|error| NetError::Certificates(error.to_string()))?;
        Ok(self.connector.get_or_init(|| TlsConnector::from(Arc::new(config))))
    }

    /// Returns a connector that resumes no session of another one.
    ///
    /// # Errors
    ///
    /// As [`Tls::connector`].
    pub(super) fn separate(&self) -> Result<TlsConnector, NetError> {
        let mut config = ClientConfig::clone(self.connector()?.config());
        config.resumption = Resumption::in_memory_sessions(MAX_SESSIONS);
        Ok(TlsConnector::from(Arc::new(config)))
    }

    fn config(&self) -> Result<ClientConfig, rustls::Error> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for certificate in self.ca_bundle.iter().flat_map(|bundle| &bundle.0) {
            roots.add(certificate.clone())?;
        }
        let provider = CryptoProvider { key_provider: &NoKeys, ..rustls::crypto::ring::default_provider() };
        let config =
            ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions()?;
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        let offered: &[&[u8]] = match self.offer {
            Offer::Http1 => &[b"http/1.1"],
            Offer::Http2AndHttp1 => &[b"h2", b"http/1.1"],
        };
        config.alpn_protocols = offered.iter().map(|name| name.to_vec()).collect();
        Ok(config)
    }
}

/// Loads no private key: no client here has a certificate of its own. What signs with RSA is not part of the program.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("no private key can be used".to_owned()))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("ca_bundle", &self.ca_bundle).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_certificate_is_refused() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let cut = "-----BEGIN CERTIFICATE-----\nAAAA\n";
        for pem in ["", "no certificate", broken, cut] {
            let error = CaBundle::read(pem.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("PEM"), "{error}");
        }
    }
}
