//! Holds the result of a call as text or JSON.

/// The text for a tool's `err` without payload.
pub(crate) const UNNAMED_ERROR: &str = "the tool reported an error";

/// Tells whether the tool succeeded: `isError` of a `CallToolResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultStatus {
    /// The function returned normally or with `ok`.
    Success,
    /// The function returned `err`.
    Error,
}

/// A function's result, written for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The success or failure of the tool.
    pub status: ResultStatus,
    /// The content.
    pub body: ResultBody,
}

/// The content of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultBody {
    /// The function returns nothing.
    Empty,
    /// A string for people and models.
    Text(String),
    /// One line of JSON: for a success, an object that fits the output schema (`structuredContent`); for an error, the
    /// value itself.
    Json(Vec<u8>),
}

/// The way in which a result is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerForm {
    /// The value of a tool: as text, and a success that is an object as structured content, too.
    Value,
    /// Content in JSON, which is sent as such.
    Content,
}

impl Encoded {
    /// Returns the size of the result as it is sent in that form, in bytes: text with its escapes, and every copy.
    pub fn sent_bytes(&self, form: AnswerForm) -> usize {
        match (&self.body, form, self.status) {
            (ResultBody::Empty, ..) => 0,
            (ResultBody::Text(text), ..) => escaped_bytes(text.as_bytes()),
            (ResultBody::Json(json), AnswerForm::Value, ResultStatus::Success) => {
                json.len() + escaped_bytes(json)
            }
            (ResultBody::Json(json), AnswerForm::Value, ResultStatus::Error) => escaped_bytes(json),
            (ResultBody::Json(json), AnswerForm::Content, _) => json.len(),
        }
    }
}

/// Returns the length of text inside a JSON string, in bytes.
fn escaped_bytes(text: &[u8]) -> usize {
    let escape = |byte: &u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 1,
        0..32 => 5, // \u001f
        _ => 0,
    };
    text.len() + text.iter().map(escape).sum::<usize>()
}

/// The reason why a result could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The result exceeds the output limit: a fault of the tool.
    #[error("the result is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// The plan is that of another component: a fault of the bundle.
    #[error("the result is not of the type in the plan")]
    Mismatch,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_as_long_as_serde_json_writes_it() {
        let every: String = (0..=300_u32).filter_map(char::from_u32).collect();
        for text in ["", "plain", "a \"quote\" and a \\", every.as_str()] {
            let written = serde_json::to_string(text).unwrap();
            assert_eq!(escaped_bytes(text.as_bytes()) + 2, written.len(), "{text:?}");
        }
    }

    #[test]
    fn a_value_counts_in_every_copy_that_is_sent() {
        let json = br#"{"a":"b"}"#.to_vec();
        let encoded = |status| Encoded { status, body: ResultBody::Json(json.clone()) };
        let (plain, escaped) = (json.len(), json.len() + 4);
        assert_eq!(encoded(ResultStatus::Success).sent_bytes(AnswerForm::Value), plain + escaped);
        assert_eq!(encoded(ResultStatus::Error).sent_bytes(AnswerForm::Value), escaped);
        assert_eq!(encoded(ResultStatus::Success).sent_bytes(AnswerForm::Content), plain);
    }
}
