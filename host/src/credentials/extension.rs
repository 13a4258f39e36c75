//! A client of the *AWS Parameters and Secrets Lambda Extension*, which answers on a port of the loopback
//! interface. It does the signing and the TLS, and keeps what it fetched for five minutes.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html>

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout_at};

use crate::variables::Variables;

/// Default port of the extension, if [`PORT_VARIABLE`] is not set.
const PORT: u16 = 2773;

/// The variable that tells the extension, and us, another port.
const PORT_VARIABLE: &str = "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT";

/// The variable with the token that the extension asks for.
const SESSION_VARIABLE: &str = "AWS_SESSION_TOKEN";

/// The header that carries that token.
const SESSION_HEADER: &str = "x-aws-parameters-secrets-token";

/// The extension's body, with status 400, until the first invocation has reached it.
const NOT_READY: &[u8] = b"not ready to serve traffic";

/// Largest answer that is read, in bytes: a secret has at most 64 KiB, which JSON may spell six times as long.
pub const MAX_ANSWER_BYTES: usize = 512 << 10;

/// Pause before the extension is asked again whether it has started.
const PAUSE: Duration = Duration::from_millis(20);

/// The time that the server waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FetchTimeout {
    /// The extension may still be starting, and no caller can be admitted before it answers.
    Starting,
    /// It answered before, and there is an answer to fall back on.
    Running,
}

/// Names the reason why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum ExtensionError {
    /// The port is malformed.
    #[error("{PORT_VARIABLE} is not a port")]
    Port,
    /// The process does not run in Lambda.
    #[error(
        "{SESSION_VARIABLE} is not set (Lambda sets it, and only a function in Lambda can fetch secrets)"
    )]
    NoSession,
    /// The extension does not answer.
    #[error(
        "the AWS Parameters and Secrets Lambda Extension does not answer at port {port}: {reason}. \
         Add its layer to the function"
    )]
    Unreachable {
        /// The address that was asked.
        port: u16,
        /// The error.
        reason: String,
    },
    /// It refuses.
    #[error(
        "the AWS Parameters and Secrets Lambda Extension answers with status {0}. \
         The function's role needs secretsmanager:GetSecretValue for this secret"
    )]
    Status(StatusCode),
    /// It says something that cannot be understood.
    #[error("the secret has no text (SecretString) of at most {MAX_ANSWER_BYTES} bytes")]
    Answer,
}

/// A secret that cannot be fetched.
#[derive(Debug, thiserror::Error)]
#[error("secret {secret}: {source}")]
pub struct SecretError {
    /// Its name or ARN.
    pub secret: String,
    /// The reason.
    pub source: ExtensionError,
}

/// The extension of this environment.
#[derive(Debug)]
pub(super) struct Extension {
    variables: Variables,
}

/// One attempt that came to nothing.
enum Attempt {
    /// Another one may succeed.
    TooEarly(ExtensionError),
    Failed(ExtensionError),
}

/// The part of `GetSecretValue`'s answer that matters.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "SecretString")]
    text: Option<String>,
}

impl FetchTimeout {
    fn duration(self) -> Duration {
        match self {
            Self::Starting => Duration::from_secs(3),
            Self::Running => Duration::from_secs(1),
        }
    }
}

impl Extension {
    pub(super) fn new(variables: Variables) -> Self {
        Self { variables }
    }

    /// Fetches the text of a secret, by its name or ARN.
    pub(super) async fn secret(
        &self,
        id: &str,
        timeout: FetchTimeout,
        not_after: Option<std::time::Instant>,
    ) -> Result<String, ExtensionError> {
        let port = match self.variables.get(PORT_VARIABLE) {
            Some(port) => port.parse().map_err(|_| ExtensionError::Port)?,
            None => PORT,
        };
        let request = self.request(id, port)?;
        let end = Instant::now() + timeout.duration();
        let end = not_after.map_or(end, |not_after| end.min(not_after.into()));
        loop {
            let answer = timeout_at(end, ask(port, request.clone())).await;
            let error = match answer.unwrap_or_else(|_| Err(Attempt::Failed(silent(port)))) {
                Ok(text) => return Ok(text),
                Err(Attempt::Failed(error)) => return Err(error),
                Err(Attempt::TooEarly(error)) => error,
            };
            if Instant::now() + PAUSE >= end {
                return Err(error);
            }
            sleep(PAUSE).await;
        }
    }

    fn request(&self, id: &str, port: u16) -> Result<Request<Empty<Bytes>>, ExtensionError> {
        let session = self.variables.get(SESSION_VARIABLE).ok_or(ExtensionError::NoSession)?;
        let mut session = HeaderValue::try_from(session).map_err(|_| ExtensionError::NoSession)?;
        session.set_sensitive(true);
        let request = Request::get(format!("/secretsmanager/get?secretId={}", encoded(id)))
            .header(HOST, format!("localhost:{port}"))
            .header(SESSION_HEADER, session);
        request.body(Empty::new()).map_err(|_| ExtensionError::Answer)
    }
}

async fn ask(port: u16, request: Request<Empty<Bytes>>) -> Result<String, Attempt> {
    let unreachable =
        |reason: &dyn ToString| ExtensionError::Unreachable { port, reason: reason.to_string() };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let stream = TcpStream::connect(address).await.map_err(|error| Attempt::TooEarly(unreachable(&error)))?;
    let failed = |error: hyper::Error| Attempt::Failed(unreachable(&error));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(failed)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await;
        let body = body.map_err(|_| Attempt::Failed(ExtensionError::Answer))?;
        read(status, &body.to_bytes())
    };
    tokio::pin!(connection, exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        // Whatever it ended with, the exchange knows.
        _ = &mut connection => exchange.await,
    }
}

