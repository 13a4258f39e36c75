//! A server for TLS that plays one scene for each connection.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{HandshakeKind, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use crate::net::CaBundle;

/// An authority that signs certificates of servers.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// What a server does with a connection.
#[derive(Clone, Debug)]
pub(super) enum Scene {
    /// Answers every request with these bytes, head and body.
    Answer(&'static str),
    /// Answers one request, and closes the connection once the answer was read.
    AnswerAndClose(&'static str),
    /// Answers one request, reads another one, and closes the connection.
    AnswerThenClose(&'static str),
    /// Reads a request, and closes the connection.
    Close,
    /// Answers one request, and then says nothing.
    AnswerAndHold(&'static str),
    /// Answers one request, and resets the connection when the test says so.
    AnswerAndReset(&'static str),
    /// Answers, and then sends a byte each second for ever.
    Drip(&'static str),
    /// Does not even begin the handshake.
    NoHandshake,
}

/// A server on a port of this machine.
pub(super) struct Server {
    port: u16,
    seen: Arc<Mutex<Seen>>,
    reset: Arc<Notify>,
}

/// What a server has seen.
#[derive(Default)]
struct Seen {
    connections: usize,
    ended: usize,
    resumed: usize,
    requests: Vec<String>,
}

impl Authority {
    pub(super) fn new() -> Self {
        Self::named("Authority")
    }

    pub(super) fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    pub(super) fn bundle(&self) -> CaBundle {
        CaBundle::read(format!("text before\n{}text after\n", self.pem).as_bytes()).unwrap()
    }

    /// Makes the settings of a server with a certificate for `name`, which `change` may spoil.
    pub(super) fn server(
        &self,
        name: &str,
        versions: &[&'static SupportedProtocolVersion],
        change: impl FnOnce(&mut CertificateParams),
    ) -> ServerConfig {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
        config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap()
    }

    /// Starts a server that every client of this authority trusts.
    pub(super) async fn start(&self, scenes: Vec<Scene>) -> Server {
        Server::start(self.server("localhost", rustls::ALL_VERSIONS, |_| ()), scenes).await
    }
}

impl Server {
    /// Starts a server; the last scene is played for all connections that follow.
    pub(super) async fn start(config: ServerConfig, scenes: Vec<Scene>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (told, acceptor) = (Arc::clone(&seen), TlsAcceptor::from(Arc::new(config)));
        let reset = Arc::new(Notify::new());
        let is_reset = Arc::clone(&reset);
        tokio::spawn(async move {
            for place in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                told.lock().unwrap().connections += 1;
                let scene = scenes.get(place).or(scenes.last()).unwrap().clone();
                if matches!(scene, Scene::AnswerAndReset(_)) {
                    stream.set_zero_linger().unwrap();
                }
                let (told, acceptor) = (Arc::clone(&told), acceptor.clone());
                let is_reset = Arc::clone(&is_reset);
                tokio::spawn(async move {
                    if matches!(scene, Scene::NoHandshake) {
                        let _held = stream;
                        return std::future::pending().await;
                    }
                    // A client that does not trust the certificate hangs up.
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    if stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed) {
                        told.lock().unwrap().resumed += 1;
                    }
                    // So does one that has read enough.
                    let _ = scene.play(stream, &told, &is_reset).await;
                    told.lock().unwrap().ended += 1;
                });
            }
        });
        Self { port, seen, reset }
    }

    /// Stands for a server at a port that a test has taken itself.
    pub(super) fn nowhere(port: u16) -> Self {
        Self { port, seen: Arc::default(), reset: Arc::default() }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the heads of all requests.
    pub(super) fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().requests.clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    /// Counts the connections that have ended.
    pub(super) fn ended(&self) -> usize {
        self.seen.lock().unwrap().ended
    }

    /// Resets the connection of [`Scene::AnswerAndReset`].
    pub(super) fn reset(&self) {
        self.reset.notify_one();
    }

    /// Counts the connections that resumed a session of TLS.
    pub(super) fn resumed(&self) -> usize {
        self.seen.lock().unwrap().resumed
    }
}

impl Scene {
    async fn play<S>(self, mut stream: S, seen: &Mutex<Seen>, reset: &Notify) -> std::io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        loop {
            let request = read_request(&mut stream).await?;
            seen.lock().unwrap().requests.push(request);
            match self {
                Self::Answer(answer) => send(&mut stream, answer).await?,
                Self::AnswerAndClose(answer) => {
                    send(&mut stream, answer).await?;
                    return stream.shutdown().await;
                }
                Self::AnswerThenClose(answer) => {
                    send(&mut stream, answer).await?;
                    let request = read_request(&mut stream).await?;
                    seen.lock().unwrap().requests.push(request);
                    return stream.shutdown().await;
                }
                Self::Close => return stream.shutdown().await,
                Self::AnswerAndHold(answer) => {
                    send(&mut stream, answer).await?;
                    return std::future::pending().await;
                }
                Self::AnswerAndReset(answer) => {
                    send(&mut stream, answer).await?;
                    reset.notified().await;
                    return Ok(());
                }
                Self::Drip(answer) => {
                    send(&mut stream, answer).await?;
                    loop {
                        tokio::time::sleep(Duration::from_secs(1)).await;
                        send(&mut stream, "x").await?;
                    }
                }
                Self::NoHandshake => unreachable!("no request comes without a handshake"),
            }
        }
    }
}

async fn send<S: AsyncWrite + Unpin>(stream: &mut S, text: &str) -> std::io::Result<()> {
    stream.write_all(text.as_bytes()).await?;
    stream.flush().await
}

/// Reads the head of a request, and the body that it announces.
async fn read_request<S: AsyncRead + Unpin>(stream: &mut S) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await?;
    Ok(head)
}
