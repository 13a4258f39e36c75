//! Writes entries as items of the table, and reads them.
//!
//! `pk` is the partition and `sk` the name; `v` holds bytes or `n` a number; `r` is the version, `w` the weight, and `e`
//! the end in seconds, which is the table's time to live.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::end;
use super::{Condition, Entry, Increment, Page, StateError, Value, Version, weight};

/// Returns the key of an item.
pub(super) fn key(partition: &str, name: &str) -> Json {
    json!({ "pk": { "S": partition }, "sk": { "S": name } })
}

/// Writes a number.
pub(super) fn number(number: impl ToString) -> Json {
    json!({ "N": number.to_string() })
}

/// Returns the second in which an entry has ended.
fn end_s(expires_ms: u64) -> u64 {
    expires_ms.div_ceil(1000)
}

/// Writes an entry as an item.
pub(super) fn write(partition: &str, name: &str, entry: &Entry) -> Json {
    let mut item = key(partition, name);
    match &entry.value {
        Value::Bytes(bytes) => item["v"] = json!({ "B": STANDARD.encode(bytes) }),
        Value::Number(value) => item["n"] = number(value),
    }
    item["r"] = number(entry.version.0);
    item["w"] = number(weight(name, &entry.value));
    if let Some(end) = entry.expires_ms {
        item["e"] = number(end_s(end));
    }
    item
}

/// Reads an item; `None` if another program wrote it.
pub(super) fn read(item: &Json) -> Option<Entry> {
    let value = match (item.pointer("/v/B"), integer(item, "n")) {
        (Some(bytes), _) => Value::Bytes(STANDARD.decode(bytes.as_str()?).ok()?.into()),
        (None, Some(number)) => Value::Number(number),
        (None, None) => return None,
    };
    Some(Entry { value, version: Version(integer(item, "r")?), expires_ms: end_ms(item) })
}

/// Reads a number.
pub(super) fn integer<T: std::str::FromStr>(item: &Json, attribute: &str) -> Option<T> {
    item.get(attribute)?.get("N")?.as_str()?.parse().ok()
}

/// Reads the end of an item, in milliseconds.
pub(super) fn end_ms(item: &Json) -> Option<u64> {
    integer::<u64>(item, "e").map(|end| end.saturating_mul(1000))
}

/// Adds the condition of a write. An item that has ended counts as absent.
pub(super) fn set_condition(request: &mut Json, condition: Condition, now_ms: u64) {
    let now = number(now_ms / 1000);
    let (text, values) = match condition {
        Condition::Always => return,
        Condition::Absent => ("attribute_not_exists(pk) OR e <= :now", json!({ ":now": now })),
        Condition::Unchanged(Version(version)) => (
            "r = :r AND (attribute_not_exists(e) OR e > :now)",
            json!({ ":now": now, ":r": number(version) }),
        ),
    };
    request["ConditionExpression"] = json!(text);
    request["ExpressionAttributeValues"] = values;
}

/// Writes the update that adds to a number that is there and alive, if the sum fits.
pub(super) fn addition(
    partition: &str,
    name: &str,
    increment: Increment,
    now_ms: u64,
) -> Result<Json, StateError> {
    let delta = increment.delta;
    let (least, most) = match delta >= 0 {
        true => (i64::MIN, i64::MAX - delta),
        false => (i64::MIN - delta, i64::MAX),
    };
    let mut values = json!({
        ":delta": number(delta),
        ":least": number(least),
        ":most": number(most),
        ":now": number(now_ms / 1000),
        ":r": number(Version::random()?.0),
    });
    let update = match end(increment.ttl_ms, now_ms) {
        Some(end) => {
            values[":e"] = number(end_s(end));
            "ADD n :delta SET r = :r, e = :e"
        }
        None => "ADD n :delta SET r = :r REMOVE e",
    };
    Ok(json!({
        "Key": key(partition, name),
        "UpdateExpression": update,
        "ConditionExpression": "n BETWEEN :least AND :most AND (attribute_not_exists(e) OR e > :now)",
        "ExpressionAttributeValues": values,
        "ReturnValues": "UPDATED_NEW",
    }))
}

/// Reads a page of names.
pub(super) fn page(answer: &Json, now_ms: u64) -> Page {
    let items = answer.get("Items").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let alive = items.iter().filter(|item| end_ms(item).is_none_or(|end| end > now_ms));
    let name = |item: &Json| Some(item.pointer("/sk/S")?.as_str()?.to_owned());
    Page { names: alive.filter_map(name).collect(), next: answer.get("LastEvaluatedKey").and_then(name) }
}
