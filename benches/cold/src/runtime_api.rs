//! Serves as much of Lambda's Runtime API as a function needs: sends one event after the other, takes the answers, and
//! lets an extension register.
//!
//! It uses one thread and blocking sockets with TCP_NODELAY, prepares each message before it is sent in one write, and
//! does not freeze the process between events. The form is that of the documentation:
//! https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail, ensure};
use measure::message::Frame;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::run::{Asked, Endpoint};

/// The longest time that a contender may take for anything.
const PATIENCE_MS: u16 = 30_000;

/// The time that an invocation may take, as the function is told.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Room for a message of any contender, so that reading it is one call.
const BUFFER_BYTES: usize = 256 << 10;

const ACCEPTED: &[u8] =
    b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"status\":\"OK\"}";

const REGISTERED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
    Lambda-Extension-Identifier: 00000000-0000-4000-8000-000000000001\r\nContent-Length: 2\r\n\r\n{}";

/// A Runtime API for one function.
pub(crate) struct RuntimeApi {
    listener: TcpListener,
    /// The connections; `None` for one that the function has closed.
    connections: Vec<Option<Connection>>,
    event: String,
    /// Events handed out so far.
    count: u64,
    /// The connection that waits for an event.
    waiting: Option<usize>,
    /// The connection that waits for the confirmation of its answer.
    answered: Option<usize>,
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

/// A whole request of the function.
struct Request {
    connection: usize,
    /// The time of its last byte.
    at: Instant,
    method_and_path: String,
    body: Vec<u8>,
}

impl RuntimeApi {
    /// Listens on a free port; every invocation gets `event`.
    ///
    /// # Errors
    /// Fails when no port is free.
    pub(crate) fn listen(event: String) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(RuntimeApi { listener, connections: vec![], event, count: 0, waiting: None, answered: None })
    }

    /// Returns the address at which the function reaches it.
    ///
    /// # Errors
    /// Fails when the system does not say.
    pub(crate) fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Serves until the function asks for an event or gives an answer.
    fn serve(&mut self) -> anyhow::Result<Request> {
        loop {
            let request = self.next_request()?;
            match request.method_and_path.as_str() {
                "POST /2020-01-01/extension/register" => self.send(request.connection, REGISTERED)?,
                "GET /2020-01-01/extension/event/next" => {} // no event ever comes
                _ => return Ok(request),
            }
        }
    }

    fn next_request(&mut self) -> anyhow::Result<Request> {
        loop {
            for at in self.readable()? {
                if at == self.connections.len() {
                    self.accept()?;
                } else if let Some(request) = self.read(at)? {
                    return Ok(request);
                }
            }
        }
    }

    /// Returns the indexes of connections with something to read; the number of connections stands for the listener.
    fn readable(&self) -> anyhow::Result<Vec<usize>> {
        let open = self.connections.iter().enumerate();
        let open = open.filter_map(|(at, connection)| Some((at, connection.as_ref()?.stream.as_fd())));
        let sockets = open.chain([(self.connections.len(), self.listener.as_fd())]);
        let (places, mut polled): (Vec<_>, Vec<_>) =
            sockets.map(|(at, socket)| (at, PollFd::new(socket, PollFlags::POLLIN))).unzip();
        let ready = poll(&mut polled, PollTimeout::from(PATIENCE_MS))?;
        ensure!(ready > 0, "neither a request nor an answer within {PATIENCE_MS} ms");
        let ready = places.into_iter().zip(polled).filter(|(_, socket)| socket.any() == Some(true));
        Ok(ready.map(|(at, _)| at).collect())
    }

    fn accept(&mut self) -> anyhow::Result<()> {
        let (stream, _) = self.listener.accept()?;
        stream.set_nodelay(true)?;
        self.connections.push(Some(Connection { stream, buffer: vec![0; BUFFER_BYTES], filled: 0 }));
        Ok(())
    }

    fn read(&mut self, at: usize) -> anyhow::Result<Option<Request>> {
        let Some(connection) = &mut self.connections[at] else { return Ok(None) };
        ensure!(connection.filled < BUFFER_BYTES, "a message of more than {BUFFER_BYTES} bytes");
        let count = connection.stream.read(&mut connection.buffer[connection.filled..])?;
        let now = Instant::now();
        if count == 0 {
            self.connections[at] = None;
            return Ok(None);
        }
        connection.filled += count;
        let received = &connection.buffer[..connection.filled];
        let Some(frame) = Frame::find(received)? else { return Ok(None) };
        let first_line = frame.head(received).lines().next().unwrap_or_default();
        let method_and_path = first_line.trim_end_matches(" HTTP/1.1").to_owned();
        let body = frame.body(received)?;
        connection.filled = 0;
        Ok(Some(Request { connection: at, at: now, method_and_path, body }))
    }

