//! Reads the parameters of `completion/complete`.

use serde_json::value::RawValue;

use super::entry::Entries;
use super::fault::{Expected, Fault};
use super::message::Params;
use super::quoted::Quoted;
use super::uri;

/// The parameters of `completion/complete`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complete {
    /// The argument to complete.
    pub reference: Reference,
    /// The argument that is being filled in.
    pub argument: Argument,
    /// Names and values of the arguments that the user has filled in, in the client's order; no name occurs twice.
    pub context: Vec<(String, String)>,
}

/// The item whose argument is completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The name of a prompt.
    Prompt(String),
    /// The URI template of a resource template, or a URI, as the client wrote it.
    Template(String),
}

/// An argument of a prompt, or a variable of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// The text so far.
    pub value: String,
}

impl Complete {
    /// # Errors
    /// [`Fault::Params`] for a member that is missing or of the wrong type, [`Fault::Shape`] for one that
    /// occurs twice.
    pub(super) fn read(params: &Params<'_>) -> Result<Complete, Fault> {
        Ok(Complete {
            reference: Reference::read(params.reference)?,
            argument: Argument::read(params.argument)?,
            context: params.context.map(context).transpose()?.unwrap_or_default(),
        })
    }
}

impl Reference {
    fn read(raw: Option<&RawValue>) -> Result<Reference, Fault> {
        const PATH: &str = "params.ref";
        let members = required(raw, PATH)?;
        match members.text("type", PATH)?.as_str() {
            "ref/prompt" => members.text("name", PATH).map(Reference::Prompt),
            "ref/resource" => {
                let template = members.text("uri", PATH)?;
                uri::check_text(&template, "params.ref.uri")?;
                Ok(Reference::Template(template))
            }
            other => {
                let found = Quoted(other).to_string();
                Err(Fault::unfit("params.ref.type", Expected::ReferenceType, &found))
            }
        }
    }
}

impl Argument {
    fn read(raw: Option<&RawValue>) -> Result<Argument, Fault> {
        const PATH: &str = "params.argument";
        let members = required(raw, PATH)?;
        Ok(Argument { name: members.text("name", PATH)?, value: members.text("value", PATH)? })
    }
}

fn context(raw: &RawValue) -> Result<Vec<(String, String)>, Fault> {
    const PATH: &str = "params.context.arguments";
    let members = Entries::read(raw, "params.context")?;
    match members.get("arguments") {
        Some(arguments) => Entries::read(arguments, PATH)?.texts(PATH),
        None => Ok(Vec::new()),
    }
}

fn required<'a>(raw: Option<&'a RawValue>, path: &str) -> Result<Entries<'a>, Fault> {
    match raw {
        Some(raw) => Entries::read(raw, path),
        None => Err(Fault::missing(path, Expected::Object)),
    }
}
