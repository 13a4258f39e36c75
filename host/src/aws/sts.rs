//! Assumes roles: asks AWS STS for temporary credentials, and keeps them until shortly before they expire.
//!
//! The credentials of this process sign the request to STS and nothing else here.
//!
//! Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::{
    Ambient, AwsCredentials, CredentialSource, Endpoint, EndpointError, NoCredentials, Scope, Unsignable,
    origin, sign, xml,
};
use crate::clock::Clock;
use crate::net::{CaBundle, Client, NetError, PlainHttp, Rules, Timeouts};
use crate::percent::encoded;
use crate::timestamp::Timestamp;
use crate::variables::Variables;

/// The variable with the address of a server in place of AWS's.
const ENDPOINT_VARIABLE: &str = "AWS_ENDPOINT_URL_STS";

/// How long credentials are valid: the shortest time that STS gives, in seconds.
const VALID_SECONDS: u64 = 900;

/// The time before their end at which new credentials are asked for.
const RENEWAL: Duration = Duration::from_secs(120);

/// The time before their end at which they count as expired: a request needs some time to arrive.
const MARGIN: Duration = Duration::from_secs(10);

/// The pauses before further attempts, while STS has too much to do.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// The largest answer that is read, in bytes.
const MAX_ANSWER_BYTES: u64 = 64 << 10;

/// The most characters of STS's own words in an error.
const SHOWN_CHARS: usize = 300;

/// The errors of STS whose words say what is wrong, and never repeat the request: others may quote what was signed, session
/// token included.
const TELLING: [&str; 5] = [
    "AccessDenied",
    "MalformedPolicyDocument",
    "PackedPolicyTooLarge",
    "RegionDisabledException",
    "ValidationError",
];

/// Says who this process is for AWS, and where servers in place of AWS's are.
#[derive(Clone, Debug)]
pub struct AwsAccess {
    credentials: Arc<dyn CredentialSource>,
    variables: Variables,
}

/// Asks STS for credentials; one for each process.
#[derive(Debug)]
pub struct Sts {
    client: Client,
    access: AwsAccess,
    clock: Clock,
}

/// A role, and how it is assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// The session policy, as JSON: what the credentials may do at most.
    pub policy: String,
    /// The region whose STS is asked.
    pub region: String,
    /// The name of the sessions, which logs of AWS show.
    pub session: String,
}

/// A role with its temporary credentials.
pub struct RoleSession {
    role: Role,
    last: Mutex<Option<Session>>,
}

/// Credentials that STS gave.
struct Session {
    credentials: AwsCredentials,
    since: SystemTime,
    end: SystemTime,
}

/// A role that cannot be assumed. For the operator; repeats no credential.
#[derive(Debug, thiserror::Error)]
#[error("the role {role} cannot be assumed: {reason}")]
pub struct AssumeError {
    role: String,
    reason: Reason,
}

/// The reason why a role cannot be assumed.
#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    #[error(transparent)]
    Credentials(#[from] NoCredentials),
    #[error(transparent)]
    Unsigned(#[from] Unsignable),
    #[error("STS cannot be reached: {0}")]
    Unreachable(#[from] NetError),
    #[error("STS answers {status} {code}{words}{advice}")]
    Refused { status: StatusCode, code: String, words: String, advice: &'static str },
    #[error("STS does not answer with credentials")]
    Answer,
}

impl AwsAccess {
    /// Makes the access of whoever has these credentials; `variables` may name servers in place of AWS's.
    pub fn new(credentials: Arc<dyn CredentialSource>, variables: Variables) -> Self {
        Self { credentials, variables }
    }

    /// Makes the access of this process, with the credentials that its platform gives it.
    pub fn of_process() -> Self {
        let variables = Variables::of_process();
        Self::new(Arc::new(Ambient::new(variables.clone())), variables)
    }
}

impl Sts {
    /// Makes a client of STS, which trusts the authorities of `ca_bundle` as well. Sends nothing yet.
    pub fn new(ca_bundle: Option<CaBundle>, access: AwsAccess, clock: Clock) -> Self {
        Self { client: Client::new(ca_bundle, Timeouts::default(), clock.clone()), access, clock }
    }

    /// Returns the time for signatures.
    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// Assumes a role, again after a pause while STS has too much to do.
    async fn assume(&self, role: &Role) -> Result<Session, Reason> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let reason = match self.assume_once(role).await {
                Ok(session) => return Ok(session),
                Err(reason) => reason,
            };
            match pauses.next().filter(|_| reason.may_pass()) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(reason),
            }
        }
    }

    async fn assume_once(&self, role: &Role) -> Result<Session, Reason> {
        let now = self.now();
        let own = self.access.credentials.current(&self.client, now).await?;
        let endpoint = Endpoint::in_region(&role.region, &self.access.variables, ENDPOINT_VARIABLE)?;
        let request = Request::post(endpoint.service_url("sts"));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let mut request = request.body(form(role)).map_err(|_| Unsignable::Address)?;
        let (server, body) = (origin(request.uri()), request.body().clone());
        sign(&mut request, &server, &body, Scope { service: "sts", region: &role.region }, &own, now)?;
        let rules = Rules { max_body_bytes: MAX_ANSWER_BYTES, plain_http: PlainHttp::Loopback };
        let response = self.client.send(request, rules).await?;
        let status = response.head.status;
        let answer = Zeroizing::new(Vec::from(response.body.collect().await?));
        let answer = std::str::from_utf8(&answer).map_err(|_| Reason::Answer)?;
        match status {
            StatusCode::OK => session(answer, now).ok_or(Reason::Answer),
            status => Err(Reason::refused(status, answer)),
        }
    }
}