    fn send(&mut self, at: usize, message: &[u8]) -> anyhow::Result<()> {
        let connection = self.connections[at].as_mut().context("the function has hung up")?;
        Ok(connection.stream.write_all(message)?)
    }

    fn invocation(&self) -> anyhow::Result<String> {
        let deadline = (SystemTime::now() + TIMEOUT).duration_since(UNIX_EPOCH)?.as_millis();
        let (count, length, event) = (self.count, self.event.len(), &self.event);
        Ok(format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
             Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-{count:012x}\r\n\
             Lambda-Runtime-Deadline-Ms: {deadline}\r\n\
             Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-2:123456789012:function:bench\r\n\
             Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0\r\n\
             Content-Length: {length}\r\n\r\n{event}"
        ))
    }
}

impl Endpoint for RuntimeApi {
    fn ready(&mut self) -> anyhow::Result<()> {
        if let Some(connection) = self.answered.take() {
            self.send(connection, ACCEPTED)?;
        }
        let request = self.serve()?;
        if request.method_and_path != "GET /2018-06-01/runtime/invocation/next" {
            let text = String::from_utf8_lossy(&request.body);
            bail!("expected a request for an event, found {} with {text}", request.method_and_path);
        }
        self.waiting = Some(request.connection);
        Ok(())
    }

    fn ask(&mut self) -> anyhow::Result<Asked> {
        let Some(connection) = self.waiting.take() else { bail!("the function waits for no event") };
        self.count += 1;
        let invocation = self.invocation()?;
        let sent = Instant::now();
        self.send(connection, invocation.as_bytes())?;
        let request = self.serve()?;
        let text = String::from_utf8_lossy(&request.body);
        ensure!(
            request.method_and_path.ends_with("/response"),
            "expected an answer, found {} with {text}",
            request.method_and_path
        );
        self.answered = Some(request.connection);
        Ok(Asked { sent, answered: request.at, answer: request.body })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::RuntimeApi;
    use crate::run::Endpoint;

    const NEXT: &[u8] = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: h\r\n\r\n";

    fn send(stream: &mut TcpStream, message: &[u8]) -> String {
        stream.write_all(message).unwrap();
        let mut received = vec![0; 4096];
        let count = stream.read(&mut received).unwrap();
        String::from_utf8(received[..count].to_vec()).unwrap()
    }

    #[test]
    fn a_function_gets_the_event_and_answers_while_an_extension_is_registered() {
        let mut api = RuntimeApi::listen("the event".into()).unwrap();
        let address = api.address().unwrap();
        let function = std::thread::spawn(move || {
            let mut extension = TcpStream::connect(address).unwrap();
            let register = b"POST /2020-01-01/extension/register HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
            assert!(send(&mut extension, register).starts_with("HTTP/1.1 200 "));
            let mut stream = TcpStream::connect(address).unwrap();
            let invocation = send(&mut stream, NEXT);
            assert!(invocation.ends_with("\r\n\r\nthe event"), "{invocation}");
            let id = invocation.split("Aws-Request-Id: ").nth(1).unwrap().lines().next().unwrap();
            let head = format!("POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\n");
            let answer = head + "Content-Length: 2\r\n\r\nok";
            assert!(send(&mut stream, answer.as_bytes()).starts_with("HTTP/1.1 202 "));
            stream.write_all(NEXT).unwrap();
        });
        api.ready().unwrap();
        assert_eq!(api.ask().unwrap().answer, b"ok");
        api.ready().unwrap();
        function.join().unwrap();
    }

    #[test]
    fn an_error_of_the_function_ends_the_run_and_tells_its_text() {
        let mut api = RuntimeApi::listen("the event".into()).unwrap();
        let mut stream = TcpStream::connect(api.address().unwrap()).unwrap();
        let error = b"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nContent-Length: 7\r\n\r\nno code";
        stream.write_all(error).unwrap();
        assert!(api.ready().unwrap_err().to_string().contains("no code"));
    }
}
