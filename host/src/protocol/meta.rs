//! Reads `params._meta`: who asks, and what may be sent before the answer.

use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::fault::{Expected, Fault};
use super::id::ProgressToken;
use super::json;
use super::message::RawMeta;
use super::question;
use super::quoted::{MAX_QUOTED_CHARS, Quoted};
use super::revision::Era;
use super::trace::TraceContext;
use crate::mcp::{Level, QuestionKinds};

/// The `_meta` of a request: its sender, and which notifications may be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// The client's own name: for people and logs, never for a decision.
    pub client: Option<ClientInfo>,
    /// The client's capabilities for this request; empty for legacy requests.
    pub capabilities: ClientCapabilities,
    /// The least serious messages that the client wants; without it, the client wants none.
    pub level: Option<Level>,
    /// The token of progress notifications; without one, none may be sent.
    pub progress_token: Option<ProgressToken>,
    /// The position in the client's trace.
    pub trace: TraceContext,
}

/// A client's own name and version, shortened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientInfo {
    /// Its name.
    pub name: String,
    /// Its version, empty if it says none.
    pub version: String,
}

/// The capabilities that a request declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientCapabilities(Option<Bytes>);

impl Meta {
    /// Reads the optional members; the required ones were checked before.
    ///
    /// # Errors
    /// [`Fault::Params`] for a malformed `progressToken`, and for an unknown level.
    pub(super) fn read(raw: Option<&RawMeta<'_>>, era: Era) -> Result<Meta, Fault> {
        let Some(raw) = raw else { return Ok(Meta::default()) };
        let mut meta = Meta {
            progress_token: raw.progress_token.map(progress_token).transpose()?,
            trace: TraceContext::read(raw),
            ..Meta::default()
        };
        if era == Era::Modern {
            meta.client = raw.client_info.and_then(ClientInfo::read);
            let capabilities = raw.client_capabilities;
            meta.capabilities =
                ClientCapabilities(capabilities.map(|raw| Bytes::copy_from_slice(raw.get().as_bytes())));
            let path = "params._meta['io.modelcontextprotocol/logLevel']";
            meta.level = raw.log_level.map(|level| read_level(level, path)).transpose()?;
        }
        Ok(meta)
    }
}

fn progress_token(raw: &RawValue) -> Result<ProgressToken, Fault> {
    const PATH: &str = "params._meta.progressToken";
    ProgressToken::parse(raw).ok_or_else(|| Fault::unfit(PATH, Expected::ProgressToken, json::kind(raw)))
}

impl ClientInfo {
    /// Reads what can be read: a client is not refused for how it names itself.
    pub(super) fn read(raw: &RawValue) -> Option<ClientInfo> {
        #[derive(serde::Deserialize)]
        struct Implementation<'a> {
            #[serde(borrow)]
            name: &'a RawValue,
            #[serde(borrow)]
            version: Option<&'a RawValue>,
        }
        let client: Implementation<'_> = serde_json::from_str(raw.get()).ok()?;
        let short = |raw| Some(json::text(raw)?.chars().take(MAX_QUOTED_CHARS).collect::<String>());
        Some(ClientInfo {
            name: short(client.name)?,
            version: client.version.and_then(short).unwrap_or_default(),
        })
    }
}

impl ClientCapabilities {
    /// Returns JSON text of the object, as the client wrote it; `{}` where it declares nothing.
    pub fn json(&self) -> &[u8] {
        self.0.as_deref().unwrap_or(b"{}")
    }

    /// Reads what the user or the client can be asked.
    pub fn questions(&self) -> QuestionKinds {
        self.0.as_deref().map(question::kinds).unwrap_or_default()
    }

    /// Tells whether every capability of the object `required` is declared, with all that stands inside.
    pub fn cover(&self, required: &RawValue) -> bool {
        let declared = self.0.as_deref().and_then(|json| serde_json::from_slice::<Map<_, _>>(json).ok());
        match serde_json::from_str::<Map<String, Value>>(required.get()) {
            Ok(required) => covers(&declared.unwrap_or_default(), &required),
            Err(_) => false,
        }
    }
}

fn covers(declared: &Map<String, Value>, required: &Map<String, Value>) -> bool {
    required.iter().all(|(name, inner)| match (declared.get(name), inner) {
        (Some(Value::Object(declared)), Value::Object(inner)) => covers(declared, inner),
        (Some(declared), inner) => declared == inner,
        (None, _) => false,
    })
}

/// Reads the name of a level.
pub(super) fn read_level(raw: &RawValue, path: &str) -> Result<Level, Fault> {
    let Some(name) = json::text(raw) else {
        return Err(Fault::unfit(path, Expected::Level, json::kind(raw)));
    };
    Level::of_name(&name).ok_or_else(|| Fault::unfit(path, Expected::Level, &Quoted(&name).to_string()))
}
