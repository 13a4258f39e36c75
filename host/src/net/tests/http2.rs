//! HTTP/2: one connection for the requests of a pool, and bodies in both directions.

use std::convert::Infallible;
use std::sync::Mutex;

use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body::Frame;
use http_body_util::{StreamBody, combinators};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::outbound::{body, limits, to_port, with_ports};
use super::*;

type Answered = Response<combinators::UnsyncBoxBody<Bytes, Infallible>>;

/// A server that speaks HTTP/2 alone. The path says what it does.
struct Http2Server {
    port: u16,
    seen: Arc<Mutex<Seen>>,
}

/// The requests, each with its connection and its `:authority`.
#[derive(Default)]
struct Seen {
    connections: usize,
    requests: Vec<(usize, String)>,
    /// The bytes of a body, as they came.
    collected: Vec<u8>,
    /// The bytes that the server sends over the next connection in place of HTTP/2.
    opening: Option<Vec<u8>>,
    /// Bodies that the server neither reads nor refuses.
    held: Vec<Incoming>,
}

impl Http2Server {
    /// Starts a server that takes so many bytes of a body before it reads them.
    async fn start(authority: &Authority, window: u32) -> Self {
        let mut config = authority.server("localhost", rustls::ALL_VERSIONS, |_| ());
        config.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let told = Arc::clone(&seen);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let number = {
                    let mut seen = told.lock().unwrap();
                    seen.connections += 1;
                    seen.connections
                };
                let (told, acceptor) = (Arc::clone(&told), acceptor.clone());
                tokio::spawn(async move {
                    let mut stream = acceptor.accept(stream).await.unwrap();
                    let opening = told.lock().unwrap().opening.take();
                    if let Some(opening) = opening {
                        let _ = stream.write_all(&opening).await;
                        return std::future::pending().await;
                    }
                    let service = service_fn(move |request| answer(request, number, Arc::clone(&told)));
                    let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                        .initial_stream_window_size(window)
                        .serve_connection(TokioIo::new(stream), service);
                    let _ = connection.await; // a client may go away
                });
            }
        });
        Self { port, seen }
    }

    /// Sends these bytes over the next connection, and nothing else.
    fn opens_with(&self, bytes: Vec<u8>) {
        self.seen.lock().unwrap().opening = Some(bytes);
    }

    fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    fn requests(&self) -> Vec<(usize, String)> {
        self.seen.lock().unwrap().requests.clone()
    }
}

async fn answer(
    request: Request<Incoming>,
    number: usize,
    seen: Arc<Mutex<Seen>>,
) -> Result<Answered, std::io::Error> {
    assert!(!request.headers().contains_key("host") && !request.headers().contains_key("connection"));
    seen.lock().unwrap().requests.push((number, request.uri().to_string()));
    let path = request.uri().path().to_owned();
    let full = |bytes: Bytes| Full::new(bytes).boxed_unsync();
    let endless = || {
        let piece = || Ok(Frame::data(Bytes::from_static(&[b'x'; 16 << 10])));
        StreamBody::new(futures_util::stream::repeat_with(piece)).boxed_unsync()
    };
    let stuck = || {
        use futures_util::StreamExt as _;
        let first = futures_util::stream::iter([Ok(Frame::data(Bytes::from_static(b"half")))]);
        StreamBody::new(first.chain(futures_util::stream::pending())).boxed_unsync()
    };
    Ok(match &*path {
        "/echo" => {
            let body = request.into_body().collect().await.map_err(std::io::Error::other)?;
            Response::new(full(body.to_bytes()))
        }
        "/held" | "/held-stuck" => {
            seen.lock().unwrap().held.push(request.into_body());
            Response::new(if path == "/held" { full(Bytes::new()) } else { stuck() })
        }
        "/collect" => {
            let mut body = request.into_body();
            while let Some(Ok(frame)) = body.frame().await {
                seen.lock().unwrap().collected.extend(frame.into_data().unwrap());
            }
            Response::new(full(Bytes::new()))
        }
        "/100-headers" | "/101-headers" => {
            let mut response = Response::new(full(Bytes::new()));
            // HTTP adds the date.
            *response.headers_mut() = fields(if path == "/100-headers" { 99 } else { 100 });
            response
        }
        "/100-trailers" | "/101-trailers" => {
            let trailers = Ok(Frame::trailers(fields(if path == "/100-trailers" { 100 } else { 101 })));
            Response::new(StreamBody::new(futures_util::stream::iter([trailers])).boxed_unsync())
        }
        "/endless" => Response::new(endless()),
        "/stuck" => Response::new(stuck()),
        "/silent" => std::future::pending().await,
        "/reset" => return Err(std::io::Error::other("reset")),
        "/large" => Response::builder().header("content-length", 999).body(endless()).unwrap(),
        "/early" => Response::builder().status(StatusCode::CONFLICT).body(full(Bytes::new())).unwrap(),
        _ => Response::new(full(Bytes::from_static(b"ok"))),
    })
}

