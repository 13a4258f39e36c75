//! Passes HTTP/1.1 on to a server, and holds requests back that a test has chosen, until the test lets them pass.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// A proxy in front of a port of this machine; it lives as long as the process.
#[derive(Debug)]
pub struct HoldingProxy {
    port: u16,
    holds: Holds,
}

/// A request that is held back, or will be; dropping it lets the request pass.
#[derive(Debug)]
pub struct Held {
    arrived: Receiver<()>,
    _passes_when_dropped: Sender<()>,
}

type Holds = Arc<Mutex<Vec<Hold>>>;

#[derive(Debug)]
struct Hold {
    parts: Vec<String>,
    arrived: Sender<()>,
    passes: Receiver<()>,
}

impl HoldingProxy {
    /// Starts a proxy in front of the server at `port`.
    ///
    /// # Panics
    /// Panics if no port can be opened.
    pub fn start(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let own = listener.local_addr().expect("it is bound").port();
        let holds = Holds::default();
        let shared = Arc::clone(&holds);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let holds = Arc::clone(&shared);
                // A connection that breaks is seen by whoever has made it.
                std::thread::spawn(move || serve(client, port, &holds));
            }
        });
        Self { port: own, holds }
    }

    /// Returns its own port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Holds the next request back that has all these parts in its head or body.
    ///
    /// # Panics
    /// Panics if a thread of the proxy has.
    pub fn hold(&self, parts: &[&str]) -> Held {
        let ((arrived, arrives), (pass, passes)) = (channel(), channel());
        let parts = parts.iter().map(|&part| part.to_owned()).collect();
        self.holds.lock().expect("no thread panics").push(Hold { parts, arrived, passes });
        Held { arrived: arrives, _passes_when_dropped: pass }
    }
}

impl Held {
    /// Waits until the request has come.
    ///
    /// # Panics
    /// Panics if the proxy has ended.
    pub fn wait(&self) {
        self.arrived.recv().expect("the proxy runs");
    }
}

/// Serves one connection.
fn serve(client: TcpStream, port: u16, holds: &Holds) -> io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    let (mut back, mut to_client) = (server.try_clone()?, client.try_clone()?);
    std::thread::spawn(move || io::copy(&mut back, &mut to_client));
    let mut client = BufReader::new(client);
    while let Some(request) = read(&mut client)? {
        let hold = {
            let text = String::from_utf8_lossy(&request);
            let mut holds = holds.lock().expect("no thread panics");
            let is_meant = |hold: &Hold| hold.parts.iter().all(|part| text.contains(part.as_str()));
            let at = holds.iter().position(is_meant);
            at.map(|at| holds.remove(at))
        };
        if let Some(hold) = hold {
            // Whoever has dropped its end waits no more.
            let _ = hold.arrived.send(());
            let _ = hold.passes.recv();
        }
        server.write_all(&request)?;
    }
    Ok(())
}

/// Reads a request with a `content-length`; `None` at the end of the connection.
fn read(client: &mut BufReader<TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let (mut request, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if client.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        request.extend_from_slice(line.as_bytes());
        let header = line.trim().to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        if header.is_empty() {
            break;
        }
    }
    client.take(length).read_to_end(&mut request)?;
    Ok(Some(request))
}
