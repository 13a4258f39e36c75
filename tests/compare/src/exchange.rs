//! Sends one request to one server, on a new connection, and reads the whole response.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::corpus::Case;

/// The longest silence of a server.
const PATIENCE: Duration = Duration::from_secs(30);

/// A response of a server.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    /// The status code.
    pub(crate) status: u16,
    /// `Content-Type` without parameters; empty without one.
    pub(crate) media_type: String,
    /// The whole body.
    pub(crate) body: Vec<u8>,
}

/// Sends a request, after the round before it if it has one, and returns the last response.
///
/// # Errors
/// Fails if no response comes, it is not HTTP, or the round before issued no state.
pub(crate) fn converse(case: &Case, address: SocketAddr) -> anyhow::Result<Response> {
    let Some(first) = case.first_round() else { return send(case, address) };
    let asked: Value = serde_json::from_slice(&send(&first, address)?.body)?;
    let state = asked.pointer("/result/requestState").and_then(Value::as_str);
    send(&case.with_state(state.context("the round before issued no state")?), address)
}

/// Sends a request and reads the response to its end.
///
/// # Errors
/// Fails if no response comes, or it is not HTTP.
fn send(case: &Case, address: SocketAddr) -> anyhow::Result<Response> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let body = case.body();
    // A server may refuse a request, answer and hang up before it has read all of it.
    let _ =
        stream.write_all(head(case, address, body.len()).as_bytes()).and_then(|()| stream.write_all(&body));
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes);
    if bytes.is_empty() {
        ended?;
        bail!("no answer");
    }
    let _ = stream.shutdown(Shutdown::Both); // fails if the server has hung up already
    parse(&bytes)
}

fn head(case: &Case, address: SocketAddr, length: usize) -> String {
    let mut head = format!("{} HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}\r\n", case.start());
    for (name, value) in case.headers(&address.to_string()) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head + "\r\n"
}

fn parse(bytes: &[u8]) -> anyhow::Result<Response> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").context("a head without an end")?;
    let head = std::str::from_utf8(&bytes[..end])?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|start| start.split(' ').nth(1)).context("no status")?.parse()?;
    let headers: Vec<_> = lines.filter_map(|line| line.split_once(':')).collect();
    let header = |name: &str| {
        let found = headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_ascii_lowercase())
    };
    let body = &bytes[end + 4..];
    let body = match header("transfer-encoding") {
        Some(_) => chunks(body)?,
        None => body.to_vec(),
    };
    let media_type = header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
    Ok(Response { status, media_type, body })
}

fn chunks(mut rest: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n").context("a chunk without a size")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end])?, 16)?;
        if size == 0 {
            return Ok(body);
        }
        let from = end + 2;
        body.extend(rest.get(from..from + size).context("a chunk that ends early")?);
        rest = rest.get(from + size + 2..).context("a chunk that ends early")?;
    }
}
