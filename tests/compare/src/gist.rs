//! Writes the part of a response that counts on one line: status, kind of body, and of each message the members of its
//! result, or the code and the members of the data of its error.
//!
//! Texts, the server's name, the order of members, and the optional members of an item of a list do not count; nor does
//! a member whose value means the same as its absence.

use serde_json::{Map, Value};

use crate::corpus::Case;
use crate::exchange::Response;

/// Returns the gist of the response to a request.
pub(crate) fn of(answer: &Response, case: &Case) -> String {
    let id = case.message().and_then(|message| message.get("id").cloned());
    let text = String::from_utf8_lossy(&answer.body);
    let said = match answer.media_type.as_str() {
        _ if text.trim().is_empty() => "nothing".to_owned(),
        "application/json" => match serde_json::from_str(&text) {
            Ok(Value::Array(messages)) => {
                let messages: Vec<_> = messages.iter().map(|message| of_message(message, None)).collect();
                format!("json [{}]", messages.join(", "))
            }
            Ok(message) => format!("json {}", of_message(&message, id.as_ref())),
            Err(_) => "json that is none".to_owned(),
        },
        "text/event-stream" => format!("stream {}", events(&text, id.as_ref())),
        _ => "text".to_owned(),
    };
    format!("{} {said}", answer.status)
}

fn events(text: &str, id: Option<&Value>) -> String {
    let data = text.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim);
    let mut events: Vec<_> = data
        .filter(|data| !data.is_empty())
        .map(|data| serde_json::from_str(data).map_or("no JSON".to_owned(), |event| of_message(&event, id)))
        .collect();
    events.dedup();
    events.join(", ")
}

fn of_message(message: &Value, id: Option<&Value>) -> String {
    if let Some(method) = message["method"].as_str() {
        return format!("{method} {}", names(&message["params"]));
    }
    let said = match (message.get("result"), message.get("error")) {
        (Some(result), None) => format!("result {}", of_result(result)),
        (None, Some(error)) => {
            let data = error.get("data").map(|data| format!(" data {}", names(data))).unwrap_or_default();
            format!("error {}{data}", error["code"])
        }
        _ => "neither result nor error".to_owned(),
    };
    match (id, message.get("id")) {
        (Some(sent), Some(echoed)) if sent == echoed => said,
        (None, Some(Value::Null)) | (Some(_), Some(Value::Null)) => format!("{said}, id null"),
        (Some(_), None) => format!("{said}, no id"),
        (Some(_), Some(_)) => format!("{said}, another id"),
        (None, _) => said,
    }
}

fn of_result(result: &Value) -> String {
    let Some(members) = result.as_object() else { return "that is no object".to_owned() };
    let mut members: Vec<_> = members.iter().filter_map(|(name, value)| member(name, value)).collect();
    members.sort();
    format!("{{{}}}", members.join(" "))
}

fn member(name: &str, value: &Value) -> Option<String> {
    Some(match (name, value) {
        // A `_meta` with only the server's name does not count.
        ("_meta", Value::Object(meta)) => {
            meta.keys().any(|key| key != "io.modelcontextprotocol/serverInfo").then(|| name.to_owned())?
        }
        ("serverInfo", _) | ("isError", Value::Bool(false)) => return None,
        ("resultType" | "protocolVersion" | "isError", value) => {
            format!("{name}={}", value.as_str().unwrap_or("true"))
        }
        ("content", Value::Array(blocks)) => format!("{name}[{}]", each(blocks, |block| text(block, "type"))),
        ("contents", Value::Array(contents)) => format!("{name}[{}]", each(contents, names)),
        ("messages", Value::Array(messages)) => {
            let gist =
                |message: &Value| format!("{} {}", text(message, "role"), text(&message["content"], "type"));
            format!("{name}[{}]", each(messages, gist))
        }
        ("tools" | "resources" | "resourceTemplates" | "prompts", Value::Array(items)) => {
            let mut gists: Vec<_> = items.iter().map(item).collect();
            gists.dedup();
            format!("{name}[{}]", gists.join(", "))
        }
        ("completion" | "capabilities" | "inputRequests", value) => format!("{name}{}", names(value)),
        _ => name.to_owned(),
    })
}

fn each(values: &[Value], gist: impl Fn(&Value) -> String) -> String {
    values.iter().map(gist).collect::<Vec<_>>().join(", ")
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or("?").to_owned()
}

/// Returns the required members of an item of a list, as far as it has them.
fn item(value: &Value) -> String {
    let required = ["inputSchema", "name", "uri", "uriTemplate"];
    let found: Vec<_> = required.into_iter().filter(|name| value.get(name).is_some()).collect();
    found.join("+")
}

fn names(value: &Value) -> String {
    match value {
        Value::Object(members) => format!("{{{}}}", sorted(members).join(" ")),
        Value::Array(_) => "[]".to_owned(),
        Value::Null => "nothing".to_owned(),
        _ => "text".to_owned(),
    }
}

fn sorted(members: &Map<String, Value>) -> Vec<&str> {
    let mut names: Vec<_> = members.keys().map(String::as_str).filter(|name| *name != "_meta").collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn gist(message: Value) -> String {
        let case = json!({"id": "a", "era": "legacy", "step": 8, "json": {"id": 1}});
        let body = message.to_string().into();
        let answer = Response { status: 200, media_type: "application/json".to_owned(), body };
        of(&answer, &serde_json::from_value(case).unwrap())
    }

    #[test]
    fn codes_and_members_count_and_texts_do_not() {
        let error = |code, message| json!({"id": 1, "error": {"code": code, "message": message}});
        assert_eq!(gist(error(-32602, "one")), gist(error(-32602, "two")));
        assert_ne!(gist(error(-32602, "one")), gist(error(-32601, "one")));
        let data = json!({"id": 1, "error": {"code": -32602, "message": "one", "data": {"uri": "a"}}});
        assert_eq!(gist(data), "200 json error -32602 data {uri}");
        assert_ne!(gist(json!({"id": 2, "result": {}})), gist(json!({"id": 1, "result": {}})));
    }

    #[test]
    fn a_result_is_its_members_and_the_kinds_of_its_content() {
        let blocks = json!([{"type": "text", "text": "a"}, {"type": "image"}]);
        let result = json!({"isError": false, "content": blocks, "resultType": "complete"});
        let gist = gist(json!({"id": 1, "result": result}));
        assert_eq!(gist, "200 json result {content[text, image] resultType=complete}");
    }
}
