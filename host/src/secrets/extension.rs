//! A client of the *AWS Parameters and Secrets Lambda Extension*, which answers on a port of the loopback
//! interface. It does the signing and the TLS, and keeps what it fetched for five minutes.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html>,
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-integration-lambda-extensions.html>

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
use zeroize::Zeroize as _;

use super::stored::StoredSecret;
use super::value::SecretValue;
use crate::percent::encoded;
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
        "the AWS Parameters and Secrets Lambda Extension answers with status {status}. \
         The function's role needs {permission}"
    )]
    Status {
        /// The status.
        status: StatusCode,
        /// The permission that the function's role may lack.
        permission: &'static str,
    },
    /// It says something that cannot be understood.
    #[error("{what} of at most {MAX_ANSWER_BYTES} bytes")]
    Answer {
        /// The text that is missing.
        what: &'static str,
    },
}

/// A secret that cannot be fetched.
#[derive(Debug, thiserror::Error)]
#[error("{secret}: {source}")]
pub struct FetchError {
    /// The secret.
    pub secret: StoredSecret,
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

/// The parts of the answers to `GetSecretValue` and `GetParameter` that matter.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "SecretString")]
    secret: Option<String>,
    #[serde(rename = "Parameter")]
    parameter: Option<Parameter>,
}

#[derive(Deserialize)]
struct Parameter {
    #[serde(rename = "Value")]
    value: Option<String>,
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

    /// Fetches the text of a secret.
    pub(super) async fn text(
        &self,
        secret: &StoredSecret,
        timeout: FetchTimeout,
        not_after: Option<std::time::Instant>,
    ) -> Result<SecretValue, ExtensionError> {
        let port = match self.variables.get(PORT_VARIABLE) {
            Some(port) => port.parse().map_err(|_| ExtensionError::Port)?,
            None => PORT,
        };
        let request = self.request(secret, port)?;
        let end = Instant::now() + timeout.duration();
        let end = not_after.map_or(end, |not_after| end.min(not_after.into()));
        loop {
            let answer = timeout_at(end, ask(port, request.clone(), secret)).await;
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

    fn request(&self, secret: &StoredSecret, port: u16) -> Result<Request<Empty<Bytes>>, ExtensionError> {
        let session = self.variables.get(SESSION_VARIABLE).ok_or(ExtensionError::NoSession)?;
        let mut session = HeaderValue::try_from(session).map_err(|_| ExtensionError::NoSession)?;
        session.set_sensitive(true);
        let path = match secret {
            StoredSecret::SecretsManager(id) => format!("/secretsmanager/get?secretId={}", encoded(id)),
            StoredSecret::Parameter(name) => {
                format!("/systemsmanager/parameters/get?name={}&withDecryption=true", encoded(name))
            }
        };
        let request =
            Request::get(path).header(HOST, format!("localhost:{port}")).header(SESSION_HEADER, session);
        request.body(Empty::new()).map_err(|_| ExtensionError::Answer { what: secret.missing() })
    }
}

async fn ask(
    port: u16,
    request: Request<Empty<Bytes>>,
    secret: &StoredSecret,
) -> Result<SecretValue, Attempt> {
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
        let unreadable = ExtensionError::Answer { what: secret.missing() };
        let body = body.map_err(|_| Attempt::Failed(unreadable))?.to_bytes();
        let text = read(status, &body, secret);
        // The text has its own copy; whoever shares this one keeps it.
        if let Ok(mut body) = body.try_into_mut() {
            body[..].zeroize();
        }
        text
    };
    tokio::pin!(connection, exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        // Whatever it ended with, the exchange knows.
        _ = &mut connection => exchange.await,
    }
}

fn read(status: StatusCode, body: &[u8], secret: &StoredSecret) -> Result<SecretValue, Attempt> {
    match status {
        StatusCode::OK => {
            let answer: Option<Answer> = serde_json::from_slice(body).ok();
            let text = answer.and_then(|Answer { secret: text, parameter }| match secret {
                StoredSecret::SecretsManager(_) => text,
                StoredSecret::Parameter(_) => parameter.and_then(|parameter| parameter.value),
            });
            let missing = ExtensionError::Answer { what: secret.missing() };
            text.map(SecretValue::from).ok_or(Attempt::Failed(missing))
        }
        status => {
            let is_early =
                status == StatusCode::BAD_REQUEST && memchr::memmem::find(body, NOT_READY).is_some();
            let error = ExtensionError::Status { status, permission: secret.permission() };
            Err(if is_early { Attempt::TooEarly(error) } else { Attempt::Failed(error) })
        }
    }
}

fn silent(port: u16) -> ExtensionError {
    ExtensionError::Unreachable { port, reason: "it took too long".to_owned() }
}

#[cfg(test)]
pub(crate) mod testing;

#[cfg(test)]
mod tests {
    use super::testing::{Fake, Scene};
    use super::*;

    fn secret(id: &str) -> StoredSecret {
        StoredSecret::SecretsManager(id.to_owned())
    }

    fn parameter(name: &str) -> StoredSecret {
        StoredSecret::Parameter(name.to_owned())
    }

