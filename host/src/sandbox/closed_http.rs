//! Closes `wasi:http`: every request is refused before a name lookup or a connection.

use wasmtime_wasi_http::{Error, RequestOptions, Result, WasiBody, WasiHttpHooks};

use super::denial::{Denial, Denials, NO_NETWORK};

/// The largest part of a request body that a guest may write at a time, in bytes.
const BODY_CHUNK_BYTES: usize = 64 << 10;

/// Refuses every request and records it as a denial.
pub(super) struct ClosedHttp {
    denials: Denials,
}

impl ClosedHttp {
    pub(super) fn new(denials: Denials) -> Self {
        Self { denials }
    }
}

/// The result of [`WasiHttpHooks::send_request`].
type SendFuture = Box<
    dyn Future<
            Output = Result<(http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>)>,
        > + Send,
>;

impl WasiHttpHooks for ClosedHttp {
    fn send_request(
        &mut self,
        _: http::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> SendFuture {
        self.denials.note(Denial { interface: "wasi:http/outgoing-handler", grant: NO_NETWORK });
        Box::new(async { Err(Error::HttpRequestDenied) })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_CHUNK_BYTES
    }
}
