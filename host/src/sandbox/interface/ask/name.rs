//! Checks the names that a guest gives to questions and fields.

/// The longest key of a question or name of a field, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// Checks the key of a question, or the name of a field, which is `what` in the message.
///
/// # Errors
/// Fails with the fault of the name, for the plugin's author.
pub(super) fn check(what: &str, name: &str) -> Result<(), String> {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(is_legal) {
        return Ok(());
    }
    let shown = excerpt(name);
    Err(format!("{what} {shown} is not 1 to {MAX_NAME_BYTES} characters of A-Z a-z 0-9 _ . -"))
}

/// Quotes the beginning of a guest's text for a message.
pub(super) fn excerpt(text: &str) -> String {
    let shown: String = text.chars().take(MAX_NAME_BYTES).collect();
    format!("{shown:?}")
}
