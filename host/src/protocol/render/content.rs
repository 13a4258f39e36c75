//! Writes what prompts, resources and completions come to, and what an answer may ask instead.

use bytes::Bytes;

use super::object::Object;
use super::{FRAME_BYTES, Renderer, ResultType};
use crate::mcp::Freshness;
use crate::protocol::head::Head;

impl Renderer {
    /// The result of `resources/read`; `contents` is a JSON array of MCP's `ResourceContents`, ready to send.
    pub fn read_resource(&self, head: &Head, contents: &[u8], freshness: Freshness) -> Bytes {
        let mut result = self.open(head, FRAME_BYTES + contents.len());
        result.json("contents", contents);
        Self::hint(&mut result, head, freshness);
        self.close(result, head)
    }

    /// The result of `prompts/get`; `messages` is a JSON array of MCP's `PromptMessage`, ready to send under the
    /// request's revision.
    pub fn get_prompt(&self, head: &Head, description: Option<&str>, messages: &[u8]) -> Bytes {
        let mut result = self.open(head, FRAME_BYTES + messages.len());
        if let Some(description) = description {
            result.text("description", description);
        }
        result.json("messages", messages);
        self.close(result, head)
    }

    /// The result of `completion/complete`; `values` is a JSON array of at most 100 strings, `total` how many there
    /// are in all, `has_more` whether there are more than these, each where it is known.
    pub fn complete(&self, head: &Head, values: &[u8], total: Option<u32>, has_more: Option<bool>) -> Bytes {
        let mut completion = Object::default();
        completion.json("values", values);
        if let Some(total) = total {
            completion.json("total", total.to_string().as_bytes());
        }
        if let Some(has_more) = has_more {
            completion.json("hasMore", has_more.to_string().as_bytes());
        }
        let completion = completion.close();
        let mut result = self.open(head, completion.len());
        result.json("completion", &completion);
        self.close(result, head)
    }

    /// Writes the answer of `tools/call`, `prompts/get` and `resources/read` that asks the client something first;
    /// only under a revision that [can ask](crate::protocol::Revision::can_ask).
    ///
    /// `requests` is a JSON object of MCP's `InputRequest`, `state` what must come back with the answers.
    pub fn input_required(&self, head: &Head, requests: &[u8], state: &str) -> Bytes {
        debug_assert!(head.revision.can_ask(), "this revision's clients would not know the result");
        let mut result = self.open_as(ResultType::InputRequired, head, requests.len() + state.len());
        result.json("inputRequests", requests);
        result.text("requestState", state);
        self.close(result, head)
    }
}
