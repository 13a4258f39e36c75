//! Carries a request of a golden case out: answers it from the tape, or sends it and records what comes back.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt as _, Full};
use tokio::time::timeout_at;
use wasmtime_wasi_http::{Error, Result, WasiBody};

use super::body::Download;
use super::error::to_guest;
use super::injection::AddedSecret;
use super::tape::{
    MAX_TAPED_BYTES, SentRequest, Tape, TapedError, TapedExchange, TapedResponse, Unmatched, too_large, url,
};
use super::task::Task;
use crate::net::{OutboundError, RequestBody, ResponseBody, Stage};

/// The bytes of a response that a guest gets at a time, so that it meets more than one piece.
const PIECE_BYTES: usize = 16 << 10;

/// The error of a request that the tape has no answer to.
const NO_EXCHANGE: &str = "the case has no exchange for this request";

impl Task {
    /// Answers a request from the tape, or sends and records it.
    pub(super) async fn play(
        self,
        tape: &Arc<Tape>,
        request: Request<RequestBody>,
    ) -> Result<Response<WasiBody>> {
        let mut sent = SentRequest {
            method: request.method().clone(),
            url: url(&self.target, request.uri()),
            headers: request.headers().clone(),
            body: Vec::new(),
        };
        let (parts, body) = request.into_parts();
        match self.collect(body).await? {
            Some(body) => sent.body = body,
            None => {
                let at = tape.begin(sent);
                tape.fail(at, too_large("request"));
                return Err(Error::InternalError(Some(too_large("request"))));
            }
        }
        // The secret is read, and what cannot be added fails here as on a server; the tape holds the request without.
        let body = Full::new(Bytes::from(sent.body.clone())).map_err(|never| match never {});
        let mut request = Request::from_parts(parts, body.boxed_unsync());
        let secret = self.add_secret(&mut request).await?;
        match (tape.take(&sent), tape.unmatched) {
            (Some(exchange), _) => self.answer(exchange, secret),
            (None, Unmatched::IsRecorded) => self.send_and_record(tape, sent, request, secret).await,
            (None, Unmatched::Fails) => {
                tape.miss(sent);
                Err(Error::InternalError(Some(NO_EXCHANGE.to_owned())))
            }
        }
    }

    /// Reads the body of a request to its end; `None` if it is larger than a case holds.
    async fn collect(&self, mut body: RequestBody) -> Result<Option<Vec<u8>>> {
        let (mut bytes, limits) = (Vec::new(), self.limits);
        let host = || self.target.host.to_string();
        loop {
            let late = || OutboundError::TimeOver { host: host(), stage: Stage::Head };
            let frame = timeout_at(limits.end, body.frame()).await.map_err(|_| self.failed(&late()))?;
            let Some(frame) = frame else { return Ok(Some(bytes)) };
            let Ok(data) = frame.map_err(|error| self.failed(&error))?.into_data() else { continue };
            bytes.extend_from_slice(&data);
            if bytes.len() as u64 > limits.max_request_bytes {
                let max_bytes = limits.max_request_bytes;
                return Err(self.failed(&OutboundError::RequestTooLarge { host: host(), max_bytes }));
            }
            if bytes.len() > MAX_TAPED_BYTES {
                return Ok(None);
            }
        }
    }

    /// Answers a request with an exchange.
    fn answer(self, exchange: &TapedExchange, secret: Option<AddedSecret>) -> Result<Response<WasiBody>> {
        let Some(TapedResponse { status, headers, body }) = exchange.response.clone() else {
            return Err(exchange.error.map_or(Error::HttpProtocolError, TapedError::to_guest));
        };
        let max_bytes = self.limits.max_response_bytes;
        if body.len() as u64 > max_bytes {
            let host = self.target.host.to_string();
            return Err(self.failed(&OutboundError::ResponseTooLarge { host, max_bytes }));
        }
        let length = body.len();
        let pieces = body.chunks(PIECE_BYTES).map(Bytes::copy_from_slice).collect();
        let body = Playback { pieces, error: exchange.error.map(TapedError::to_guest) };
        let is_over = body.is_end_stream();
        let mut response = Response::new(());
        (*response.status_mut(), *response.headers_mut()) = (status, headers);
        if length > 0 && exchange.error.is_none() {
            response.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(length));
        }
        if let Some(secret) = &secret {
            secret.scrub(response.headers_mut());
        }
        let exchange = Some(self.exchange).filter(|_| !is_over);
        Ok(response.map(|()| Download::new(body, exchange, secret).boxed_unsync()))
    }

    /// Sends a request, and records it with its response.
    async fn send_and_record(
        self,
        tape: &Arc<Tape>,
        sent: SentRequest,
        request: Request<RequestBody>,
        secret: Option<AddedSecret>,
    ) -> Result<Response<WasiBody>> {
        let at = tape.begin(sent);
        let mut response = self.send(request).await.map_err(|error| {
            tape.fail(at, error.to_string());
            self.failed(&error)
        })?;
        if let Some(secret) = &secret {
            secret.scrub(response.headers_mut());
        }
        tape.respond(at, response.status(), response.headers());
        let exchange = Some(self.exchange);
        Ok(response.map(|body| Download::new(recorded(body, tape, at), exchange, secret).boxed_unsync()))
    }
}

/// Records a body on its way to the guest.
fn recorded(
    body: ResponseBody,
    tape: &Arc<Tape>,
    at: usize,
) -> impl Body<Data = Bytes, Error = Error> + Send + Unpin + use<> {
    let (pieces, end) = (Arc::clone(tape), Arc::clone(tape));
    let piece = move |frame: Frame<Bytes>| {
        if let Some(data) = frame.data_ref() {
            pieces.receive(at, data);
        }
        frame
    };
    let broken = move |error: OutboundError| {
        end.fail(at, error.to_string());
        to_guest(&error)
    };
    body.map_frame(piece).map_err(broken)
}

/// The body of a response from a tape.
struct Playback {
    pieces: VecDeque<Bytes>,
    /// The error that it breaks off with.
    error: Option<Error>,
}

impl Body for Playback {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let piece = self.pieces.pop_front().map(|piece| Ok(Frame::data(piece)));
        Poll::Ready(piece.or_else(|| self.error.take().map(Err)))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && self.error.is_none()
    }
}
