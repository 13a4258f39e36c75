//! Servers at every address of the machine that remember which one was connected to.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The servers of a test, one for each port.
pub(crate) struct Sinks {
    seen: Arc<Mutex<Vec<IpAddr>>>,
    ports: Vec<u16>,
}

impl Sinks {
    /// Listens at these ports of all addresses. A request for `/to?ADDRESS` is answered with a redirect to there.
    pub(crate) async fn open(ports: &[u16]) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut bound = Vec::new();
        for port in ports {
            let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, *port)).await.unwrap();
            bound.push(listener.local_addr().unwrap().port());
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    seen.lock().unwrap().push(stream.local_addr().unwrap().ip().to_canonical());
                    tokio::spawn(answer(stream));
                }
            });
        }
        Self { seen, ports: bound }
    }

    /// Returns the port of the first server, also if the system has chosen it.
    pub(crate) fn port(&self) -> u16 {
        self.ports[0]
    }

    /// Takes the addresses that were connected to.
    pub(crate) fn take(&self) -> Vec<IpAddr> {
        std::mem::take(&mut *self.seen())
    }

    /// Waits until the servers have seen every connection before this call.
    pub(crate) async fn settle(&self) {
        for port in &self.ports {
            let before = self.seen().len();
            drop(TcpStream::connect(("127.0.0.1", *port)).await.unwrap());
            while self.seen().len() == before {
                tokio::task::yield_now().await;
            }
            let own = self.seen().iter().rposition(|address| address.is_loopback()).unwrap();
            self.seen().remove(own);
        }
    }

    fn seen(&self) -> MutexGuard<'_, Vec<IpAddr>> {
        self.seen.lock().unwrap()
    }
}

async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.strip_prefix("GET /to?").and_then(|rest| rest.split(' ').next());
    let answer = match target {
        Some(target) => {
            format!("HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n")
        }
        None => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_owned(),
    };
    stream.write_all(answer.as_bytes()).await
}
