//! Texts that a model chooses by: missing, saying nothing, or longer than clients take.

use toolcell_host::catalog::Returns;
use toolcell_host::codec::{Case, Field, Function, Label, Type};

use super::finding::Finding;
use crate::component::signature::{self, wit_name};
use crate::component::{content, contract};
use crate::manifest::lint::Lint;
use crate::plugin::{Plugin, Prompt, Tool};

/// OpenAI's API refuses a function whose description is longer.
const DESCRIPTION_CHARS: usize = 1_024;

/// A sentence has a verb and an object at least, and says something about one of them.
const WORDS: usize = 3;

pub(super) fn findings(plugin: &Plugin) -> Vec<Finding> {
    let mut types = Types::default();
    let tools = plugin.tools.iter().flat_map(|tool| of_tool(tool, &mut types)).collect::<Vec<_>>();
    let prompts = plugin.prompts.iter().flat_map(|prompt| of_prompt(prompt, &mut types));
    tools.into_iter().chain(prompts).collect()
}

fn of_tool(tool: &Tool, types: &mut Types) -> Vec<Finding> {
    let is_described = tool.description != tool.bare_description();
    let mut all = of_text(&tool.name, is_described.then_some(tool.description.as_str()));
    // A schema written by hand says everything about arguments.
    if tool.input_schema.is_none() {
        all.extend(of_params(&tool.name, &tool.function, types));
    }
    let result = match tool.returns {
        Returns::Value => content::ok(&tool.function),
        Returns::ContentAndStructured => content::structured(&tool.function),
        Returns::Block | Returns::Blocks => None,
    };
    // The types of content are described elsewhere, and belong nowhere in here.
    let own = result.filter(|ty| !contract::holds_block(ty));
    all.extend(own.into_iter().flat_map(|ty| types.undocumented(&tool.name, "its result", ty)));
    all
}

fn of_prompt(prompt: &Prompt, types: &mut Types) -> Vec<Finding> {
    let mut all = of_text(&prompt.name, prompt.description.as_deref());
    all.extend(of_params(&prompt.name, &prompt.function, types));
    all
}

/// The description of a tool or a prompt.
fn of_text(name: &str, text: Option<&str>) -> Vec<Finding> {
    let Some(text) = text else {
        return vec![Finding::new(Lint::MissingDescription, name, "has no description")];
    };
    let mut all = Vec::new();
    if text.split_whitespace().count() < WORDS || repeats(text, name) {
        all.push(Finding::new(Lint::EmptyDescription, name, format!("is described as {text:?} and no more")));
    }
    let chars = text.chars().count();
    if chars > DESCRIPTION_CHARS {
        all.push(Finding::new(
            Lint::LongDescription,
            name,
            format!("has a description of {chars} characters"),
        ));
    }
    all
}

fn of_params(name: &str, function: &Function, types: &mut Types) -> Vec<Finding> {
    let mut all = Vec::new();
    for param in &function.params {
        let wit = wit_name(&param.name);
        match &param.docs {
            None => all.push(
                Finding::new(Lint::MissingDescription, name, format!("parameter {wit} has no description"))
                    .next(format!("write a line `@param {wit} ...` in the function's comment")),
            ),
            Some(text) if repeats(text, &param.name) => all.push(
                Finding::new(
                    Lint::EmptyDescription,
                    name,
                    format!("parameter {wit} is described as {text:?} and no more"),
                )
                .next("say what it means, in which unit or form, and what happens without it"),
            ),
            Some(_) => {}
        }
        all.extend(types.undocumented(name, &format!("parameter {wit}"), &param.ty));
    }
    all
}

/// Tells whether a text is made of the words of a name alone, articles and endings aside.
fn repeats(text: &str, name: &str) -> bool {
    let stems = |text: &str| -> Vec<String> {
        let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(|word| word.to_lowercase().trim_end_matches(['s', 'e']).to_string()).collect()
    };
    const FILLERS: [&str; 7] = ["a", "an", "th", "of", "to", "it", "thi"];
    let known = stems(name);
    stems(text).iter().all(|word| known.contains(word) || FILLERS.contains(&word.as_str()))
}

/// Lists the parts of a type without a description.
#[derive(Default)]
struct Names {
    fields: Vec<String>,
    /// Cases of enums and variants, and flags.
    cases: Vec<String>,
}

/// The types that were looked at: one that many tools share is reported once.
#[derive(Default)]
struct Types {
    seen: Vec<Type>,
}

impl Types {
    /// Fields, cases and flags within a type that have no description.
    fn undocumented(&mut self, subject: &str, place: &str, ty: &Type) -> Vec<Finding> {
        let mut names = Names::default();
        self.collect(ty, &mut names);
        let kinds = [
            (Lint::MissingDescription, "fields", names.fields),
            (Lint::MissingCaseDescription, "cases", names.cases),
        ];
        let found = kinds.into_iter().filter(|(.., names)| !names.is_empty());
        let finding = |(lint, kind, names): (Lint, &str, Vec<String>)| {
            let text = format!("{kind} of {place} have no description: {}", listed(&names));
            Finding::new(lint, subject, text).next("write a `///` comment above each in the WIT")
        };
        found.map(finding).collect()
    }

    fn collect(&mut self, ty: &Type, names: &mut Names) {
        match ty {
            Type::List(inner) | Type::Option(inner) => self.collect(inner, names),
            Type::Tuple(types) => types.iter().for_each(|ty| self.collect(ty, names)),
            Type::Result { ok, err } => ok.iter().chain(err).for_each(|ty| self.collect(ty, names)),
            Type::Record(fields) if self.is_new(ty) => {
                let bare = |field: &&Field| field.docs.is_none();
                names.fields.extend(fields.iter().filter(bare).map(|field| wit_name(&field.name)));
                fields.iter().for_each(|field| self.collect(&field.ty, names));
            }
            Type::Variant(cases) if self.is_new(ty) => {
                let bare = |case: &&Case| case.docs.is_none();
                names.cases.extend(cases.iter().filter(bare).map(|case| wit_name(&case.name)));
                cases.iter().filter_map(|case| case.payload.as_ref()).for_each(|ty| self.collect(ty, names));
            }
            Type::Enum(labels) | Type::Flags(labels) if self.is_new(ty) => {
                let bare = |label: &&Label| label.docs.is_none();
                names.cases.extend(labels.iter().filter(bare).map(|label| wit_name(&label.name)));
            }
            _ => {}
        }
    }

    fn is_new(&mut self, ty: &Type) -> bool {
        let ty = signature::bare(ty);
        let is_new = !self.seen.contains(&ty);
        if is_new {
            self.seen.push(ty);
        }
        is_new
    }
}

/// Some names in a row.
fn listed(names: &[String]) -> String {
    /// More names than this say no more.
    const SHOWN: usize = 8;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::repeats;

    #[test]
    fn a_text_that_says_more_than_the_name_does_not_repeat_it() {
        for text in ["Makes a slug.", "make slug", "The slugs to make"] {
            assert!(repeats(text, "make_slug"), "{text}");
        }
        for text in ["Makes a slug of a title.", "Turns text into a slug."] {
            assert!(!repeats(text, "make_slug"), "{text}");
        }
    }
}
