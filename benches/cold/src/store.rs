//! Serves as much of S3 on loopback as one publisher and the functions after it need: objects and lists.
//!
//! It verifies no signature and no condition; the tests of toolcell have a server that does. It answers from memory, in
//! one write for each answer, so that the numbers are the work of the function.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use measure::message::Frame;

/// The only bucket.
pub(crate) const BUCKET: &str = "bench";

/// The number of bytes that are read at a time.
const PIECE_BYTES: usize = 64 << 10;

/// A running store; it serves until the process ends.
#[derive(Clone)]
pub(crate) struct Store {
    address: SocketAddr,
}

/// Objects by their key.
type Objects = Mutex<BTreeMap<String, Vec<u8>>>;

impl Store {
    /// Starts an empty store.
    ///
    /// # Errors
    /// Fails when no port is free.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let objects = Arc::new(Objects::default());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let objects = Arc::clone(&objects);
                // A function that ends in the middle of an answer is no error of the store.
                thread::spawn(move || drop(serve(stream, &objects)));
            }
        });
        Ok(Store { address })
    }

    /// Returns the endpoint of the store.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Answers the requests of one connection until it ends.
fn serve(mut stream: TcpStream, objects: &Objects) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let (mut received, mut piece) = (Vec::new(), vec![0; PIECE_BYTES]);
    loop {
        let Some(frame) = Frame::find(&received)? else {
            match stream.read(&mut piece)? {
                0 => return Ok(()),
                read => received.extend_from_slice(&piece[..read]),
            }
            continue;
        };
        let answer = answer(frame.head(&received), frame.body(&received)?, &mut locked(objects));
        stream.write_all(&answer)?;
        received.clear();
    }
}

fn locked(objects: &Objects) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
    objects.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does what a request asks for, and returns the whole answer.
fn answer(head: &str, body: Vec<u8>, objects: &mut BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let key = target.strip_prefix(&format!("/{BUCKET}")).unwrap_or(target);
    match (method, key.split_once("?list-type=2&prefix=")) {
        ("GET", Some((_, prefix))) => response("200 OK", &list(&prefix.replace("%2F", "/"), objects)),
        ("PUT", _) => {
            objects.insert(key.to_owned(), body);
            response("200 OK", b"")
        }
        ("DELETE", _) => {
            objects.remove(key);
            response("204 No Content", b"")
        }
        _ => {
            let mut answer = match objects.get(key) {
                Some(object) => response("200 OK", object),
                None => response("404 Not Found", b"<Error><Code>NoSuchKey</Code></Error>"),
            };
            if method == "HEAD" {
                let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").map_or(0, |at| at + 4);
                answer.truncate(end);
            }
            answer
        }
    }
}

/// Writes the list of the objects whose keys start with `prefix`.
fn list(prefix: &str, objects: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut text = "<ListBucketResult><IsTruncated>false</IsTruncated>".to_owned();
    for (key, object) in objects {
        let key = key.trim_start_matches('/');
        if key.starts_with(prefix) {
            // Writing to a string never fails.
            let _ = write!(
                text,
                "<Contents><Key>{key}</Key><Size>{}</Size>\
                 <LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>",
                object.len()
            );
        }
    }
    text.push_str("</ListBucketResult>");
    text.into_bytes()
}

fn response(status: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut answer =
        format!("HTTP/1.1 {status}\r\nETag: \"{length}\"\r\nContent-Length: {length}\r\n\r\n").into_bytes();
    answer.extend_from_slice(body);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_listed_and_handed_out() {
        let mut objects = BTreeMap::new();
        let mut ask = |head: &str, body: &str| {
            String::from_utf8(answer(head, body.as_bytes().to_vec(), &mut objects)).unwrap()
        };
        assert!(ask("GET /bench/a/x HTTP/1.1", "").starts_with("HTTP/1.1 404 "));
        ask("PUT /bench/a/x HTTP/1.1", "one");
        ask("PUT /bench/b/x HTTP/1.1", "other");
        assert!(ask("GET /bench/a/x HTTP/1.1", "").ends_with("Content-Length: 3\r\n\r\none"));
        assert!(ask("HEAD /bench/a/x HTTP/1.1", "").ends_with("Content-Length: 3\r\n\r\n"));
        let list = ask("GET /bench?list-type=2&prefix=a%2F HTTP/1.1", "");
        assert!(list.contains("<Key>a/x</Key><Size>3</Size>") && !list.contains("b/x"), "{list}");
        ask("DELETE /bench/a/x HTTP/1.1", "");
        assert!(ask("GET /bench/a/x HTTP/1.1", "").starts_with("HTTP/1.1 404 "));
    }
}
