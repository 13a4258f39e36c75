//! Writes a conversation for the client's model, and reads what the model said.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use wasmtime::component::{ComponentType, Lift, Lower};

use super::content::{Block, Message, ModelBlock, Role, SampledBlock};
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

/// MCP's `CreateMessageRequestParams`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SampleParams<'q> {
    messages: Vec<ModelMessage<'q>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_preferences: Option<ModelPreferences<'q>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_prompt: Option<&'q str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    max_tokens: u32,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'q [String],
}

/// MCP's `SamplingMessage`.
#[derive(Serialize)]
struct ModelMessage<'q> {
    role: Role,
    content: ModelBlock<'q>,
}

impl<'q> ModelMessage<'q> {
    fn of(message: &'q Message) -> Result<Self, String> {
        Ok(Self { role: message.role, content: message.content.for_model()? })
    }
}

/// MCP's `ModelPreferences`.
#[derive(Serialize)]
struct ModelPreferences<'q> {
    hints: Vec<ModelHint<'q>>,
}

/// MCP's `ModelHint`.
#[derive(Serialize)]
struct ModelHint<'q> {
    name: &'q str,
}

impl SampleRequest {
    /// Returns MCP's `CreateMessageRequestParams`.
    ///
    /// # Errors
    /// The first part that a model cannot be sent.
    pub(super) fn params(&self) -> Result<SampleParams<'_>, String> {
        if let Some(temperature) = self.temperature.filter(|temperature| !temperature.is_finite()) {
            return Err(format!("the temperature is {temperature}, expected a finite number"));
        }
        let hints: Vec<_> = self.model_hints.iter().map(|name| ModelHint { name }).collect();
        Ok(SampleParams {
            messages: self.messages.iter().map(ModelMessage::of).collect::<Result<_, _>>()?,
            model_preferences: (!hints.is_empty()).then_some(ModelPreferences { hints }),
            system_prompt: self.system_prompt.as_deref(),
            temperature: self.temperature,
            max_tokens: self.max_tokens,
            stop_sequences: &self.stop_sequences,
        })
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
