//! Checks URIs (RFC 3986) and URI templates (RFC 6570): clients refuse a whole answer for one malformed URI.

use std::net::Ipv6Addr;

use super::error::ContentError;
use crate::mcp::uri::is_scheme;

/// Checks that `uri` is absolute in the sense of having a scheme, and spelled as RFC 3986 allows.
pub(super) fn check(uri: &str) -> Result<(), ContentError> {
    let is_uri = uri.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && is_rest(rest));
    is_uri.then_some(()).ok_or_else(|| ContentError::new("a URI with a scheme, percent-encoded", uri))
}

/// Checks that `template` begins with a scheme, and is spelled as RFC 6570 allows.
pub(super) fn check_template(template: &str) -> Result<(), ContentError> {
    let is_template =
        template.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && is_template_rest(rest));
    is_template
        .then_some(())
        .ok_or_else(|| ContentError::new("a URI template with a scheme, such as docs:///{path}", template))
}

/// Checks the part after the scheme: `//authority/path?query#fragment`, each part optional.
fn is_rest(rest: &str) -> bool {
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (hierarchy, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = match hierarchy.strip_prefix("//") {
        None => hierarchy,
        Some(after) => {
            let (authority, path) = after.split_at(after.find('/').unwrap_or(after.len()));
            if !is_authority(authority) {
                return false;
            }
            path
        }
    };
    is_spelled(path, b":@/") && is_spelled(query, b":@/?") && is_spelled(fragment, b":@/?")
}

/// `user@host:port`, or an address of IPv6 in brackets as the host.
fn is_authority(authority: &str) -> bool {
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (host, port) = match host.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((address, after)) if address.parse::<Ipv6Addr>().is_ok() => ("", after),
        Some(_) => return false,
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_digits);
    is_port && is_spelled(user, b":") && is_spelled(host, b"")
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Tells whether `text` holds nothing but unreserved characters, sub-delimiters, `others`, and percent-encoded bytes.
fn is_spelled(text: &str, others: &[u8]) -> bool {
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = match (first, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => after,
            (b'%', _) => return false,
            _ if first.is_ascii_alphanumeric() => after,
            _ if b"-._~!$&'()*+,;=".contains(first) || others.contains(first) => after,
            _ => return false,
        };
    }
    true
}

/// Literals and expressions in turn; a literal holds no apostrophe, which RFC 6570 does not have among them.
fn is_template_rest(mut rest: &str) -> bool {
    let is_literal = |text: &str| is_spelled(text, b":@/?#[]") && !text.contains('\'');
    while let Some((literal, after)) = rest.split_once('{') {
        let Some((expression, after)) = after.split_once('}') else { return false };
        if !is_literal(literal) || !is_expression(expression) {
            return false;
        }
        rest = after;
    }
    is_literal(rest)
}

/// Checks an expression in braces: an operator, then variables with their modifiers.
fn is_expression(expression: &str) -> bool {
    let variables = expression.strip_prefix(['+', '#', '.', '/', ';', '?', '&']).unwrap_or(expression);
    variables.split(',').all(|variable| {
        let name = match variable.split_once(':') {
            Some((name, length)) if is_length(length) => name,
            Some(_) => return false,
            None => variable.strip_suffix('*').unwrap_or(variable),
        };
        name.split('.').all(is_variable)
    })
}

/// A prefix's length: 1 to 9999.
fn is_length(text: &str) -> bool {
    text.len() <= 4 && is_digits(text) && text.starts_with(|first: char| ('1'..='9').contains(&first))
}

fn is_variable(name: &str) -> bool {
    let is_encoded = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'%';
    !name.is_empty() && name.bytes().all(is_encoded) && is_spelled(name, b"")
}
