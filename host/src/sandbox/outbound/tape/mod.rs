//! Answers the requests of a golden case from its exchanges, and records those that have none where that is wanted.
//!
//! [`exchange`] is what a case holds: requests, responses, errors.
//!
//! A tape sees a request after the rules have allowed it, and before a secret is added to it. Only `toolcell test` makes
//! one: a server has none.

mod error;
mod exchange;

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, StatusCode};

pub use error::{TapedError, UnknownError};
pub(super) use exchange::url;
pub use exchange::{
    Recorded, SentRequest, TapedExchange, TapedResponse, UrlError, WantedBody, WantedRequest, taped_url,
};

/// The largest body of a request or response that a case holds, in bytes: cases are read and compared by people.
pub const MAX_TAPED_BYTES: usize = 1 << 20;

/// The exchanges of a golden case, in the place of the network.
#[derive(Debug)]
pub struct Tape {
    exchanges: Vec<TapedExchange>,
    pub(super) unmatched: Unmatched,
    state: Mutex<State>,
}

/// Tells what becomes of a request that no exchange answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmatched {
    /// It fails.
    Fails,
    /// It is sent, and recorded with its response.
    IsRecorded,
}

#[derive(Debug, Default)]
struct State {
    /// The places of the exchanges that have answered a request.
    used: Vec<usize>,
    unanswered: Vec<SentRequest>,
    recorded: Vec<Recorded>,
    repeated: Vec<(String, String)>,
}

impl Tape {
    /// Makes a tape of the exchanges of a case.
    pub fn new(exchanges: Vec<TapedExchange>, unmatched: Unmatched) -> Self {
        Self { exchanges, unmatched, state: Mutex::default() }
    }

    /// Returns the requests that no exchange has answered, in the order in which they came.
    pub fn unanswered(&self) -> Vec<SentRequest> {
        self.state().unanswered.clone()
    }

    /// Returns the places of the exchanges that have answered nothing.
    pub fn unused(&self) -> Vec<usize> {
        let state = self.state();
        (0..self.exchanges.len()).filter(|at| !state.used.contains(at)).collect()
    }

    /// Returns what was recorded, in the order in which the requests came.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.state().recorded.clone()
    }

    /// Returns method and address of the requests that the next round of the call sends again.
    pub fn repeated(&self) -> Vec<(String, String)> {
        self.state().repeated.clone()
    }

    /// Takes the first exchange that answers a request and was not used yet.
    pub(super) fn take(&self, request: &SentRequest) -> Option<&TapedExchange> {
        let mut state = self.state();
        let mut fitting = self.exchanges.iter().enumerate().filter(|(_, one)| one.request.is_met_by(request));
        let (at, exchange) = fitting.find(|(at, _)| !state.used.contains(at))?;
        state.used.push(at);
        Some(exchange)
    }

    /// Notes a request that no exchange has answered.
    pub(super) fn miss(&self, request: SentRequest) {
        self.state().unanswered.push(request);
    }

    /// Notes a request that the next round of the call sends again.
    pub(super) fn repeat(&self, method: String, url: String) {
        self.state().repeated.push((method, url));
    }

    /// Begins to record a request; returns its place.
    pub(super) fn begin(&self, request: SentRequest) -> usize {
        let mut state = self.state();
        state.recorded.push(Recorded { request, response: Err("its response did not begin".to_owned()) });
        state.recorded.len() - 1
    }

    /// Records the head of a response.
    pub(super) fn respond(&self, at: usize, status: StatusCode, headers: &HeaderMap) {
        let response = TapedResponse { status, headers: headers.clone(), body: Vec::new() };
        self.record(at, |recorded| recorded.response = Ok(response));
    }

    /// Records a piece of the body of a response.
    pub(super) fn receive(&self, at: usize, data: &[u8]) {
        self.record(at, |recorded| match &mut recorded.response {
            Ok(response) if response.body.len() + data.len() <= MAX_TAPED_BYTES => {
                response.body.extend_from_slice(data);
            }
            Ok(_) => recorded.response = Err(too_large("response")),
            Err(_) => {}
        });
    }

    /// Records why a request has no whole response.
    pub(super) fn fail(&self, at: usize, reason: String) {
        self.record(at, |recorded| recorded.response = Err(reason));
    }

    fn record(&self, at: usize, change: impl FnOnce(&mut Recorded)) {
        if let Some(recorded) = self.state().recorded.get_mut(at) {
            change(recorded);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says that a case cannot hold a body.
pub(super) fn too_large(whose: &str) -> String {
    format!(
        "the body of the {whose} is larger than {} MiB, the most that a case holds",
        MAX_TAPED_BYTES >> 20
    )
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    fn sent(method: Method, url: &str, body: &str) -> SentRequest {
        SentRequest { method, url: url.to_owned(), headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    fn answered(request: &SentRequest, status: u16) -> TapedExchange {
        let SentRequest { method, url, headers, body } = request.clone();
        let request = WantedRequest { method, url, headers, body: WantedBody::Bytes(body) };
        let status = StatusCode::from_u16(status).unwrap();
        let response = TapedResponse { status, headers: HeaderMap::new(), body: Vec::new() };
        TapedExchange { request, response: Some(response), error: None }
    }

    #[test]
    fn a_request_takes_the_first_exchange_that_fits_and_is_left() {
        let get = sent(Method::GET, "https://a.example/", "");
        let exchanges = vec![answered(&get, 200), answered(&get, 404), answered(&get, 500)];
        let tape = Tape::new(exchanges, Unmatched::Fails);
        let status = || tape.take(&get).and_then(|one| one.response.as_ref()).map(|one| one.status.as_u16());
        assert_eq!([status(), status()], [Some(200), Some(404)]);
        assert_eq!(tape.unused(), [2]);
        assert_eq!(tape.take(&sent(Method::HEAD, &get.url, "")).map(|_| ()), None);
    }

    #[test]
    fn a_response_is_recorded_piece_by_piece_up_to_the_cap() {
        let tape = Tape::new(Vec::new(), Unmatched::IsRecorded);
        let places = ["a", "b"].map(|body| tape.begin(sent(Method::POST, "https://a.example/", body)));
        for at in places {
            tape.respond(at, StatusCode::OK, &HeaderMap::new());
            tape.receive(at, &vec![b'x'; MAX_TAPED_BYTES - 1]);
        }
        tape.receive(places[0], b"y");
        tape.receive(places[1], b"yz");
        let [first, second] = &tape.recorded()[..] else { panic!("two were recorded") };
        assert!(first.response.as_ref().is_ok_and(|response| response.body.ends_with(b"xy")));
        assert!(second.response.as_ref().is_err_and(|reason| reason.contains("larger than 1 MiB")));
    }
}
