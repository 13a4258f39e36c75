//! Arguments of prompts: MCP knows only strings.

use toolcell_host::codec::Type;

use super::content::{self, PublishedAs};
use super::export::{self, Exported};
use super::signature::wit_name;
use crate::ui::problem::{Problem, Result};

/// Checks that the parameters of a function that is a prompt can be arguments of one.
///
/// # Errors
/// Names the first that cannot.
pub(super) fn check(file: &str, exported: &Exported) -> Result<()> {
    let (PublishedAs::Prompt, Ok(function)) = (exported.published_as, &exported.plan) else { return Ok(()) };
    let Some(param) = function.params.iter().find(|param| !is_argument(&param.ty)) else { return Ok(()) };
    Err(Problem::refused(
        file,
        format!(
            "parameter {} of {} cannot be a prompt argument",
            wit_name(&param.name),
            export::name(&exported.export)
        ),
    )
    .found(content::render(function, exported.published_as))
    .expected("string, enum, option<string> or an optional enum, because MCP's prompt arguments are strings")
    .next("change the parameter's type in the WIT, or return another type than prompt-messages"))
}

fn is_argument(ty: &Type) -> bool {
    match ty {
        Type::String | Type::Enum(_) => true,
        Type::Option(inner) => matches!(**inner, Type::String | Type::Enum(_)),
        _ => false,
    }
}
