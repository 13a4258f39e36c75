//! The keys `state` and `expect-state` of a case: what the plugin's buckets hold before and after it.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use toolcell_host::catalog::{BucketScope, Grants};
use toolcell_host::state_store::{MAX_NAME_BYTES, MAX_VALUE_BYTES};

use super::content::{Content, Form};
use super::json::{Object, shown, written};
use super::timestamp;
use crate::ui::problem::{Problem, Result, one_of};

/// The key of what is there before the call.
pub(super) const BEFORE: &str = "state";

/// The key of what is there after it, if that is something else.
pub(super) const AFTER: &str = "expect-state";

/// Entries by their keys, by the names of their buckets; no bucket is empty.
#[derive(Clone, Debug, Default)]
pub(super) struct State(pub(super) BTreeMap<String, BTreeMap<String, Entry>>);

/// An entry of a bucket.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The value.
    pub(super) content: Content,
    /// The time when it ends, in milliseconds since 1970.
    pub(super) expires_ms: Option<u64>,
}

/// The owners whose buckets a case may name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Buckets<'a> {
    /// The grants of the case.
    pub(super) grants: &'a Grants,
    /// Whether the case has a caller, who has buckets of its own.
    pub(super) has_caller: bool,
}

impl Buckets<'_> {
    /// Reads what is there before or after the call; `None` if the case has no such key.
    ///
    /// # Errors
    /// A bucket was not granted, or an entry is malformed.
    pub(super) fn read(self, case: &Object<'_>, key: &'static str) -> Result<Option<State>> {
        let Some(buckets) = case.nested(key)? else { return Ok(None) };
        let mut state = State::default();
        for (name, raw) in buckets.members() {
            self.refuse_missing(&buckets, name)?;
            let entries = read_bucket(&buckets.child(name, raw)?)?;
            if !entries.is_empty() {
                state.0.insert(name.to_owned(), entries);
            }
        }
        Ok(Some(state))
    }

    /// Refuses a bucket that the plugin cannot open.
    fn refuse_missing(self, buckets: &Object<'_>, name: &str) -> Result<()> {
        let all = &self.grants.keyvalue;
        let Some(grant) = all.get(name) else {
            let names: Vec<_> = all.keys().collect();
            let none = || "no bucket, because the case grants none".to_owned();
            return Err(buckets
                .wrong(name, "is not a bucket that the case grants")
                .found(format!("{name:?}"))
                .expected(if names.is_empty() { none() } else { one_of(&names) })
                .next(format!(
                    "grant it: \"grants\": {{ \"keyvalue\": {{ {name:?}: {{ \"scope\": \"caller\" }} }} }}"
                )));
        };
        if grant.scope == BucketScope::Plugin || self.has_caller {
            return Ok(());
        }
        Err(buckets
            .wrong(name, "belongs to a caller, and the case has none")
            .found("no key `caller`")
            .expected("a caller for a bucket of scope \"caller\"")
            .next("add, for example, \"caller\": { \"name\": \"alice\" }"))
    }
}

fn read_bucket(bucket: &Object<'_>) -> Result<BTreeMap<String, Entry>> {
    let mut entries = BTreeMap::new();
    for (key, raw) in bucket.members() {
        let entry = read_entry(bucket, key, raw)?;
        let bytes = entry.content.clone().into_bytes().len();
        if !(1..=MAX_NAME_BYTES).contains(&key.len()) || bytes > MAX_VALUE_BYTES {
            return Err(bucket
                .wrong(key, "is not an entry that a bucket can hold")
                .found(format!("a key of {} bytes and a value of {bytes} bytes", key.len()))
                .expected(format!(
                    "a key of 1 to {MAX_NAME_BYTES} and a value of 0 to {MAX_VALUE_BYTES} bytes"
                ))
                .next("change its length: no plugin could have written it"));
        }
        entries.insert(key.to_owned(), entry);
    }
    Ok(entries)
}

/// Reads an entry: a text, or an object with its content.
fn read_entry<'t>(bucket: &Object<'t>, key: &str, raw: &'t RawValue) -> Result<Entry> {
    let wrong = || {
        bucket
            .wrong(key, "is not a value")
            .found(shown(raw))
            .expected("a text, or an object with `text`, `json` or `base64`")
            .next(format!("write, for example, {key:?}: \"a text\", or {key:?}: {{ \"json\": {{}} }}"))
    };
    if let Ok(text) = serde_json::from_str(raw.get()) {
        return Ok(Entry { content: Content::Text(text), expires_ms: None });
    }
    if !raw.get().starts_with('{') {
        return Err(wrong());
    }
    let object = bucket.child(key, raw)?;
    let (content, expires_ms) = (Content::read(&object)?, read_expires(&object)?);
    object.finish()?;
    Ok(Entry { content: content.ok_or_else(wrong)?, expires_ms })
}

fn read_expires(object: &Object<'_>) -> Result<Option<u64>> {
    let Some(text) = object.text("expires")? else { return Ok(None) };
    timestamp::milliseconds(&text).map(Some).ok_or_else(|| {
        object
            .wrong("expires", "is not a timestamp")
            .found(format!("{text:?}"))
            .expected("an RFC 3339 timestamp, 1970 or later")
            .next("write, for example, \"expires\": \"2026-01-31T00:00:00Z\"; entries that stay have no such key")
    })
}