/// Makes small fields.
fn fields(count: usize) -> HeaderMap {
    let name = |number| HeaderName::try_from(format!("x-{number}")).unwrap();
    (0..count).map(|number| (name(number), HeaderValue::from_static(""))).collect()
}

struct Scenario {
    server: Http2Server,
    outbound: Outbound,
    pool: Pool,
    clock: TestClock,
}

impl Scenario {
    async fn new() -> Self {
        Self::with_window(1 << 20).await
    }

    async fn with_window(window: u32) -> Self {
        let authority = Authority::new();
        let server = Http2Server::start(&authority, window).await;
        let (outbound, clock) = with_ports(&authority, vec![server.port]);
        Self { server, outbound, pool: Pool::default(), clock }
    }

    async fn send(
        &self,
        request: Request<RequestBody>,
        limits: OutboundLimits,
    ) -> Result<Response<ResponseBody>, OutboundError> {
        self.outbound.send(&self.pool, to_port(self.server.port), request, limits).await
    }

    async fn get(&self, path: &str) -> Result<Bytes, OutboundError> {
        let response = self.send(Request::get(path).body(body("")).unwrap(), limits()).await?;
        Ok(response.into_body().collect().await?.to_bytes())
    }
}

/// A body of unknown length.
fn stream(
    pieces: impl IntoIterator<Item = Result<&'static str, OutboundError>, IntoIter: Send + 'static>,
) -> RequestBody {
    let frames = pieces.into_iter().map(|piece| piece.map(|piece| Frame::data(Bytes::from(piece))));
    StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync()
}

#[tokio::test]
async fn requests_of_a_pool_share_one_connection_also_at_the_same_time() {
    let scenario = Scenario::new().await;
    assert_eq!(scenario.get("/a?b").await.unwrap(), "ok");
    let all = (0..8).map(|_| scenario.get("/"));
    for answer in futures_util::future::join_all(all).await {
        assert_eq!(answer.unwrap(), "ok");
    }
    let requests = scenario.server.requests();
    assert_eq!(requests[0], (1, format!("https://localhost:{}/a?b", scenario.server.port)));
    assert_eq!((requests.len(), scenario.server.connections()), (9, 1));
}

#[tokio::test]
async fn pools_share_nothing() {
    let mut scenario = Scenario::new().await;
    scenario.get("/one").await.unwrap();
    let first = std::mem::take(&mut scenario.pool);
    scenario.get("/two").await.unwrap();
    scenario.pool = first;
    scenario.get("/one").await.unwrap();
    let connections: Vec<_> = scenario.server.requests().into_iter().map(|(number, _)| number).collect();
    assert_eq!(connections, [1, 2, 1]);
}

#[tokio::test]
async fn a_connection_is_kept_for_30_s_of_wall_clock_after_its_last_request() {
    let scenario = Scenario::new().await;
    for (wait, connections) in [(0, 1), (20_000, 1), (30_000, 1), (30_001, 2)] {
        scenario.clock.pass(Duration::from_millis(wait));
        scenario.get("/").await.unwrap();
        assert_eq!(scenario.server.connections(), connections, "{wait}");
    }
}

#[tokio::test]
async fn bodies_are_counted_in_both_directions() {
    let scenario = Scenario::new().await;
    let post = |pieces| Request::post("/echo").body(stream(pieces)).unwrap();
    let response = scenario.send(post(vec![Ok("12"), Ok("34")]), limits()).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "1234");
    let error = scenario.send(post(vec![Ok("12"), Ok("345")]), limits()).await.unwrap_err();
    assert!(matches!(error, OutboundError::RequestTooLarge { max_bytes: 4, .. }), "{error}");
    let error =
        scenario.send(Request::post("/echo").body(body("12345")).unwrap(), limits()).await.unwrap_err();
    assert!(matches!(error, OutboundError::RequestTooLarge { max_bytes: 4, .. }), "{error}");
    for path in ["/endless", "/large"] {
        let error = scenario.get(path).await.unwrap_err();
        assert!(matches!(error, OutboundError::ResponseTooLarge { max_bytes: 8, .. }), "{path}: {error}");
    }
    assert_eq!(scenario.get("/").await.unwrap(), "ok");
    assert_eq!(scenario.server.connections(), 1, "an unfinished response ends its stream alone");
}

