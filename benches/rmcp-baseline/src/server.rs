//! Defines three tools of the text toolkit, with the names, descriptions and schemas that toolcell gives them.

use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{Implementation, ServerCapabilities, ServerConfig};
use rmcp::{Json, ServerHandler, tool, tool_handler, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::text::{SortOption, TextCounts};
use crate::{count, slug, sort};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CountText {
    /// The text to measure.
    text: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MakeSlug {
    /// The title or name to turn into a slug.
    text: String,
    /// The maximum number of characters in the slug.
    max_length: u32,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SortLines {
    /// The lines to sort.
    text: String,
    /// How to sort; by default, by the lines' characters.
    options: Vec<SortOption>,
}

/// The text toolkit as an rmcp handler.
pub(crate) struct TextServer {
    tools: ToolRouter<Self>,
}

#[tool_router]
impl TextServer {
    pub(crate) fn new() -> Self {
        TextServer { tools: Self::tool_router() }
    }

    /// Counts the characters, words, lines and bytes of a text, and the time to read it.
    #[tool]
    async fn count_text(&self, Parameters(arguments): Parameters<CountText>) -> Json<TextCounts> {
        Json(count::count(&arguments.text))
    }

    /// Turns a title into a slug for URLs and file names: lower-case ASCII letters and digits, joined by hyphens.
    ///
    /// Accents of Latin letters are dropped (`Crème Brûlée` becomes `creme-brulee`). A slug is cut at the end of a word.
    #[tool]
    async fn make_slug(&self, Parameters(arguments): Parameters<MakeSlug>) -> Result<String, String> {
        slug::slug(&arguments.text, arguments.max_length as usize).map_err(|error| format!("{error:?}"))
    }

    /// Sorts the lines of a text.
    #[tool]
    async fn sort_lines(&self, Parameters(arguments): Parameters<SortLines>) -> String {
        sort::sort(&arguments.text, arguments.options.into_iter().collect())
    }
}

#[tool_handler(router = self.tools)]
impl ServerHandler for TextServer {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("rmcp-baseline", env!("CARGO_PKG_VERSION")))
    }
}
