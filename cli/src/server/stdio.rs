//! The edge for clients that start the command themselves: one JSON-RPC message a line, in on standard input, out on
//! standard output.
//!
//! Each line becomes the request that the plain [`Service`](toolcell_host::service::Service) takes, in a task of its own,
//! and each message of the answer a line (docs/adr/0050). In place of headers there is a [`Session`], and in place of a
//! connection that is closed a notification.

mod input;
mod output;
mod running;
mod token;

use std::io::{Read, Write};
use std::pin::pin;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Request, Response};
use tokio::runtime::Runtime;
use toolcell_host::protocol::{Fault, Id, Peek, Rejection, named, peek, sse};
use toolcell_host::service::{Body, MCP_PATH, Session};

use super::edge::{Current, DRAIN_TIMEOUT, Shutdown};
use super::stopped;
use crate::ui::exit::Exit;
use crate::ui::terminal::Terminal;
use input::Line;
use output::Output;
use running::Running;

pub use token::{TOKEN_VARIABLE, Token};

/// The time in which the client has to read the last lines.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// The most requests that run at once, as many as a local server has connections.
const MAX_RUNNING: usize = 256;

/// The rights and the settings of the client of the pipes. Clones share them.
#[derive(Clone, Debug)]
pub struct Client {
    current: Current,
    token: Option<HeaderValue>,
    session: Session,
    max_message_bytes: usize,
}

impl Client {
    /// Makes a client whose messages have at most so many bytes, and that shows this token with each of them.
    pub fn new(current: impl Into<Current>, token: Token, max_message_bytes: usize) -> Self {
        let (current, session) = (current.into(), Session::default());
        Self { current, token: token.header(), session, max_message_bytes }
    }

    /// Makes the request that a message stands for.
    fn request(&self, message: Bytes) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(message));
        *request.method_mut() = hyper::Method::POST;
        *request.uri_mut() = hyper::Uri::from_static(MCP_PATH);
        let headers = request.headers_mut();
        headers.insert(HOST, HeaderValue::from_static("localhost"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(token) = &self.token {
            headers.insert(AUTHORIZATION, token.clone());
        }
        request.extensions_mut().insert(self.session.clone());
        request
    }

    /// Answers a message; an error that names no request gets this id. Dropping the future ends the call.
    async fn answer(self, message: Bytes, id: Id, output: Output) {
        let response = match self.current.service().await {
            Ok(service) => service.handle(self.request(message)).await,
            Err(nothing) => nothing.into_response(),
        };
        write(response, &id, &output).await;
    }
}

/// Writes each message of a response; an answer without any is to a notification.
async fn write(response: Response<Body>, id: &Id, output: &Output) {
    let is_stream =
        response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == b"text/event-stream");
    let mut body = pin!(response.into_body());
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame;
        let Ok(bytes) = frame.into_data() else { continue };
        let message = if is_stream { sse::message(&bytes) } else { Some(bytes) };
        let Some(message) = message else { continue };
        if output.send(named(message, id)).await.is_err() {
            return; // the client no longer reads, which the loop notices as well
        }
    }
}

/// Serves the client of this process's own pipes until it closes them, or asks the process to stop. The threads of
/// `runtime` may still run what was cut off, and end with the process.
pub(crate) fn until_closed(runtime: Runtime, client: Client, terminal: &Terminal) -> Exit {
    let shutdown = runtime.block_on(run(std::io::stdin(), std::io::stdout(), client, stopped()));
    runtime.shutdown_background();
    match shutdown {
        Shutdown::Drained => terminal.note("stopped; every request was answered"),
        Shutdown::CutOff => terminal.note("stopped; some requests were still running and were cut off"),
    }
    Exit::Done
}

