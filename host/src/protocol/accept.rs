//! Reads the `Accept` header.

use http::HeaderMap;
use http::header::ACCEPT;

/// The content types that a client accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accept {
    /// One JSON object only: nothing can be sent before the answer.
    Json,
    /// An event stream only.
    EventStream,
    /// Either form.
    Either,
}

impl Accept {
    /// Reads the header leniently: without one, the client takes either form.
    ///
    /// Returns `None` if the client takes neither JSON nor an event stream.
    pub(super) fn read(headers: &HeaderMap) -> Option<Accept> {
        let mut values = headers.get_all(ACCEPT).iter().peekable();
        if values.peek().is_none() {
            return Some(Accept::Either);
        }
        let values: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
        let takes =
            |kind: &str| values.iter().any(|value| value.split(',').any(|range| matches(range, kind)));
        match (takes("application/json"), takes("text/event-stream")) {
            (true, true) => Some(Accept::Either),
            (true, false) => Some(Accept::Json),
            (false, true) => Some(Accept::EventStream),
            (false, false) => None,
        }
    }
}

/// Tells whether a media range such as `text/*;q=0.5` takes `kind`.
fn matches(range: &str, kind: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let is_refused = parts.any(|parameter| {
        let weight = parameter.split_once('=').filter(|(key, _)| key.trim().eq_ignore_ascii_case("q"));
        weight.is_some_and(|(_, weight)| weight.trim().parse::<f32>().is_ok_and(|weight| weight <= 0.0))
    });
    let group = kind.split('/').next().unwrap_or_default();
    let takes_group =
        name.strip_suffix("/*").is_some_and(|name| name == "*" || name.eq_ignore_ascii_case(group));
    !is_refused && (takes_group || name.eq_ignore_ascii_case(kind))
}
