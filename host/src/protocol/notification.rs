//! Writes what may be sent before an answer: progress and messages, each on one line.

use bytes::Bytes;

use super::id::ProgressToken;
use super::line::push_json;
use super::render::Object;
use crate::mcp::Level;

/// The progress of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress<'a> {
    /// The amount done; finite, and larger with every notification.
    pub progress: f64,
    /// The total amount, if known; left out unless finite.
    pub total: Option<f64>,
    /// One short line for people.
    pub message: Option<&'a str>,
}

/// `notifications/progress`.
///
/// None for progress that is not finite: JSON has no such number.
pub fn progress(token: &ProgressToken, report: &Progress<'_>) -> Option<Bytes> {
    let mut params = Object::default();
    params.json("progressToken", token.as_json());
    params.json("progress", &number(report.progress)?);
    if let Some(total) = report.total.and_then(number) {
        params.json("total", &total);
    }
    if let Some(message) = report.message {
        params.text("message", message);
    }
    Some(notification("notifications/progress", params))
}

/// `notifications/message`; `data` is JSON text.
pub fn message(level: Level, logger: Option<&str>, data: &[u8]) -> Bytes {
    let mut params = Object::default();
    params.text("level", level.name());
    if let Some(logger) = logger {
        params.text("logger", logger);
    }
    params.json("data", data);
    notification("notifications/message", params)
}

fn notification(method: &str, params: Object) -> Bytes {
    let mut object = Object::default();
    object.text("jsonrpc", "2.0");
    object.text("method", method);
    push_json(object.value("params"), &params.close());
    object.close().into()
}

/// A finite number, without a fraction where it has none.
fn number(number: f64) -> Option<Vec<u8>> {
    /// Up to here every whole number is exact.
    const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;
    if !number.is_finite() {
        return None;
    }
    if number.fract() == 0.0 && number.abs() <= MAX_WHOLE {
        return Some(format!("{number:.0}").into_bytes());
    }
    serde_json::to_vec(&number).ok()
}