#[tokio::test]
async fn a_body_that_the_plugin_breaks_off_is_its_own_error() {
    let scenario = Scenario::new().await;
    let broken = || Err(OutboundError::RequestBody { reason: "canary".to_owned() });
    let request = Request::post("/echo").body(stream([Ok("12"), broken()])).unwrap();
    let error = scenario.send(request, limits()).await.unwrap_err();
    assert!(matches!(&error, OutboundError::RequestBody { reason } if reason == "canary"), "{error}");
}

#[tokio::test]
async fn a_body_that_the_server_does_not_take_goes_with_its_response() {
    /// A piece of a body that counts itself.
    struct Counted([u8; 1 << 10], #[expect(dead_code, reason = "it is counted")] Arc<()>);
    impl AsRef<[u8]> for Counted {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    // Of a piece, HTTP holds all if there is no window, and hands on what does not fit if there is a small one.
    for (window, path) in [(0, "/held"), (1, "/held"), (0, "/held-stuck"), (1, "/held-stuck")] {
        let scenario = Scenario::with_window(window).await;
        let alive = Arc::new(());
        for _ in 0..10 {
            let piece = Bytes::from_owner(Counted([b'x'; 1 << 10], Arc::clone(&alive)));
            let body = Full::new(piece).map_err(|never| match never {}).boxed_unsync();
            let limits = OutboundLimits { max_request_bytes: 1 << 10, ..limits() };
            let response = scenario.send(Request::post(path).body(body).unwrap(), limits).await.unwrap();
            if path == "/held" {
                assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "");
            }
        }
        until("all bodies are gone", || Arc::strong_count(&alive) == 1).await;
        assert_eq!(scenario.get("/").await.unwrap(), "ok");
    }
}

#[tokio::test]
async fn a_connection_with_an_upload_takes_no_other_request_and_ends_none() {
    let scenario = Scenario::with_window(0).await;
    let other = scenario.send(Request::get("/stuck").body(body("")).unwrap(), limits()).await.unwrap();
    let mut other = other.into_body();
    assert_eq!(other.frame().await.unwrap().unwrap().into_data().unwrap(), "half");
    let held = scenario.send(Request::post("/held").body(body("1234")).unwrap(), limits()).await.unwrap();
    drop(held);
    for _ in 0..2 {
        assert_eq!(scenario.get("/").await.unwrap(), "ok");
    }
    assert_eq!(scenario.server.connections(), 2);
    assert!(other.frame().now_or_never().is_none(), "it is still on its way");
}

#[tokio::test]
async fn a_plugin_that_is_slow_with_its_body_is_not_a_slow_server() {
    let scenario = Scenario::new().await;
    let slow = futures_util::stream::once(async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        Ok(Frame::data(Bytes::from_static(b"late")))
    });
    let request = Request::post("/echo").body(StreamBody::new(slow).boxed_unsync()).unwrap();
    scenario.get("/").await.unwrap();
    tokio::time::pause(); // from here on the clock jumps to the next moment that somebody waits for
    let limits = OutboundLimits { first_byte: Duration::from_secs(2), ..limits() };
    let response = scenario.send(request, limits).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "late");
}

#[tokio::test]
async fn each_failure_has_its_own_error_and_harms_no_other_request() {
    let scenario = Scenario::new().await;
    let short = Duration::from_millis(50);
    let get = |path: &str| Request::get(path).body(body("")).unwrap();
    let stalled = OutboundLimits { between_bytes: short, ..limits() };
    let stuck = scenario.send(get("/stuck"), stalled).await.unwrap();
    let error = stuck.into_body().collect().await.unwrap_err();
    assert!(matches!(error, OutboundError::Stalled { .. }), "{error}");
    let error = scenario.get("/reset").await.unwrap_err();
    assert!(matches!(error, OutboundError::ConnectionEnded { .. }), "{error}");
    assert_eq!(scenario.get("/").await.unwrap(), "ok");
    assert_eq!(scenario.server.connections(), 2, "a connection over which nothing comes may be dead");
    let silent = OutboundLimits { first_byte: short, ..limits() };
    let error = scenario.send(get("/silent"), silent).await.unwrap_err();
    assert!(matches!(error, OutboundError::NoAnswer { .. }), "{error}");
    assert_eq!(scenario.get("/").await.unwrap(), "ok");
    assert_eq!(scenario.server.connections(), 3, "one without answer, too");
}

