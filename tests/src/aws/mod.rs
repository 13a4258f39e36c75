//! AWS on loopback, over TLS: an STS that hands out temporary credentials, and an S3 that verifies signatures made with
//! them and obeys their session policies.
//!
//! ```text
//! request ─> edge: takes it down, and wants the session token ─> s3s: verifies the signature
//!                                                                 ├─> sts: a role and a policy -> credentials
//!                                                                 └─> access: what the policy allows ─> objects
//! ```
//!
//! It answers for the names of S3 in one region, which its own name server finds, and for STS at `localhost`.

mod access;
mod edge;
mod session;
mod sts;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use bytes::Bytes;
use http::StatusCode;
use s3s::service::S3ServiceBuilder;
use tempfile::TempDir;

use crate::authority::{self, Version};
use crate::dns::{self, DnsServer, RecordType, Reply};
use crate::s3::{ACCESS_KEY, BUCKET, Operations, REGION, SECRET_KEY, Store};

use self::access::{Access, Names};
use self::edge::Edge;
use self::session::{Keys, Sessions};
use self::sts::Sts;

/// The bucket of the plugin's own.
pub const FILES: &str = "files";

/// The role that may be assumed.
pub const ROLE: &str = "arn:aws:iam::123456789012:role/files";

/// A running AWS; it ends with the process.
#[derive(Debug)]
pub struct AwsServer {
    port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    sessions: Arc<Sessions>,
    files: Arc<Mutex<Store>>,
    releases: Arc<Mutex<Store>>,
    names: DnsServer,
    directory: TempDir,
}

/// A request that arrived, with the status of its answer.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The host that it names, without the port.
    pub host: String,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The answer.
    pub status: StatusCode,
}

impl AwsServer {
    /// Starts one that speaks this version of HTTP.
    ///
    /// # Panics
    /// Panics if there is no free port.
    pub fn start(version: Version) -> Self {
        let directory = tempfile::tempdir().expect("a directory for the authority");
        let hosts = [
            "localhost".to_owned(),
            format!("s3.{REGION}.amazonaws.com"),
            format!("*.s3.{REGION}.amazonaws.com"),
        ];
        let (acceptor, pem) = authority::acceptor(hosts.to_vec(), version);
        std::fs::write(directory.path().join("ca.pem"), pem).expect("a certificate can be written");
        let (files, releases) = (Arc::default(), Arc::default());
        let (seen, sessions) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Sessions::default()));
        let buckets = [(FILES, Arc::clone(&files)), (BUCKET, Arc::clone(&releases))];
        let mut service = S3ServiceBuilder::new(Operations::of(buckets));
        service.set_auth(Keys(Arc::clone(&sessions)));
        service.set_access(Access(Arc::clone(&sessions)));
        service.set_route(Sts(Arc::clone(&sessions)));
        service.set_host(Names);
        let edge = Arc::new(Edge::new(service.build(), Arc::clone(&seen), Arc::clone(&sessions)));
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
                let listener = listener.expect("a free port");
                tell.send(listener.local_addr().expect("an address").port()).expect("the test waits");
                edge::serve(listener, acceptor, edge).await;
            });
        });
        let names = DnsServer::start(|question| match question.kind {
            RecordType::A => {
                Reply::Records(vec![dns::address(&question.name, 60, IpAddr::V4(Ipv4Addr::LOCALHOST))])
            }
            _ => Reply::Records(Vec::new()),
        });
        let port = told.recv().expect("a port");
        Self { port, seen, sessions, files, releases, names, directory }
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the host of a bucket.
    pub fn host(&self, bucket: &str) -> String {
        format!("{bucket}.s3.{REGION}.amazonaws.com")
    }

    /// Returns the lines of `toolcell.toml` that find its names and trust its authority.
    pub fn network(&self) -> String {
        let ca = self.directory.path().join("ca.pem").display().to_string();
        format!("[network]\nresolver = \"{}\"\nca-bundle = {ca:?}\n", self.names.address())
    }

    /// Returns the address of its name server, for which every name is this machine.
    pub fn resolver(&self) -> SocketAddr {
        self.names.address()
    }

    /// Returns the certificate of its authority.
    ///
    /// # Panics
    /// Panics if somebody has removed it.
    pub fn authority_pem(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("ca.pem")).expect("the certificate is there")
    }

    /// Returns the variables of a process that may assume the role.
    pub fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT_URL_STS", format!("https://localhost:{}", self.port)),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
        ]
    }

    /// Puts an object into a bucket without a request.
    ///
    /// # Panics
    /// Panics if there is no such bucket.
    pub fn place(&self, bucket: &str, key: &str, bytes: impl Into<Bytes>) {
        self.store(bucket).lock().expect("no request has panicked").put(key, bytes.into());
    }

    /// Returns an object.
    ///
    /// # Panics
    /// Panics if there is no such bucket.
    pub fn object(&self, bucket: &str, key: &str) -> Option<Bytes> {
        let store = self.store(bucket).lock().expect("no request has panicked");
        store.current(key).map(|version| version.bytes.clone())
    }

    /// Lets credentials that are handed out from now on be valid for this many seconds.
    pub fn set_validity(&self, seconds: u64) {
        self.sessions.set_validity(seconds);
    }

    /// Answers every further request to STS with this error; `None` ends it.
    pub fn refuse_roles(&self, code: Option<&'static str>) {
        self.sessions.refuse(code);
    }

    /// Returns what was handed out so far, in the order of the requests.
    pub fn handed_out(&self) -> Vec<HandedOut> {
        self.sessions.handed_out()
    }

    /// Returns the requests so far that were answered.
    ///
    /// # Panics
    /// Panics if the server has panicked.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("a server that goes on").clone()
    }

    /// Returns the requests to S3 so far.
    pub fn seen_by_s3(&self) -> Vec<Seen> {
        self.seen().into_iter().filter(|seen| seen.host != "localhost").collect()
    }

    fn store(&self, bucket: &str) -> &Mutex<Store> {
        match bucket {
            FILES => &self.files,
            BUCKET => &self.releases,
            _ => panic!("there is no bucket {bucket}"),
        }
    }
}

pub use self::session::HandedOut;
