//! The sending of one request: the only part that needs a host.

use crate::wasi::http::outgoing_handler;
use crate::wasi::http::types::{
    self as http, Fields, IncomingBody, IncomingResponse, OutgoingBody, OutgoingRequest,
};
use crate::wasi::io::streams::StreamError;
use crate::{Failure, Method, Request, Response, Scheme};

/// Bytes that one read asks for.
const READ_BYTES: u64 = 64 << 10;

/// Bytes that `blocking-write-and-flush` takes at a time.
const WRITE_BYTES: usize = 4096;

/// Sends a request, and reads at most `most` bytes of the response's body.
///
/// # Errors
/// The reason why there is no response.
pub fn send(request: &Request, most: usize) -> Result<Response, Failure> {
    let outgoing = outgoing(request)?;
    let body = request.body.as_deref().map(|bytes| outgoing.body().map(|body| (body, bytes)));
    let body = body.transpose().map_err(|()| Failure::Other)?;
    let sent = outgoing_handler::handle(outgoing, None)?;
    if let Some((body, bytes)) = body {
        // A request that is refused does not take its body; the response says why.
        let _ = write(body, bytes);
    }
    sent.subscribe().block();
    let response = sent.get().and_then(Result::ok).ok_or(Failure::Other)??;
    read(&response, most)
}

fn outgoing(request: &Request) -> Result<OutgoingRequest, Failure> {
    let headers = Fields::new();
    for (name, value) in &request.headers {
        headers.append(name, value.as_bytes()).map_err(|_| Failure::Other)?;
    }
    let outgoing = OutgoingRequest::new(headers);
    let method = match request.method {
        Method::Get => http::Method::Get,
        Method::Post => http::Method::Post,
        Method::Patch => http::Method::Patch,
    };
    let scheme = match request.scheme {
        Scheme::Http => http::Scheme::Http,
        Scheme::Https => http::Scheme::Https,
    };
    outgoing.set_method(&method).map_err(|()| Failure::Other)?;
    outgoing.set_scheme(Some(&scheme)).map_err(|()| Failure::Address)?;
    outgoing.set_authority(Some(&request.authority)).map_err(|()| Failure::Address)?;
    outgoing.set_path_with_query(Some(&request.path)).map_err(|()| Failure::Address)?;
    Ok(outgoing)
}

fn write(body: OutgoingBody, bytes: &[u8]) -> Result<(), Failure> {
    let stream = body.write().map_err(|()| Failure::Other)?;
    for part in bytes.chunks(WRITE_BYTES) {
        stream.blocking_write_and_flush(part).map_err(|_| Failure::Broken)?;
    }
    drop(stream);
    Ok(OutgoingBody::finish(body, None)?)
}

fn read(response: &IncomingResponse, most: usize) -> Result<Response, Failure> {
    let entries = response.headers().entries().into_iter();
    let headers = entries
        .map(|(name, value)| (name.to_ascii_lowercase(), String::from_utf8_lossy(&value).into_owned()));
    let mut whole = Response { status: response.status(), headers: headers.collect(), ..Response::default() };
    read_body(&response.consume().map_err(|()| Failure::Other)?, most, &mut whole)?;
    Ok(whole)
}

fn read_body(body: &IncomingBody, most: usize, response: &mut Response) -> Result<(), Failure> {
    let stream = body.stream().map_err(|()| Failure::Other)?;
    loop {
        match stream.blocking_read(READ_BYTES) {
            Ok(part) => response.body.extend(part),
            Err(StreamError::Closed) => return Ok(()),
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(http::http_error_code(&error).map_or(Failure::Broken, Failure::from));
            }
        }
        if response.body.len() > most {
            response.body.truncate(most);
            response.is_cut = true;
            return Ok(());
        }
    }
}
