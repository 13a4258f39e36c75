//! The servers that answer the GETs, over TLS with an authority made for the run: the path of a request is the number of
//! bytes of its response.

use std::convert::Infallible;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// A version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Version {
    Http1,
    Http2,
}

/// The servers; they end with this value.
pub(crate) struct Upstream {
    /// The file with the authority.
    pub(crate) authority_file: PathBuf,
    ports: [u16; 2],
    _runtime: Runtime,
}

impl Version {
    pub(crate) const ALL: [Self; 2] = [Self::Http1, Self::Http2];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Http1 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
        }
    }

    /// Returns the name of the protocol in TLS.
    fn alpn(self) -> &'static [u8] {
        match self {
            Self::Http1 => b"http/1.1",
            Self::Http2 => b"h2",
        }
    }
}

impl Upstream {
    /// Starts a server for each version, and writes the authority to a folder.
    ///
    /// # Errors
    /// Fails when there is no port, or the folder cannot be written.
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let authority_file = folder.canonicalize()?.join("ca.pem");
        let identity = Identity::make(&authority_file)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let mut ports = [0; 2];
        for (version, port) in Version::ALL.into_iter().zip(&mut ports) {
            let acceptor = identity.acceptor(version)?;
            let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
            *port = listener.local_addr()?.port();
            runtime.spawn(serve(listener, acceptor, version));
        }
        Ok(Self { authority_file, ports, _runtime: runtime })
    }

    /// Returns the port of a version's server.
    pub(crate) fn port(&self, version: Version) -> u16 {
        self.ports[usize::from(version == Version::Http2)]
    }

    /// Returns host and port of a version's server.
    pub(crate) fn host(&self, version: Version) -> String {
        format!("localhost:{}", self.port(version))
    }
}

/// The certificate of the servers, and its key.
struct Identity {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Identity {
    fn make(authority_file: &Path) -> anyhow::Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate()?;
        fs::write(authority_file, params.self_signed(&key)?.pem()).context("cannot write the authority")?;
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &issuer)?;
        Ok(Self { certificate: certificate.der().clone(), key })
    }

    fn acceptor(&self, version: Version) -> anyhow::Result<TlsAcceptor> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut config =
            config.with_no_client_auth().with_single_cert(vec![self.certificate.clone()], key)?;
        config.alpn_protocols = vec![version.alpn().to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, version: Version) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, acceptor.clone(), version));
    }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, version: Version) {
    // A client that hangs up has ended its run, or the driver notices that bytes are missing.
    let Ok(()) = stream.set_nodelay(true) else { return };
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let (stream, service) = (TokioIo::new(stream), service_fn(answer));
    let _ = match version {
        Version::Http1 => hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await,
        Version::Http2 => {
            let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            builder.serve_connection(stream, service).await
        }
    };
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let bytes = request.uri().path().trim_start_matches('/').parse().unwrap_or(0);
    Ok(Response::new(Full::new(Bytes::from(vec![b'x'; bytes]))))
}
