//! An S3 server on loopback, with SigV4 verified, that a test can look into and make fail.
//!
//! ```text
//! request ─> edge: counts it, fails it as a test has asked ─> s3s: verifies the signature, reads and writes XML
//!                                                              └─> operations ─> store, in memory
//! ```
//!
//! It speaks path style: `endpoint/bucket/key`. The protocol is that of the crate `s3s`; the rules about conditions and
//! versions are here, because the file system that comes with `s3s` has none.

mod edge;
mod fault;
mod operations;
mod store;

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::SystemTime;

use bytes::Bytes;
use http::StatusCode;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::sync::oneshot;

pub use self::edge::{Request, Verb};
pub use self::fault::{Fault, Target};

use self::edge::Edge;
pub(crate) use self::operations::Operations;
pub(crate) use self::store::Store;

/// The only bucket.
pub const BUCKET: &str = "releases";

/// The region that requests are signed for.
pub const REGION: &str = "eu-central-1";

/// The access key of the only user.
pub const ACCESS_KEY: &str = "AKIDTESTTESTTESTTEST";

/// The secret of the only user.
pub const SECRET_KEY: &str = "a-secret-of-the-tests-that-is-no-secret";

/// A running server; dropping it stops it.
#[derive(Debug)]
pub struct S3Server {
    address: SocketAddr,
    store: Arc<Mutex<Store>>,
    edge: Arc<Edge>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl S3Server {
    /// Starts a server with an empty bucket.
    ///
    /// # Panics
    /// Panics if there is no free port.
    pub fn start() -> Self {
        let store = Arc::new(Mutex::new(Store::default()));
        let mut service = S3ServiceBuilder::new(Operations::of([(BUCKET, Arc::clone(&store))]));
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let edge = Arc::new(Edge::new(service.build()));
        let (stop, stopped) = oneshot::channel();
        let (listening, address) = mpsc::channel();
        let serving = Arc::clone(&edge);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime for the S3 server");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
                let listener = listener.expect("a free port");
                listening.send(listener.local_addr().expect("a bound address")).expect("a test that waits");
                tokio::select! {
                    () = edge::serve(listener, serving) => {}
                    _ = stopped => {}
                }
            });
        });
        let address = address.recv().expect("the S3 server listens");
        Self { address, store, edge, stop: Some(stop), thread: Some(thread) }
    }

    /// Returns the endpoint, without a path: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the variables with which an AWS client finds the server and signs for it.
    pub fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT_URL_S3", self.endpoint()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
        ]
    }

    /// Returns the keys of all objects, sorted.
    pub fn keys(&self) -> Vec<String> {
        self.store().keys()
    }

    /// Returns an object.
    pub fn object(&self, key: &str) -> Option<Bytes> {
        self.store().current(key).map(|version| version.bytes.clone())
    }

    /// Puts an object there without a request: one that somebody else has written, damaged or cut.
    pub fn place(&self, key: &str, bytes: impl Into<Bytes>) {
        self.store().put(key, bytes.into());
    }

    /// Changes an object without a request, as a disk that fails does: the version before it is gone.
    pub fn rewrite(&self, key: &str, bytes: impl Into<Bytes>) {
        let mut store = self.store();
        store.forget(key);
        store.put(key, bytes.into());
    }

    /// Removes an object without a request.
    pub fn remove(&self, key: &str) {
        self.store().delete(key);
    }

    /// Sets the time at which an object was last written.
    ///
    /// # Panics
    /// Panics if there is no such object.
    pub fn set_modified(&self, key: &str, modified: SystemTime) {
        self.store().current_mut(key).expect("an object of the test").modified = modified;
    }

    /// Makes the requests of a kind fail until [`S3Server::heal`].
    pub fn fail(&self, target: Target, fault: Fault) {
        self.edge.faults().push((target, fault));
    }

    /// Makes the requests of a kind fail, and no others, until [`S3Server::heal`]. There is no moment without a fault if
    /// there was one before.
    pub fn fail_only(&self, target: Target, fault: Fault) {
        *self.edge.faults() = vec![(target, fault)];
    }

    /// Lets `count` more requests pass and closes the connection of every later one, as if the network, or the program
    /// that sends them, ended there.
    pub fn fail_after(&self, count: usize) {
        *self.edge.passes() = Some(count);
    }

    /// Ends all faults. Requests that are held go on.
    pub fn heal(&self) {
        self.edge.faults().clear();
        *self.edge.passes() = None;
        self.edge.release();
    }

    /// Returns the number of requests that were held so far.
    pub fn held_so_far(&self) -> usize {
        self.edge.held_so_far()
    }

    /// Waits until `count` requests have arrived that [`Fault::Held`] or [`Fault::Stalled`] holds, or has held.
    pub async fn held(&self, count: usize) {
        self.edge.held(count).await;
    }

    /// Returns all requests so far, in the order of their arrival; those that failed, too.
    pub fn requests(&self) -> Vec<Request> {
        self.edge.requests().clone()
    }

    /// Returns all requests that were answered so far, each with the status of its answer.
    pub fn answers(&self) -> Vec<(Request, StatusCode)> {
        self.edge.answers().clone()
    }

    /// Counts the requests of a kind so far.
    pub fn count(&self, target: &Target) -> usize {
        self.edge.requests().iter().filter(|request| target.fits(request)).count()
    }

    /// Returns the places among [`S3Server::requests`] of those that have no answer yet.
    pub fn unanswered(&self) -> BTreeSet<usize> {
        self.edge.unanswered().clone()
    }

    /// Returns the number of connections so far.
    pub fn connections(&self) -> usize {
        self.edge.connections()
    }

    fn store(&self) -> std::sync::MutexGuard<'_, Store> {
        self.store.lock().expect("no request has panicked")
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.edge.release();
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