fn read(status: StatusCode, body: &[u8]) -> Result<String, Attempt> {
    match status {
        StatusCode::OK => {
            let answer: Option<Answer> = serde_json::from_slice(body).ok();
            answer.and_then(|answer| answer.text).ok_or(Attempt::Failed(ExtensionError::Answer))
        }
        StatusCode::BAD_REQUEST if memchr::memmem::find(body, NOT_READY).is_some() => {
            Err(Attempt::TooEarly(ExtensionError::Status(status)))
        }
        status => Err(Attempt::Failed(ExtensionError::Status(status))),
    }
}

fn silent(port: u16) -> ExtensionError {
    ExtensionError::Unreachable { port, reason: "it took too long".to_owned() }
}

/// Percent-encodes what is not unreserved (RFC 3986 section 2.3).
fn encoded(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
pub(super) mod testing;

#[cfg(test)]
mod tests {
    use super::testing::{Fake, Scene};
    use super::*;

    async fn fetch(scenes: Vec<Scene>, id: &str) -> (Result<String, ExtensionError>, Vec<String>) {
        let fake = Fake::start(scenes).await;
        let text = Extension::new(fake.variables()).secret(id, FetchTimeout::Starting, None).await;
        (text, fake.asked())
    }

    #[tokio::test]
    async fn the_extension_is_asked_as_its_documentation_says() {
        let (text, asked) = fetch(vec![Scene::secret("a \"text\"\n")], "toolcell/principals").await;
        assert_eq!(text.unwrap(), "a \"text\"\n");
        let head = asked[0].to_ascii_lowercase();
        assert!(asked[0].starts_with("GET /secretsmanager/get?secretId=toolcell%2Fprincipals HTTP/1.1\r\n"));
        assert!(head.contains("x-aws-parameters-secrets-token: session-canary\r\n"), "{head}");
        assert!(head.contains("\r\nhost: localhost:"), "{head}");
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a+b=c-Xy";
        let (_, asked) = fetch(vec![Scene::secret("")], arn).await;
        let path = "arn%3Aaws%3Asecretsmanager%3Aeu-west-1%3A123456789012%3Asecret%3Aa%2Bb%3Dc-Xy HTTP/1.1";
        assert!(asked[0].contains(path), "{}", asked[0]);
    }

    #[tokio::test]
    async fn an_extension_that_has_not_started_is_asked_again() {
        let (text, asked) = fetch(vec![Scene::NotReady, Scene::NotReady, Scene::secret("there")], "a").await;
        assert_eq!((text.unwrap().as_str(), asked.len()), ("there", 3));
    }

    #[tokio::test]
    async fn a_refusal_is_not_asked_again() {
        for status in [400, 403, 404, 500] {
            let (text, asked) = fetch(vec![Scene::Status(status)], "a").await;
            let error = text.unwrap_err().to_string();
            assert!(error.contains(&status.to_string()) && error.contains("GetSecretValue"), "{error}");
            assert_eq!(asked.len(), 1);
        }
    }

    #[tokio::test]
    async fn an_answer_without_text_or_too_long_is_no_secret() {
        let long = "x".repeat(MAX_ANSWER_BYTES);
        for body in [r#"{"SecretBinary":"AA=="}"#, "[]", "", &long] {
            let (text, _) = fetch(vec![Scene::Body(body.to_owned())], "a").await;
            assert!(matches!(text, Err(ExtensionError::Answer)), "{text:?}");
        }
        let fits = "x".repeat(MAX_ANSWER_BYTES - r#"{"SecretString":""}"#.len());
        let (text, _) = fetch(vec![Scene::Body(format!(r#"{{"SecretString":"{fits}"}}"#))], "a").await;
        assert_eq!(text.unwrap().len(), fits.len());
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_an_extension_that_never_answers_ends() {
        let fake = Fake::start(vec![Scene::Silence]).await;
        let extension = Extension::new(fake.variables());
        for timeout in [FetchTimeout::Starting, FetchTimeout::Running] {
            let start = Instant::now();
            let error = extension.secret("a", timeout, None).await.unwrap_err();
            assert!(matches!(error, ExtensionError::Unreachable { .. }), "{error}");
            assert!(start.elapsed() <= timeout.duration() + PAUSE, "{:?}", start.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_an_extension_or_outside_of_lambda_there_is_an_error_that_says_so() {
        let nowhere = Variables::new(|name| match name {
            SESSION_VARIABLE => Some("session".to_owned()),
            PORT_VARIABLE => Some("1".to_owned()),
            _ => None,
        });
        let error = Extension::new(nowhere).secret("a", FetchTimeout::Running, None).await.unwrap_err();
        assert!(
            error.to_string().contains("at port 1:") && error.to_string().contains("Add its layer"),
            "{error}"
        );
        let outside = Extension::new(Variables::new(|_| None)).secret("a", FetchTimeout::Running, None).await;
        assert!(matches!(outside, Err(ExtensionError::NoSession)));
        let port = Variables::new(|_| Some("no port".to_owned()));
        let port = Extension::new(port).secret("a", FetchTimeout::Running, None).await;
        assert!(matches!(port, Err(ExtensionError::Port)));
    }
}
