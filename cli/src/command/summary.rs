//! Summarizes a plugin in one line.

/// Lists tools by name, prompts as such, and interfaces.
pub(super) fn items(tools: &[String], prompts: &[String], offers: &[&str]) -> String {
    let prompts = prompts.iter().map(|name| format!("prompt {name}"));
    let offers = offers.iter().map(ToString::to_string);
    tools.iter().cloned().chain(prompts).chain(offers).collect::<Vec<_>>().join(", ")
}
