//! Signs the requests of a rule for AWS, with temporary credentials of its role.
//!
//! The credentials of the server itself only ask for those of the role. A body is kept until its hash is known, so its
//! size has a bound of its own; nothing of a request goes unsigned but the headers that proxies change.

use bytes::{Bytes, BytesMut};
use http::{Request, Uri};
use http_body_util::{BodyExt as _, Empty, Full};
use tokio::time::timeout_at;
use wasmtime_wasi_http::{Error, Result};

use super::injection::{AddedSecret, parameter};
use super::network::{Network, NetworkError};
use super::{INTERFACE, Task, target};
use crate::aws::{self, AwsAccess, AwsCredentials, Role, RoleSession, Scope, Sts};
use crate::catalog::Signing;
use crate::clock::Clock;
use crate::net::{OutboundError, RequestBody};
use crate::percent::decoded;
use crate::secrets::SecretValue;

/// The beginning of the names of parameters that sign a request, as [`parameter`] reads them.
const SIGNING_PARAMETER: &str = "x-amz-";

/// The longest name of a session, in bytes.
const MAX_SESSION_BYTES: usize = 64;

/// Signs the requests of one rule of one plugin.
pub(super) struct Signer {
    service: String,
    region: String,
    session: RoleSession,
    sts: Sts,
}

impl Signer {
    /// Makes the signer of a rule; asks for no credentials yet.
    ///
    /// # Errors
    ///
    /// The certificates of the network cannot be read.
    pub(super) fn new(
        plugin: &str,
        signing: &Signing,
        network: &Network,
        access: &AwsAccess,
    ) -> std::result::Result<Self, NetworkError> {
        let role = Role {
            arn: signing.role.to_string(),
            policy: signing.policy.to_string(),
            region: signing.region.to_string(),
            session: session_name(plugin),
        };
        Ok(Self {
            service: signing.service.to_string(),
            region: signing.region.to_string(),
            session: RoleSession::new(role),
            sts: Sts::new(network.ca_bundle()?, access.clone(), Clock::system()),
        })
    }
}

/// Returns the name under which logs of AWS show what a plugin does.
fn session_name(plugin: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    let name = plugin.chars().map(|letter| if is_plain(letter) { letter } else { '-' });
    "toolcell-".chars().chain(name).take(MAX_SESSION_BYTES).collect()
}

/// Returns what the query of a signed request has to be, if the one of an address is something else.
pub(super) fn fault(uri: &Uri) -> Option<&'static str> {
    if sets_parameter(uri) {
        return Some("no parameter may begin with X-Amz-");
    }
    let has_one_reading = has_one_reading(uri.query().unwrap_or_default());
    (!has_one_reading)
        .then_some("its query has to be UTF-8, with a whole escape after each % and %2B for a plus sign")
}

/// Tells whether a query is signed as it is sent. The signature covers the query with its escapes taken off and put on
/// again, where an odd escape becomes another text and a plus sign a space. The service would answer with the request
/// that it expected, session token and all.
fn has_one_reading(query: &str) -> bool {
    let is_escape =
        |after: &str| after.get(..2).is_some_and(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()));
    !query.contains('+')
        && query.split('%').skip(1).all(is_escape)
        && String::from_utf8(decoded(query)).is_ok()
}

/// Tells whether an address has a parameter that AWS could take for a part of a signature.
fn sets_parameter(uri: &Uri) -> bool {
    let mut pairs = uri.query().unwrap_or_default().split(['&', ';']);
    pairs.any(|pair| {
        let names = parameter(pair.split('=').next().unwrap_or_default());
        names.iter().any(|name| name.starts_with(SIGNING_PARAMETER))
    })
}

impl Task {
    /// Signs a request, and returns the session token, so that it can be looked for in what comes back.
    ///
    /// # Errors
    ///
    /// The body is too large or breaks off, the role cannot be assumed, or a header cannot be signed.
    pub(super) async fn sign(
        &self,
        signer: &Signer,
        request: &mut Request<RequestBody>,
    ) -> Result<AddedSecret> {
        let body = std::mem::replace(request.body_mut(), empty());
        let body = self.whole(body).await?;
        let credentials = self.credentials(signer).await?;
        let scope = Scope { service: &signer.service, region: &signer.region };
        let (origin, now) = (self.target.to_string(), signer.sts.now());
        let signed = aws::sign(request, &origin, &body, scope, &credentials, now);
        signed.map_err(|error| self.unsigned(&error))?;
        *request.body_mut() = Full::new(body).map_err(|never| match never {}).boxed_unsync();
        let value = SecretValue::from(credentials.session_token().unwrap_or_default().to_owned());
        let host = target::cut(&self.target.host.to_string());
        Ok(AddedSecret { value, host, denials: self.denials.clone() })
    }