/// Answers the lines of `input` on `output`, until it ends, `output` is closed or `stop` resolves; then lets the calls
/// under way end.
pub async fn run(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    client: Client,
    stop: impl Future<Output = ()>,
) -> Shutdown {
    let mut lines = input::start(input, client.max_message_bytes);
    let (output, written) = output::start(output);
    let mut running = Running::new();
    let mut stop = pin!(stop);
    let mut was_stopped = false;
    loop {
        tokio::select! {
            line = lines.recv() => match line {
                Some(line) => take(line, &client, &mut running, &output).await,
                None => break,
            },
            () = running.forget_ended() => {}
            () = output.closed() => break,
            () = &mut stop => {
                was_stopped = true;
                break;
            }
        }
    }
    drop(lines);
    // Who closes the input may ask again, with a signal: then nothing is waited for.
    let again = async { if was_stopped { std::future::pending().await } else { stop.await } };
    let shutdown = tokio::select! {
        drained = tokio::time::timeout(DRAIN_TIMEOUT, running.drain()) => match drained {
            Ok(()) => Shutdown::Drained,
            Err(_) => Shutdown::CutOff,
        },
        () = output.closed() => Shutdown::CutOff,
        () = again => Shutdown::CutOff,
    };
    drop((running, output));
    let _ = tokio::time::timeout(FLUSH_TIMEOUT, written).await;
    shutdown
}

/// Starts the answer to a line, or ends a request.
async fn take(line: Line, client: &Client, running: &mut Running, output: &Output) {
    let message = match line {
        Line::Whole(message) => message,
        Line::TooLong => {
            return refuse(Fault::TooLarge { limit: client.max_message_bytes }, Id::NULL, output).await;
        }
    };
    let (id, settles) = match peek(&message, client.max_message_bytes) {
        Peek::Cancellation(id) => return running.cancel(&id),
        Peek::Settling(id) => (id, true),
        Peek::Request(id) => (id, false),
        Peek::Other => (Id::NULL, false),
    };
    let answer = client.clone().answer(message, id.clone(), output.clone());
    if settles {
        answer.await;
    } else if running.len() < MAX_RUNNING {
        running.start(id, answer);
    } else {
        let reason =
            format!("{MAX_RUNNING} requests are running: wait for an answer, and send this one again");
        refuse(Fault::Failed { reason }, id, output).await;
    }
}

async fn refuse(fault: Fault, id: Id, output: &Output) {
    // Fails only where the client no longer reads.
    let _ = output.send(Rejection::early(fault, Some(id)).body()).await;
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};
    use tokio::sync::oneshot;

    use super::super::gate::Gate;
    use super::*;

    /// The turns in which anything that could run has run.
    const TURNS: usize = 1_000;

    /// Lines, and who is told when all of them were handed over.
    struct Script {
        lines: io::Cursor<String>,
        taken: Option<oneshot::Sender<()>>,
    }

    impl Read for Script {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.lines.read(buffer)?;
            if read == 0
                && let Some(taken) = self.taken.take()
            {
                let _ = taken.send(());
            }
            Ok(read)
        }
    }

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Sends a request of this method and another one, while the server holds them; returns how many of them the server
    /// had begun before the first was answered, and the ids of the answers in their order.
    fn begun_at_once(method: &str) -> (usize, Vec<Value>) {
        let request =
            |id: u32, method: &str| json!({"jsonrpc": "2.0", "id": id, "method": method}).to_string();
        let lines = io::Cursor::new(format!("{}\n{}\n", request(1, method), request(2, "ping")));
        let (taken, all_taken) = oneshot::channel();
        let (gate, written) = (Gate::closed(), Written::default());
        let client = Client::new(gate.clone(), Token::NONE, 1 << 10);
        let script = Script { lines, taken: Some(taken) };
        let running = run(script, written.clone(), client, std::future::pending());
        let test = async {
            all_taken.await.unwrap();
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            let begun = gate.come();
            gate.pass(2);
            begun
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (shutdown, begun) = runtime.block_on(async { tokio::join!(running, test) });
        assert_eq!(shutdown, Shutdown::Drained);
        let written = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].clone();
        (begun, written.lines().map(id).collect())
    }

    #[test]
    fn what_settles_something_is_answered_before_the_next_line_is_begun() {
        for method in ["initialize", "logging/setLevel"] {
            assert_eq!(begun_at_once(method), (1, vec![json!(1), json!(2)]), "{method}");
        }
        assert_eq!(begun_at_once("tools/list").0, 2, "others run side by side");
    }
}