impl State {
    /// Returns this state without the entries that have ended, which no plugin can see.
    pub(super) fn alive(&self, now_ms: u64) -> Self {
        let mut state = self.clone();
        for entries in state.0.values_mut() {
            entries.retain(|_, entry| entry.expires_ms.is_none_or(|end| end > now_ms));
        }
        state.0.retain(|_, entries| !entries.is_empty());
        state
    }

    /// Returns this state as a case holds it.
    pub(super) fn written(&self) -> Box<RawValue> {
        written(&self.value(&Self::default(), Form::Json))
    }

    /// Returns this state and `found` in one form, so that they are equal as JSON if they are equal.
    pub(super) fn beside(&self, found: &Self) -> [Value; 2] {
        [self.value(self, Form::Plain), found.value(self, Form::Json)]
    }

    /// Returns this state as JSON. An entry that `like` has as well has the form that it has there, others the form
    /// `other`.
    fn value(&self, like: &Self, other: Form) -> Value {
        let bucket = |(name, entries): (&String, &BTreeMap<String, Entry>)| {
            let liked = like.0.get(name);
            let entry = |(key, entry): (&String, &Entry)| {
                let form = match liked.and_then(|entries| entries.get(key)) {
                    Some(Entry { content: Content::Json(_), .. }) => Form::Json,
                    Some(_) => Form::Plain,
                    None => other,
                };
                (key.clone(), entry.value(form))
            };
            (name.clone(), Value::Object(entries.iter().map(entry).collect()))
        };
        Value::Object(self.0.iter().map(bucket).collect())
    }
}

impl Entry {
    /// Returns the entry as JSON: a text that stays is a string.
    fn value(&self, form: Form) -> Value {
        let content = Content::of(&self.content.clone().into_bytes(), form);
        if let (Content::Text(text), None) = (&content, self.expires_ms) {
            return json!(text);
        }
        let (key, raw) = content.member();
        let value: Value = serde_json::from_str(raw.get()).unwrap_or_default();
        let mut object = Map::from_iter([(key.to_owned(), value)]);
        object.extend(self.expires_ms.map(|ms| ("expires".to_owned(), timestamp::text(ms).into())));
        Value::Object(object)
    }
}

/// Says that a bucket has no room for what the case puts there; `place` is that of the grants.
pub(super) fn full(place: &str, bucket: &str) -> Problem {
    Problem::refused(format!("{place}.keyvalue.{bucket}"), "has no room for the entries of the case")
        .found("more bytes or keys than the grant allows")
        .expected(format!("entries in `{BEFORE}` within `size` and `keys` of the grant"))
        .next("raise `size` or `keys`, or leave entries out")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(entries: &[(&str, Content, Option<u64>)]) -> State {
        let entries = entries.iter().map(|(key, content, expires_ms)| {
            ((*key).to_owned(), Entry { content: content.clone(), expires_ms: *expires_ms })
        });
        State(BTreeMap::from([("b".to_owned(), entries.collect())]))
    }

    fn json_content(text: &str) -> Content {
        Content::of(text.as_bytes(), Form::Json)
    }

    fn bytes(text: &str) -> Content {
        Content::Base64(text.as_bytes().to_vec())
    }

    #[test]
    fn what_is_found_is_written_in_the_form_that_people_can_read() {
        let found = state(&[
            ("a", bytes("text"), None),
            ("b", bytes("{\"c\":[1]}"), None),
            ("d", bytes("5"), Some(1_767_225_600_250)),
            ("e", bytes("\0"), None),
        ]);
        let expected = r#"{"b":{"a":"text","b":{"json":{"c":[1]}},"d":{"text":"5","expires":"2026-01-01T00:00:00.250Z"},"e":{"base64":"AA=="}}}"#;
        assert_eq!(found.written().get(), expected);
    }

    #[test]
    fn json_is_compared_as_json_and_text_as_text() {
        let found = |text: &str| state(&[("a", bytes(text), None)]);
        for (expected, text, is_equal) in [
            (json_content(r#"{"b":1,"c":2}"#), r#"{ "c": 2, "b": 1 }"#, true),
            (json_content(r#"{"b":1}"#), r#"{"b":2}"#, false),
            (json_content(r#"{"b":1}"#), "b", false),
            (Content::Text("{\"b\":1}".to_owned()), r#"{"b":1}"#, true),
            (Content::Text("{\"b\":1}".to_owned()), r#"{ "b": 1 }"#, false),
            (bytes("x"), "x", true),
        ] {
            let [expected, found] = state(&[("a", expected, None)]).beside(&found(text));
            assert_eq!(expected == found, is_equal, "{expected} {found}");
        }
        let later = state(&[("a", bytes("x"), Some(5))]);
        let [expected, found] = later.beside(&state(&[("a", bytes("x"), Some(6))]));
        assert_ne!(expected, found, "the end of an entry counts");
        let [expected, found] = State::default().beside(&later);
        assert_ne!(expected, found);
    }

    #[test]
    fn an_entry_that_has_ended_is_none() {
        let text = || Content::Text("x".to_owned());
        let before =
            state(&[("ended", text(), Some(5)), ("alive", text(), Some(6)), ("stays", text(), None)]);
        let alive = state(&[("alive", text(), Some(6)), ("stays", text(), None)]);
        let [expected, found] = before.alive(5).beside(&alive);
        assert_eq!(expected, found);
        assert!(state(&[("ended", text(), Some(5))]).alive(5).0.is_empty(), "no bucket is empty");
    }
}
