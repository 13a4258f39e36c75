//! Sends HTTP requests through `wasi:http`, and reads responses up to a size.
//!
//! A plugin that depends on this crate imports `wasi:http`, as its own bindings would let it. [`send`] needs a host; tests
//! of a plugin pass a function in its place.

mod failure;
mod wasi_http;

wit_bindgen::generate!({ world: "client", path: "wit", generate_all });

pub use failure::Failure;
pub use wasi_http::send;

/// A method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or does something.
    Post,
    /// Changes a part.
    Patch,
}

/// The scheme of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Without TLS.
    Http,
    /// With TLS, which is the host's part.
    Https,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The scheme.
    pub scheme: Scheme,
    /// Host and port, as in an address.
    pub authority: String,
    /// Path and query.
    pub path: String,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body, if there is one.
    pub body: Option<Vec<u8>>,
}

/// A response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, or its start.
    pub body: Vec<u8>,
    /// Whether the body is longer than was asked for.
    pub is_cut: bool,
}

impl Response {
    /// Returns the first header of this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}
