//! Runs `toolcell serve --stdio` as a client does that starts the command.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use serde_json::{Value, json};

use crate::client::Revision;
use crate::program::toolcell;
use crate::wire::Asked;

/// The longest wait for a line, or for the end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server and its pipes; dropping it kills it.
#[derive(Debug)]
pub struct Pipes {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    said: Option<JoinHandle<String>>,
}

/// A server that has ended.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// The messages that nobody has read before.
    pub rest: Vec<Value>,
    /// All that it wrote to standard error.
    pub said: String,
}

impl Pipes {
    /// Starts the command in a folder, with more arguments and variables.
    ///
    /// # Panics
    /// Panics if the command cannot be started.
    pub fn start(folder: &Path, arguments: &[&str], variables: &[(&str, String)]) -> Self {
        let arguments = [&["serve", "--stdio"], arguments].concat();
        let mut command = toolcell(folder, &arguments, variables);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("toolcell runs");
        let (output, mut errors) =
            (child.stdout.take().expect("its output"), child.stderr.take().expect("its errors"));
        let (tell, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return; // hanging up, as a client does that has crashed
                }
            }
        });
        let said = thread::spawn(move || {
            let mut said = String::new();
            let _ = errors.read_to_string(&mut said);
            said
        });
        let input = child.stdin.take();
        Self { child, input, lines, said: Some(said) }
    }

    /// Writes bytes as they are.
    ///
    /// # Panics
    /// Panics if the pipe is closed.
    pub fn write(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("an open pipe");
        input.write_all(bytes).and_then(|()| input.flush()).expect("the server reads");
    }

    /// Writes a message on a line of its own.
    pub fn send(&mut self, message: &Value) {
        self.write(format!("{message}\n").as_bytes());
    }

    /// Reads the next message.
    ///
    /// # Panics
    /// Panics if there is none in time, or if it is not a message of the protocol.
    pub fn hear(&mut self) -> Value {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => message(&line),
            Err(RecvTimeoutError::Timeout) => panic!("no message within {PATIENCE:?}"),
            Err(RecvTimeoutError::Disconnected) => panic!("the server ended: {:?}", self.wait()),
        }
    }

    /// Sends a message, and returns the next one of the server.
    pub fn ask(&mut self, message: &Value) -> Value {
        self.send(message);
        self.hear()
    }

    /// Makes the handshake of a revision that has one.
    ///
    /// # Panics
    /// Panics if the server settles on another revision.
    pub fn shake_hands(&mut self, revision: Revision) {
        let client = json!({"name": "tests", "version": "1"});
        let params = json!({"protocolVersion": revision.name(), "capabilities": {}, "clientInfo": client});
        let answer =
            self.ask(&json!({"jsonrpc": "2.0", "id": "i", "method": "initialize", "params": params}));
        assert_eq!(answer["result"]["protocolVersion"], revision.name(), "{answer}");
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    }

    /// Shows that nothing is on its way: the next message is the answer to this request.
    ///
    /// # Panics
    /// Panics if it is another one.
    pub fn hears_nothing_more(&mut self) {
        let pong = self.ask(&json!({"jsonrpc": "2.0", "id": "fence", "method": "ping"}));
        assert_eq!(pong, json!({"jsonrpc": "2.0", "id": "fence", "result": {}}));
    }

    /// Closes the input and waits for the end.
    pub fn close(mut self) -> Ended {
        self.input = None;
        self.wait()
    }

    /// Asks the process to end, and waits for it.
    ///
    /// # Panics
    /// Panics if the process cannot be asked.
    pub fn terminate(mut self) -> Ended {
        rustix::process::kill_process(self.pid(), Signal::TERM).expect("it runs");
        self.wait()
    }

    /// Stops reading, as a client does that has crashed, and waits for the end.
    ///
    /// # Panics
    /// Panics if the server goes on.
    pub fn hang_up(mut self) -> Ended {
        drop(std::mem::replace(&mut self.lines, mpsc::channel().1));
        let start = Instant::now();
        while self.child.try_wait().expect("a child that can be waited for").is_none() {
            assert!(start.elapsed() < PATIENCE, "it goes on without anyone who reads");
            // The answer to the first one shows the thread that nobody listens, the next one the server.
            let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
            let _ = writeln!(self.input.as_mut().expect("an open pipe"), "{ping}");
            thread::sleep(Duration::from_millis(10));
        }
        self.wait()
    }

    /// Waits for the end.
    ///
    /// # Panics
    /// Panics if a thread of the test has panicked.
    pub fn wait(&mut self) -> Ended {
        let said = self.said.take().expect("it ends once").join().expect("nobody panics");
        let status = self.child.wait().expect("a child that can be waited for");
        Ended { status, rest: self.lines.iter().map(|line| message(&line)).collect(), said }
    }

    fn pid(&self) -> Pid {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("the id of a process")
    }
}

impl Drop for Pipes {
    fn drop(&mut self) {
        // Both fail only where the process has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads a line, which must be a message of the protocol; only an error that names no request has the id null.
fn message(line: &str) -> Value {
    let message: Value =
        serde_json::from_str(line).unwrap_or_else(|error| panic!("no JSON ({error}): {line}"));
    let mut named = message.clone();
    if let Some(error) = named.as_object_mut().filter(|message| message.contains_key("error")) {
        error.retain(|name, value| name != "id" || !value.is_null());
    }
    match &named {
        Value::Array(all) => all.iter().for_each(|one| Asked::unknown().check(one)),
        one => Asked::unknown().check(one),
    }
    message
}
