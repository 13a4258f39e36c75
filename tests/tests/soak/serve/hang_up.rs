//! Clients that hang up in the middle. Their calls would last for a quarter of an hour.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;

use serde_json::json;
use toolcell_tests::Client;
use toolcell_tests::http::{self, Exchange, Request};

use super::{attack, right};
use crate::dice::Dice;

/// Begins a call and hangs up.
///
/// # Errors
/// The server does not take the request, or does not answer as far as the client reads.
pub(super) fn draw(client: &Client, dice: &mut Dice) -> io::Result<()> {
    let address = client.address();
    match dice.throw(6) {
        0 => at_once(address, &client.call_request("endless_spin", &json!({}))),
        1 => at_once(address, &client.call_request("endless_sleep", &json!({"milliseconds": "600000"}))),
        2 => after_an_event(address, &attack::reporting(client, "endless_report_then_spin", json!({}))),
        3 => within_the_request(address, &right::slug(client, 0).request, dice),
        4 => after_a_byte(address, &right::large(client).request),
        _ => at_once(address, &right::slug(client, 0).request),
    }
}

fn at_once(address: SocketAddr, request: &Request) -> io::Result<()> {
    let mut stream = http::connect(address);
    stream.write_all(request.head().as_bytes())?;
    stream.write_all(&request.body)
}

fn after_an_event(address: SocketAddr, request: &Request) -> io::Result<()> {
    let mut stream = http::connect(address);
    stream.write_all(request.head().as_bytes())?;
    stream.write_all(&request.body)?;
    let mut exchange = Exchange::read(stream)?;
    exchange.next_piece()?;
    exchange.hang_up();
    Ok(())
}

fn within_the_request(address: SocketAddr, request: &Request, dice: &mut Dice) -> io::Result<()> {
    let bytes = [request.head().as_bytes(), &request.body].concat();
    let end = dice.throw(bytes.len() as u64) as usize;
    http::connect(address).write_all(&bytes[..end])
}

fn after_a_byte(address: SocketAddr, request: &Request) -> io::Result<()> {
    let mut stream = http::connect(address);
    stream.write_all(request.head().as_bytes())?;
    stream.write_all(&request.body)?;
    stream.read_exact(&mut [0])
}
