//! Passes a response on from the process to the client.
//!
//! It is read to its end even if the client has gone away: the function never notices that.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html>

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::sync::{mpsc, oneshot};

use crate::api;
use crate::body::Piece;
use crate::failure::{Failure, FunctionError};
use crate::front_end::FrontEnd;
use crate::function::{InvokeMode, Setup};
use crate::payload;
use crate::prelude::{Head, INTEGRATION, PreludeError, Reader};
use crate::reply::Reply;
use crate::throttle::{Throttle, TooLong};

/// The most pieces that wait for a client that reads slowly.
const AHEAD: usize = 16;

/// The client of a response, before its head is known and after.
pub(crate) enum Client {
    Waiting(oneshot::Sender<Reply>),
    Reading(mpsc::Sender<Piece>),
    Gone,
}

impl Client {
    /// Tells the client that the function failed, or cuts a response that has begun.
    pub(crate) fn fail(self, error: Option<FunctionError>) {
        if let Client::Waiting(client) = self {
            // The client may have gone away.
            let _ = client.send(Reply::Failed(error));
        }
    }

    /// Ends a response that is complete.
    pub(crate) async fn end(self) {
        if let Client::Reading(pieces) = self {
            let _ = pieces.send(Piece::End).await;
        }
    }

    /// Hands the client a response that is complete.
    fn hand(&mut self, reply: Reply) {
        if let Client::Waiting(client) = std::mem::replace(self, Client::Gone) {
            let _ = client.send(reply);
        }
    }

    fn begin(&mut self, head: Head) {
        if let Client::Waiting(client) = std::mem::replace(self, Client::Gone) {
            let (pieces, received) = mpsc::channel(AHEAD);
            if client.send(Reply::Stream(head, received)).is_ok() {
                *self = Client::Reading(pieces);
            }
        }
    }

    async fn send(&mut self, bytes: Bytes) {
        if let Client::Reading(pieces) = self
            && !bytes.is_empty()
            && pieces.send(Piece::Data(bytes)).await.is_err()
        {
            *self = Client::Gone;
        }
    }
}

/// Passes a response on as the URL's mode demands.
pub(crate) async fn relay(
    headers: &HeaderMap,
    body: &mut Incoming,
    setup: &Setup,
    client: &mut Client,
) -> Result<(), Failure> {
    match (&setup.front_end, setup.mode) {
        (FrontEnd::FunctionUrl, InvokeMode::ResponseStream) => stream(headers, body, setup, client).await,
        (FrontEnd::FunctionUrl, InvokeMode::Buffered) => collect(headers, body, setup, client).await,
        (FrontEnd::RestApi { .. }, InvokeMode::ResponseStream) => match content_type(headers) {
            Some(INTEGRATION) => stream(headers, body, setup, client).await,
            _ => Err(Failure::Invalid("a stream to a REST API begins with a prelude".to_owned())),
        },
        _ => document(headers, body, setup, client).await,
    }
}

/// Passes a document on, as a front end does that knows no streams: a prelude means nothing to it.
async fn document(
    headers: &HeaderMap,
    body: &mut Incoming,
    setup: &Setup,
    client: &mut Client,
) -> Result<(), Failure> {
    if content_type(headers) == Some(INTEGRATION) {
        return Err(Failure::Invalid("this front end takes no stream".to_owned()));
    }
    let all = whole(body, setup).await?;
    if let Some(most) = setup.front_end.most_bytes()
        && all.len() > most
    {
        return Err(Failure::TooLarge(most));
    }
    let read = match &setup.front_end {
        FrontEnd::LoadBalancer(lists) => payload::read_for_balancer(&all, *lists),
        FrontEnd::RestApi { .. } => payload::read_strictly(&all),
        FrontEnd::FunctionUrl | FrontEnd::HttpApi { .. } => payload::read(&all),
    };
    let (head, body) = read.map_err(|error| Failure::Invalid(error.to_string()))?;
    client.hand(Reply::Whole(head, body));
    Ok(())
}

/// Hands a caller of `Invoke` the bytes that the function posted.
pub(crate) async fn hand_over(
    body: &mut Incoming,
    setup: &Setup,
    client: &mut Client,
) -> Result<(), Failure> {
    let all = whole(body, setup).await?;
    client.hand(Reply::Raw(all));
    Ok(())
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok())
}

async fn stream(
    headers: &HeaderMap,
    body: &mut Incoming,
    setup: &Setup,
    client: &mut Client,
) -> Result<(), Failure> {
    let mut throttle = Throttle::new(limit(headers, setup), setup.throttled);
    let too_long = |TooLong| Failure::TooLarge(limit(headers, setup));
    let mut prelude = match content_type(headers) {
        Some(INTEGRATION) => Some(Reader::default()),
        kind => {
            client.begin(Head::plain(kind.unwrap_or("application/octet-stream")));
            None
        }
    };
    while let Some(data) = data(body).await? {
        let mut data = data;
        if let Some(reader) = &mut prelude {
            let Some((head, rest)) = reader.push(&data).map_err(invalid)? else { continue };
            client.begin(head);
            prelude = None;
            data = rest;
        }
        throttle.pass(data.len()).await.map_err(too_long)?;
        client.send(data).await;
    }
    match prelude {
        Some(_) => Err(invalid(PreludeError::Unfinished)),
        None => Ok(()),
    }
}

/// Returns the limit of a response, in bytes: a buffered one's if the runtime does not stream.
fn limit(headers: &HeaderMap, setup: &Setup) -> usize {
    let streaming =
        headers.get("lambda-runtime-function-response-mode").is_some_and(|mode| mode == "streaming");
    if streaming { setup.stream_bytes } else { setup.payload_bytes }
}

async fn collect(
    headers: &HeaderMap,
    body: &mut Incoming,
    setup: &Setup,
    client: &mut Client,
) -> Result<(), Failure> {
    let all = whole(body, setup).await?;
    let read = match content_type(headers) {
        Some(INTEGRATION) => payload::read_streamed(&all),
        _ => payload::read(&all),
    };
    let (head, body) = read.map_err(|error| Failure::Invalid(error.to_string()))?;
    client.hand(Reply::Whole(head, body));
    Ok(())
}

/// Reads a response that must be complete before it is passed on.
async fn whole(body: &mut Incoming, setup: &Setup) -> Result<Bytes, Failure> {
    let mut all = BytesMut::new();
    while let Some(data) = data(body).await? {
        if all.len() + data.len() > setup.payload_bytes {
            return Err(Failure::TooLarge(setup.payload_bytes));
        }
        all.extend_from_slice(&data);
    }
    Ok(all.freeze())
}

/// Returns the next data of a response, or the error that its trailers report.
async fn data(body: &mut Incoming) -> Result<Option<Bytes>, Failure> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Failure::Invalid(format!("the response broke off: {error}")))?;
        match frame.into_data() {
            Ok(data) => return Ok(Some(data)),
            Err(frame) => {
                let kind = frame.trailers_ref().and_then(api::error_type);
                if let Some(error_type) = kind {
                    return Err(Failure::Function(FunctionError { error_type, ..FunctionError::default() }));
                }
            }
        }
    }
    Ok(None)
}

fn invalid(error: PreludeError) -> Failure {
    Failure::Invalid(error.to_string())
}