    /// Reads the body of a request to its end.
    async fn whole(&self, body: RequestBody) -> Result<Bytes> {
        let (host, max_bytes) = (self.target.host.bare(), self.limits.max_request_bytes);
        let read = timeout_at(self.limits.end, collected(body, host, max_bytes)).await;
        let read = read.map_err(|_| self.unfinished())?;
        read.map_err(|error| self.failed(&error))
    }

    async fn credentials(&self, signer: &Signer) -> Result<AwsCredentials> {
        let credentials = timeout_at(self.limits.end, signer.session.credentials(&signer.sts)).await;
        match credentials {
            Ok(credentials) => credentials.map_err(|error| self.unsigned(&error)),
            Err(_) => Err(self.unsigned(&"AWS STS did not answer within the time of the request")),
        }
    }

    /// Records why a request cannot be signed, and returns the guest's error.
    fn unsigned(&self, error: &dyn std::fmt::Display) -> Error {
        self.denials.failed(INTERFACE, &target::cut(&self.target.host.to_string()), error);
        Error::ConfigurationError
    }
}

/// Reads a body of at most `max_bytes`. No signature covers trailers, so they are refused.
async fn collected(
    mut body: RequestBody,
    host: String,
    max_bytes: u64,
) -> std::result::Result<Bytes, OutboundError> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            return Err(OutboundError::RequestBody { reason: "trailers cannot be signed".to_owned() });
        };
        if (whole.len() + data.len()) as u64 > max_bytes {
            return Err(OutboundError::RequestTooLarge { host, max_bytes });
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

fn empty() -> RequestBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::StreamExt as _;
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;

    #[test]
    fn a_parameter_of_a_signature_is_noticed_however_it_is_spelled() {
        let sets = |query: &str| sets_parameter(&format!("https://a.example/p?{query}").parse().unwrap());
        for query in [
            "X-Amz-Signature=1",
            "a=b&x-amz-credential=1",
            "a=b;X-AMZ-DATE=1",
            "%58-Amz-Algorithm=1",
            "X%2DAmz%2DExpires",
            "X_Amz_Security_Token=1",
            "+X-Amz-Signature=1",
            "X-Amz-Signature[]=1",
            "[X-Amz-Signature]=1",
            "%u0058-Amz-Signature=1",
        ] {
            assert!(sets(query), "{query}");
        }
        for query in ["", "a=X-Amz-Signature", "amz=1", "xamz-date=1", "list-type=2&prefix=x-amz-"] {
            assert!(!sets(query), "{query}");
        }
    }

    #[test]
    fn a_query_that_the_service_reads_in_another_way_than_it_was_signed_is_noticed() {
        let has_fault =
            |query: &str| fault(&format!("https://a.example/p?{query}").parse().unwrap()).is_some();
        for query in
            ["a=%FF", "%c3=1", "a=%C3&%A9=1", "a=%", "a=1%2", "a=%zz", "a=b+c", "+=1", "X-Amz-Date=1"]
        {
            assert!(has_fault(query), "{query}");
        }
        for query in ["", "a", "a=%20&b=%2B%25", "list-type=2&prefix=%C3%A9/", "a=%25FF", "a==;/?:@!$'()*,"] {
            assert!(!has_fault(query), "{query}");
        }
    }

    #[tokio::test]
    async fn no_more_of_a_body_is_kept_than_the_rule_allows() {
        let body = |pieces: usize| {
            let asked = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&asked);
            let frames = futures_util::stream::iter(0..pieces).map(move |_| {
                count.fetch_add(1, Ordering::Relaxed);
                Ok(Frame::data(Bytes::from_static(b"12345")))
            });
            (StreamBody::new(frames).boxed_unsync(), asked)
        };
        let (whole, _) = body(2);
        assert_eq!(collected(whole, "a.example".to_owned(), 10).await.unwrap(), "1234512345");
        let (endless, asked) = body(usize::MAX);
        let error = collected(endless, "a.example".to_owned(), 12).await.unwrap_err();
        assert!(matches!(error, OutboundError::RequestTooLarge { max_bytes: 12, .. }), "{error}");
        assert_eq!(asked.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn a_session_has_the_name_of_its_plugin_in_the_letters_of_aws() {
        assert_eq!(session_name("reports"), "toolcell-reports");
        assert_eq!(session_name("my reports/é"), "toolcell-my-reports--");
        assert_eq!(session_name(&"x".repeat(100)).len(), MAX_SESSION_BYTES);
    }
}