impl RoleSession {
    /// Makes the session of a role. Asks for no credentials yet.
    pub fn new(role: Role) -> Self {
        Self { role, last: Mutex::default() }
    }

    /// Returns the credentials of the role: those that it has, or new ones shortly before these expire by the wall clock.
    /// Of requests at the same time, one asks and the others wait.
    ///
    /// # Errors
    ///
    /// The role cannot be assumed, and there are no credentials that are still valid.
    pub async fn credentials(&self, sts: &Sts) -> Result<AwsCredentials, AssumeError> {
        let mut last = self.last.lock().await;
        let now = sts.now();
        if let Some(session) = last.as_ref().filter(|session| session.lasts(RENEWAL, now)) {
            return Ok(session.credentials.clone());
        }
        match sts.assume(&self.role).await {
            Ok(session) => Ok(last.insert(session).credentials.clone()),
            Err(reason) => {
                let error = AssumeError { role: self.role.arn.clone(), reason };
                *last = last.take().filter(|session| session.lasts(MARGIN, now));
                let Some(session) = last.as_ref() else { return Err(error) };
                tracing::warn!(%error, "the credentials of a role cannot be renewed: the last ones still count");
                Ok(session.credentials.clone())
            }
        }
    }
}

impl fmt::Debug for RoleSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoleSession").field("role", &self.role.arn).finish_non_exhaustive()
    }
}

impl Session {
    /// Tells whether the credentials are valid for this long after `now`. A clock that was set back makes them old.
    fn lasts(&self, time: Duration, now: SystemTime) -> bool {
        self.since <= now && now + time < self.end
    }
}

impl Reason {
    /// Makes the reason of an answer that is no success.
    fn refused(status: StatusCode, answer: &str) -> Self {
        let code = xml::text(answer, "Code").unwrap_or_default();
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        let words = xml::text(answer, "Message").filter(|_| TELLING.contains(&code.as_str()));
        let words = words.map(|words| words.chars().take(SHOWN_CHARS).collect::<String>());
        let words = words.map(|words| format!(" ({words})")).unwrap_or_default();
        let advice = match code.as_str() {
            "AccessDenied" => {
                ": the role of the function must be allowed sts:AssumeRole on this role (template.yaml: SignRoleArns), \
                 and the trust policy of this role must name the role of the function"
            }
            "ExpiredToken" | "ExpiredTokenException" | "InvalidClientTokenId" | "SignatureDoesNotMatch" => {
                ": the AWS credentials of this process are not valid"
            }
            "PackedPolicyTooLarge" => ": shorten `policy` of the rule's `sign`",
            "MalformedPolicyDocument" => ": correct `policy` of the rule's `sign`",
            "RegionDisabledException" => ": activate STS for the region in the account",
            _ => "",
        };
        Self::Refused { status, code, words, advice }
    }

    /// Tells whether another attempt may succeed.
    fn may_pass(&self) -> bool {
        match self {
            Self::Refused { status, code, .. } => status.is_server_error() || code.starts_with("Throttling"),
            _ => false,
        }
    }
}

/// Writes the parameters of `AssumeRole`.
fn form(role: &Role) -> Bytes {
    let Role { arn, policy, session, .. } = role;
    let form = format!(
        "Action=AssumeRole&Version=2011-06-15&DurationSeconds={VALID_SECONDS}&RoleArn={}&RoleSessionName={}&Policy={}",
        encoded(arn),
        encoded(session),
        encoded(policy)
    );
    form.into()
}

/// Reads the credentials out of an answer; `None` if it lacks a part, or they are over already.
fn session(answer: &str, now: SystemTime) -> Option<Session> {
    let part = |name| {
        let part = xml::elements(answer, name).next()?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        (!part.is_empty() && part.bytes().all(is_plain)).then_some(part)
    };
    let (key, secret) = (part("AccessKeyId")?, part("SecretAccessKey")?);
    let token = part("SessionToken")?;
    let end: Timestamp = xml::elements(answer, "Expiration").next()?.parse().ok()?;
    let end = SystemTime::UNIX_EPOCH + Duration::from_secs(end.seconds());
    let end = end.min(now + Duration::from_secs(VALID_SECONDS));
    let credentials = AwsCredentials::new(key, secret, Some(token.to_owned()), Some(end), "sts");
    Some(Session { credentials, since: now, end }).filter(|session| session.lasts(Duration::ZERO, now))
}
