//! Writes a conversation for the client's model, and reads what the model said.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};
use wasmtime::component::{ComponentType, Lift, Lower};

use super::content::{Block, Message, Role, SampledBlock};
use super::response::read;

/// `sample-request`
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(record)]
pub(super) struct SampleRequest {
    pub(super) messages: Vec<Message>,
    #[component(name = "system-prompt")]
    pub(super) system_prompt: Option<String>,
    #[component(name = "max-tokens")]
    pub(super) max_tokens: u32,
    pub(super) temperature: Option<f64>,
    #[component(name = "stop-sequences")]
    pub(super) stop_sequences: Vec<String>,
    #[component(name = "model-hints")]
    pub(super) model_hints: Vec<String>,
}

/// `sampled`
#[derive(Clone, Debug, PartialEq, ComponentType, Lower)]
#[component(record)]
pub(super) struct Sampled {
    role: Role,
    content: Vec<Block>,
    model: String,
    #[component(name = "stop-reason")]
    stop_reason: Option<String>,
}

/// MCP `CreateMessageResult`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateMessageResult {
    role: Role,
    content: OneOrMany,
    model: String,
    #[serde(default)]
    stop_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<SampledBlock>),
    One(SampledBlock),
}

impl SampleRequest {
    /// Returns MCP's `CreateMessageRequestParams`.
    ///
    /// # Errors
    /// The first part that a model cannot be sent.
    pub(super) fn params(&self) -> Result<Json, String> {
        let message = |message: &Message| {
            Ok(json!({ "role": message.role.name(), "content": message.content.for_model()? }))
        };
        let messages = self.messages.iter().map(message).collect::<Result<Vec<_>, String>>()?;
        let mut params = Map::new();
        params.insert("messages".into(), messages.into());
        if !self.model_hints.is_empty() {
            let hints: Vec<Json> = self.model_hints.iter().map(|name| json!({ "name": name })).collect();
            params.insert("modelPreferences".into(), json!({ "hints": hints }));
        }
        if let Some(system_prompt) = &self.system_prompt {
            params.insert("systemPrompt".into(), system_prompt.as_str().into());
        }
        if let Some(temperature) = self.temperature {
            if !temperature.is_finite() {
                return Err(format!("the temperature is {temperature}, expected a finite number"));
            }
            params.insert("temperature".into(), temperature.into());
        }
        params.insert("maxTokens".into(), self.max_tokens.into());
        if !self.stop_sequences.is_empty() {
            params.insert("stopSequences".into(), self.stop_sequences.clone().into());
        }
        Ok(params.into())
    }
}

impl Sampled {
    /// Reads MCP's `CreateMessageResult`.
    ///
    /// # Errors
    /// It is malformed, or it uses tools, which a plugin cannot handle.
    pub(super) fn read(response: &RawValue, path: &str) -> Result<Self, String> {
        let expected = "an object with role, model and content (text, image or audio)";
        let result: CreateMessageResult = read(response, path, expected)?;
        let said = match result.content {
            OneOrMany::Many(said) => said,
            OneOrMany::One(said) => vec![said],
        };
        let content: Option<Vec<Block>> = said.into_iter().map(SampledBlock::into_block).collect();
        let content = content.ok_or_else(|| format!("{path}.content: expected data in base64"))?;
        Ok(Self { role: result.role, content, model: result.model, stop_reason: result.stop_reason })
    }
}
