//! Names the documents that clients look for when they sign a user in.

/// The path of this server's metadata; that of MCP follows it, as RFC 9728 inserts it.
pub(super) const RESOURCE_METADATA: &str = "/.well-known/oauth-protected-resource";

/// Documents that clients look for at the root, with a path after them, or below the path of MCP.
const METADATA: [&str; 3] =
    [RESOURCE_METADATA, "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];

/// Splits a path into that of a document and what follows it; without a document, the first part is empty.
pub(super) fn split_document(path: &str) -> (&str, &str) {
    let is_below = |document: &&str| {
        path.strip_prefix(document).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let document = METADATA.into_iter().find(is_below);
    path.split_at(document.map_or(0, str::len))
}