    async fn fetch(
        scenes: Vec<Scene>,
        secret: &StoredSecret,
    ) -> (Result<SecretValue, ExtensionError>, Vec<String>) {
        let fake = Fake::start(scenes).await;
        let text = Extension::new(fake.variables()).text(secret, FetchTimeout::Starting, None).await;
        (text, fake.asked())
    }

    #[tokio::test]
    async fn the_extension_is_asked_for_a_secret_as_its_documentation_says() {
        let (text, asked) = fetch(vec![Scene::secret("a \"text\"\n")], &secret("toolcell/principals")).await;
        assert_eq!(text.unwrap().as_str(), "a \"text\"\n");
        let head = asked[0].to_ascii_lowercase();
        assert!(asked[0].starts_with("GET /secretsmanager/get?secretId=toolcell%2Fprincipals HTTP/1.1\r\n"));
        assert!(head.contains("x-aws-parameters-secrets-token: session-canary\r\n"), "{head}");
        assert!(head.contains("\r\nhost: localhost:"), "{head}");
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a+b=c-Xy";
        let (_, asked) = fetch(vec![Scene::secret("")], &secret(arn)).await;
        let path = "arn%3Aaws%3Asecretsmanager%3Aeu-west-1%3A123456789012%3Asecret%3Aa%2Bb%3Dc-Xy HTTP/1.1";
        assert!(asked[0].contains(path), "{}", asked[0]);
    }

    #[tokio::test]
    async fn the_extension_is_asked_for_a_parameter_as_its_documentation_says() {
        let (text, asked) = fetch(vec![Scene::parameter("a \"text\"\n")], &parameter("/prod/api key")).await;
        assert_eq!(text.unwrap().as_str(), "a \"text\"\n");
        let path = "/systemsmanager/parameters/get?name=%2Fprod%2Fapi%20key&withDecryption=true";
        assert!(asked[0].starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{}", asked[0]);
        assert!(asked[0].to_ascii_lowercase().contains("x-aws-parameters-secrets-token: session-canary\r\n"));
    }

    #[tokio::test]
    async fn an_extension_that_has_not_started_is_asked_again() {
        let (text, asked) =
            fetch(vec![Scene::NotReady, Scene::NotReady, Scene::secret("there")], &secret("a")).await;
        assert_eq!((text.unwrap().as_str(), asked.len()), ("there", 3));
    }

    #[tokio::test]
    async fn a_refusal_is_not_asked_again() {
        for status in [400, 403, 404, 500] {
            for (stored, permission) in
                [(secret("a"), "secretsmanager:GetSecretValue"), (parameter("a"), "ssm:GetParameter")]
            {
                let (text, asked) = fetch(vec![Scene::Status(status)], &stored).await;
                let error = text.unwrap_err().to_string();
                assert!(error.contains(&status.to_string()) && error.contains(permission), "{error}");
                assert_eq!(asked.len(), 1);
            }
        }
    }

    #[tokio::test]
    async fn an_answer_without_text_or_too_long_is_no_secret() {
        let (long, other) = ("x".repeat(MAX_ANSWER_BYTES), r#"{"Parameter":{"Value":"a"}}"#);
        for body in [r#"{"SecretBinary":"AA=="}"#, "[]", "", &long, other] {
            let (text, _) = fetch(vec![Scene::Body(body.to_owned())], &secret("a")).await;
            assert!(matches!(text, Err(ExtensionError::Answer { .. })), "{text:?}");
        }
        for body in [r#"{"Parameter":{}}"#, r#"{"SecretString":"a"}"#, r#"{"Parameter":null}"#] {
            let (text, _) = fetch(vec![Scene::Body(body.to_owned())], &parameter("a")).await;
            assert!(matches!(text, Err(ExtensionError::Answer { .. })), "{text:?}");
        }
        let fits = "x".repeat(MAX_ANSWER_BYTES - r#"{"SecretString":""}"#.len());
        let body = Scene::Body(format!(r#"{{"SecretString":"{fits}"}}"#));
        let (text, _) = fetch(vec![body], &secret("a")).await;
        assert_eq!(text.unwrap().as_str().len(), fits.len());
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_an_extension_that_never_answers_ends() {
        let fake = Fake::start(vec![Scene::Silence]).await;
        let extension = Extension::new(fake.variables());
        for timeout in [FetchTimeout::Starting, FetchTimeout::Running] {
            let start = Instant::now();
            let error = extension.text(&secret("a"), timeout, None).await.unwrap_err();
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
        let error =
            Extension::new(nowhere).text(&secret("a"), FetchTimeout::Running, None).await.unwrap_err();
        assert!(
            error.to_string().contains("at port 1:") && error.to_string().contains("Add its layer"),
            "{error}"
        );
        let outside =
            Extension::new(Variables::new(|_| None)).text(&secret("a"), FetchTimeout::Running, None).await;
        assert!(matches!(outside, Err(ExtensionError::NoSession)));
        let port = Variables::new(|_| Some("no port".to_owned()));
        let port = Extension::new(port).text(&secret("a"), FetchTimeout::Running, None).await;
        assert!(matches!(port, Err(ExtensionError::Port)));
    }
}
