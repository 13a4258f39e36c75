//! Prompts: those with a function of their own, and one whose argument WIT cannot name (`resourceUri`).

use crate::Conformance;
use crate::content::{embedded, from_user, image, text};
use crate::exports::conformance::suite::typed_prompts;
use crate::exports::toolcell::plugin::prompts::{GetError, Guest, Prompt, PromptArgument, PromptPage};
use crate::form;
use crate::toolcell::plugin::ask;
use crate::toolcell::plugin::content::PromptMessages;

const EMBEDDING: &str = "test_prompt_with_embedded_resource";
const RESOURCE_URI: &str = "resourceUri";

impl typed_prompts::Guest for Conformance {
    fn test_simple_prompt() -> PromptMessages {
        from_user([text("This is a simple prompt for testing.")])
    }

    fn test_prompt_with_arguments(arg1: String, arg2: String) -> PromptMessages {
        from_user([text(format!("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"))])
    }

    fn test_prompt_with_image() -> PromptMessages {
        from_user([image(), text("Please analyze the image above.")])
    }

    fn test_input_required_result_prompt() -> PromptMessages {
        let answer =
            ask::form("user_context", "What context should the prompt use?", &[form::text("context")]);
        let context = form::entered(&answer, "context").unwrap_or("none");
        from_user([text(format!("Use this context: {context}"))])
    }
}

impl Guest for Conformance {
    fn list_prompts(_cursor: Option<String>) -> Result<PromptPage, String> {
        let argument = PromptArgument {
            name: RESOURCE_URI.to_owned(),
            title: None,
            description: Some("URI of the resource to embed.".to_owned()),
            required: true,
        };
        let prompt = Prompt {
            name: EMBEDDING.to_owned(),
            title: None,
            description: Some("A prompt that holds a resource.".to_owned()),
            arguments: vec![argument],
            icons: Vec::new(),
            meta: None,
        };
        Ok(PromptPage { prompts: vec![prompt], next: None })
    }

    fn get_prompt(name: String, arguments: Vec<(String, String)>) -> Result<PromptMessages, GetError> {
        if name != EMBEDDING {
            return Err(GetError::NotFound);
        }
        let uri = arguments.iter().find_map(|(name, value)| (name == RESOURCE_URI).then_some(value));
        let uri = uri.ok_or_else(|| GetError::InvalidArguments(format!("{RESOURCE_URI} is missing")))?;
        Ok(from_user([
            embedded(uri, "text/plain", "Embedded resource content for testing."),
            text("Please process the embedded resource above."),
        ]))
    }
}
