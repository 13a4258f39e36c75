//! Waits on this machine for the browser to come back from an authorization server.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// The path at which the browser comes back.
const PATH: &str = "/callback";

/// The longest time for one request of the browser, which may connect without sending any.
const TIME: Duration = Duration::from_secs(5);

/// The longest head of a request that is read, in bytes.
const MAX_BYTES: usize = 16 << 10;

/// A listener for one answer.
pub(super) struct Callback {
    listener: TcpListener,
    address: String,
}

impl Callback {
    /// Listens at a port of this machine; 0 is one that is free.
    pub(super) async fn listen(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = format!("http://127.0.0.1:{}{PATH}", listener.local_addr()?.port());
        Ok(Self { listener, address })
    }

    /// Returns the address to come back to.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Waits for the answer, and returns its query.
    pub(super) async fn query(&self) -> io::Result<String> {
        loop {
            let (mut stream, _) = self.listener.accept().await?;
            // A connection that says nothing, or something else, is not the answer.
            let Ok(Ok(target)) = timeout(TIME, target(&mut stream)).await else { continue };
            let query = target.strip_prefix(PATH).and_then(|rest| rest.strip_prefix('?'));
            let (status, text) = match query {
                Some(_) => ("200 OK", "You can close this page, and go back to the terminal.\n"),
                None => ("404 Not Found", "Not found.\n"),
            };
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
                text.len()
            );
            // The answer counts also if the browser does not wait for the page.
            let _ = timeout(TIME, stream.write_all(answer.as_bytes())).await;
            if let Some(query) = query {
                return Ok(query.to_owned());
            }
        }
    }
}

/// Reads the target of a GET request.
async fn target(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut chunk = [0; 1024];
        let read = stream.read(&mut chunk).await?;
        if read == 0 || head.len() > MAX_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.extend_from_slice(&chunk[..read]);
    }
    let line = String::from_utf8_lossy(&head);
    let mut words = line.split(' ');
    match (words.next(), words.next()) {
        (Some("GET"), Some(target)) => Ok(target.to_owned()),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}