#[tokio::test]
async fn a_server_that_agrees_on_http_2_and_sends_something_else() {
    let scenario = Scenario::new().await;
    scenario.server.opens_with(b"no frame of HTTP/2, but many bytes".to_vec());
    let error = scenario.get("/").await.unwrap_err();
    assert!(matches!(error, OutboundError::Malformed { .. }), "{error}");
}

#[tokio::test]
async fn what_a_server_says_at_the_end_of_a_connection_is_not_repeated() {
    let scenario = Scenario::new().await;
    let frame = |kind: u8, payload: &[u8]| {
        let length = u8::try_from(payload.len()).unwrap();
        [&[0, 0, length, kind, 0, 0, 0, 0, 0], payload].concat()
    };
    let (settings, protocol_error) = (frame(4, &[]), [0, 0, 0, 0, 0, 0, 0, 1]);
    let go_away = frame(7, &[&protocol_error[..], b"canary: stream error detected"].concat());
    scenario.server.opens_with([settings, go_away].concat());
    let error = scenario.get("/").await.unwrap_err();
    assert!(matches!(error, OutboundError::ConnectionEnded { .. }), "{error}");
    assert!(!error.to_string().contains("canary"), "{error}");
}

#[tokio::test]
async fn a_body_has_the_length_that_its_head_tells() {
    let mut scenario = Scenario::new().await;
    let limits = || OutboundLimits { max_request_bytes: 1 << 10, ..limits() };
    let post = |length: u64| Request::post("/collect").header("content-length", length);
    for pieces in [
        vec!["helloGET /admin HTTP/1.1"],
        vec!["hello", "GET /admin HTTP/1.1"],
        vec!["hel", "loGET /admin HTTP/1.1"],
        vec!["hell"],
        vec![],
    ] {
        let body = stream(pieces.clone().into_iter().map(Ok).collect::<Vec<_>>());
        let error = scenario.send(post(5).body(body).unwrap(), limits()).await.unwrap_err();
        assert!(matches!(error, OutboundError::WrongLength { length: 5, .. }), "{pieces:?}: {error}");
        scenario.pool = Pool::default();
        let seen = &scenario.server.seen;
        until("the server has all that will come", || Arc::strong_count(seen) == 2).await;
        let collected = std::mem::take(&mut seen.lock().unwrap().collected);
        assert!(b"hello".starts_with(&collected), "{collected:?}");
    }
    for (length, text) in [(5, ""), (0, "hello"), (4, "hello"), (6, "hello")] {
        let error = scenario.send(post(length).body(body(text)).unwrap(), limits()).await.unwrap_err();
        assert!(matches!(error, OutboundError::WrongLength { .. }), "{length} {text:?}: {error}");
    }
    for length in ["+5", "5, 5", ""] {
        let request = Request::post("/collect").header("content-length", length);
        let error = scenario.send(request.body(body("hello")).unwrap(), limits()).await.unwrap_err();
        assert!(matches!(error, OutboundError::InvalidRequest { .. }), "{length}: {error}");
    }
    scenario.send(post(5).body(stream([Ok("he"), Ok("llo")])).unwrap(), limits()).await.unwrap();
    scenario.send(post(0).body(body("")).unwrap(), limits()).await.unwrap();
    assert_eq!(scenario.server.seen.lock().unwrap().collected, b"hello");
}

#[tokio::test]
async fn a_response_has_a_hundred_headers_and_trailers_and_no_more() {
    let scenario = Scenario::new().await;
    for path in ["/100-headers", "/100-trailers"] {
        scenario.get(path).await.unwrap();
    }
    let error = scenario.get("/101-headers").await.unwrap_err();
    assert!(matches!(error, OutboundError::HeadTooLarge { .. }), "{error}");
    let error = scenario.get("/101-trailers").await.unwrap_err();
    assert!(matches!(error, OutboundError::Malformed { .. }), "{error}");
}
