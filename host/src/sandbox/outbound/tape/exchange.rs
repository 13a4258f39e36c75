//! What a case holds of the network: requests and their responses.

use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::Value;

use super::super::target::{Target, TargetError};
use super::error::TapedError;

/// A request as its plugin has sent it: without what the host adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentRequest {
    /// The method.
    pub method: Method,
    /// The address, as [`taped_url`] writes it.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// A request that an exchange answers.
#[derive(Clone, Debug)]
pub struct WantedRequest {
    /// The method.
    pub method: Method,
    /// The address, as [`taped_url`] writes it.
    pub url: String,
    /// The headers that have to be equal; others are not compared.
    pub headers: HeaderMap,
    /// The body.
    pub body: WantedBody,
}

/// The body that a request has to have.
#[derive(Clone, Debug)]
pub enum WantedBody {
    /// Exactly these bytes.
    Bytes(Vec<u8>),
    /// JSON of this value.
    Json(Value),
}

/// A response of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapedResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// A request and what comes back: a response, an error, or a response whose body ends in an error.
#[derive(Clone, Debug)]
pub struct TapedExchange {
    /// The request.
    pub request: WantedRequest,
    /// The response.
    pub response: Option<TapedResponse>,
    /// The error, after the response if there is one.
    pub error: Option<TapedError>,
}

/// A request that was sent to record it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The request.
    pub request: SentRequest,
    /// The response as far as the plugin has read it, or the reason why there is none.
    pub response: Result<TapedResponse, String>,
}

/// The reason why a text is not the address of a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It is no URL at all.
    #[error("it is not a URL")]
    Malformed,
    /// No plugin can send a request there.
    #[error("{0}")]
    Refused(String),
}

impl From<TargetError> for UrlError {
    fn from(error: TargetError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl WantedRequest {
    /// Tells whether this is the request.
    pub fn is_met_by(&self, sent: &SentRequest) -> bool {
        (&self.method, &self.url) == (&sent.method, &sent.url)
            && self
                .headers
                .keys()
                .all(|name| self.headers.get_all(name).iter().eq(sent.headers.get_all(name)))
            && self.body.is_met_by(&sent.body)
    }
}

impl WantedBody {
    /// Tells whether this is the body.
    pub fn is_met_by(&self, sent: &[u8]) -> bool {
        match self {
            Self::Bytes(bytes) => bytes == sent,
            Self::Json(value) => serde_json::from_slice::<Value>(sent).is_ok_and(|sent| sent == *value),
        }
    }
}

/// Returns the one spelling of an address by which requests are compared: the host in small letters, without the port
/// that the scheme has anyway.
///
/// # Errors
///
/// It is no address of which a plugin could send a request.
pub fn taped_url(text: &str) -> Result<String, UrlError> {
    let uri: Uri = text.parse().map_err(|_| UrlError::Malformed)?;
    Ok(url(&Target::of(&uri)?, &uri))
}

/// Writes the address of a request.
pub(in super::super) fn url(target: &Target, uri: &Uri) -> String {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{target}{slash}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(headers: &[(&'static str, &'static str)], body: WantedBody) -> WantedRequest {
        WantedRequest {
            method: Method::POST,
            url: "https://a.example/p".to_owned(),
            headers: header_map(headers),
            body,
        }
    }

    fn header_map(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    fn sent(headers: &[(&'static str, &'static str)], body: &str) -> SentRequest {
        SentRequest {
            method: Method::POST,
            url: "https://a.example/p".to_owned(),
            headers: header_map(headers),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn headers_that_are_named_have_to_be_equal_with_all_their_values() {
        let text = || WantedBody::Bytes(b"x".to_vec());
        let request = sent(&[("accept", "a"), ("accept", "b"), ("x-other", "c")], "x");
        for (headers, is_met) in [
            (&[][..], true),
            (&[("accept", "a"), ("accept", "b")], true),
            (&[("accept", "a")], false),
            (&[("accept", "b"), ("accept", "a")], false),
            (&[("x-other", "c")], true),
            (&[("x-missing", "")], false),
        ] {
            assert_eq!(wanted(headers, text()).is_met_by(&request), is_met, "{headers:?}");
        }
        assert!(!wanted(&[], WantedBody::Bytes(Vec::new())).is_met_by(&request), "no body is an empty one");
    }

    #[test]
    fn json_is_compared_as_json_and_numbers_as_written() {
        let json = |text: &str| wanted(&[], WantedBody::Json(serde_json::from_str(text).unwrap()));
        for (wanted, found, is_met) in [
            (r#"{"a":1,"b":[2]}"#, "{ \"b\": [2], \"a\": 1 }", true),
            (r#"{"a":1}"#, r#"{"a":1.0}"#, false),
            (r#"{"a":1}"#, r#"{"a":1,"b":null}"#, false),
            (r#"{"a":1}"#, "", false),
        ] {
            assert_eq!(json(wanted).is_met_by(&sent(&[], found)), is_met, "{wanted} {found}");
        }
    }

    #[test]
    fn an_address_has_one_spelling() {
        for (text, expected) in [
            ("https://A.Example:443/p?q=%2e", "https://a.example/p?q=%2e"),
            ("https://a.example", "https://a.example/"),
            ("https://a.example?q", "https://a.example/?q"),
            ("http://a.example:8080/", "http://a.example:8080/"),
        ] {
            assert_eq!(taped_url(text).as_deref(), Ok(expected));
        }
        for text in
            ["", "/p", "a.example/p", "ftp://a.example/", "https://a.example/a/../b", "https://u@a.example/"]
        {
            assert!(taped_url(text).is_err(), "{text}");
        }
    }
}
