//! Makes the digest of a tool's definition: of everything that a model reads, or a person who approves the tool.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;
use serde_json::value::RawValue;
use toolcell_host::digest::Digest;

/// The members of a tool (MCP `Tool`) that its definition has, beside `_meta.ui`.
const MEMBERS: [&str; 6] = ["annotations", "description", "inputSchema", "name", "outputSchema", "title"];

/// JSON in the canonical form of RFC 8785: names sorted, numbers as ECMAScript prints them, no whitespace. Members of
/// one name, which that form forbids, are all kept, in their order: a reader may take any of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Canonical {
    /// `null`, a boolean, a number or a string, as JSON.
    Scalar(String),
    /// An array.
    Array(Vec<Canonical>),
    /// An object, its members sorted by the UTF-16 code units of their names.
    Object(Vec<(String, Canonical)>),
}

impl Canonical {
    /// Takes the definition out of a tool's entry in a list.
    ///
    /// # Panics
    /// The entry is not a JSON object, which none that we rendered is.
    pub(crate) fn definition(entry: &RawValue) -> Self {
        let entry = serde_json::from_str(entry.get()).expect("an entry that we rendered is JSON");
        let Self::Object(members) = entry else { unreachable!("an entry is an object") };
        let mut kept = Vec::new();
        for (name, value) in members {
            match value {
                Self::Object(meta) if name == "_meta" => {
                    let ui: Vec<_> = meta.into_iter().filter(|(name, _)| name == "ui").collect();
                    if !ui.is_empty() {
                        kept.push((name, Self::Object(ui)));
                    }
                }
                value if MEMBERS.contains(&name.as_str()) => kept.push((name, value)),
                _ => {}
            }
        }
        Self::Object(kept)
    }

    fn read(raw: &RawValue) -> serde_json::Result<Self> {
        let text = raw.get();
        Ok(match text.as_bytes().first() {
            Some(b'{') => {
                let Members(mut members) = serde_json::from_str(text)?;
                members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
                Self::Object(members)
            }
            Some(b'[') => Self::Array(serde_json::from_str(text)?),
            Some(b'"') => Self::Scalar(Value::from(serde_json::from_str::<String>(text)?).to_string()),
            Some(b'-' | b'0'..=b'9') => Self::Scalar(text.parse().map_or_else(|_| text.to_owned(), number)),
            _ => Self::Scalar(text.to_owned()),
        })
    }

    /// Returns the SHA-256 digest of the canonical text.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(serde_json::to_string(self).expect("scalars are JSON").as_bytes())
    }
}

impl Serialize for Canonical {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalar(json) => {
                let raw: &RawValue = serde_json::from_str(json).map_err(serde::ser::Error::custom)?;
                raw.serialize(serializer)
            }
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => {
                serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Canonical {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::read(&raw).map_err(de::Error::custom)
    }
}

/// The members of an object in their order, those of one name included.
struct Members(Vec<(String, Canonical)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> de::Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut members: A) -> Result<Members, A::Error> {
        let mut all = Vec::new();
        while let Some(member) = members.next_entry()? {
            all.push(member);
        }
        Ok(Members(all))
    }
}

/// Prints a number as ECMAScript does (`Number::toString`), which RFC 8785 asks for in section 3.2.2.3.
fn number(value: f64) -> String {
    ryu_js::Buffer::new().format(value).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(json: &str) -> String {
        serde_json::to_string(&serde_json::from_str::<Canonical>(json).unwrap()).unwrap()
    }

    #[test]
    fn the_form_is_that_of_rfc_8785() {
        // Appendix B and sections 3.2.2 and 3.2.3 of the RFC.
        for (json, expected) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("9007199254740992", "9007199254740992"),
            ("295147905179352830000", "295147905179352830000"),
            ("9.999999999999997e22", "9.999999999999997e+22"),
            ("1e21", "1e+21"),
            ("999999999999999900000", "999999999999999900000"),
            ("333333333.3333332", "333333333.3333332"),
            ("0.000001", "0.000001"),
            ("1e-7", "1e-7"),
            ("-1424953923781206.2", "-1424953923781206.2"),
            (r#"[56, {"d": true, "10": null, "1": []}]"#, r#"[56,{"1":[],"10":null,"d":true}]"#),
            (r#""€$\u000F\nA'B\"\\\\\"\/""#, "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\""),
            (
                r#"{"\u20ac":"Euro","\r":"CR","\ufb33":"Dalet","1":"One","\ud83d\ude00":"Smiley","\u0080":"C","\u00f6":"o"}"#,
                "{\"\\r\":\"CR\",\"1\":\"One\",\"\u{80}\":\"C\",\"ö\":\"o\",\"€\":\"Euro\",\"😀\":\"Smiley\",\"\u{fb33}\":\"Dalet\"}",
            ),
        ] {
            assert_eq!(canonical(json), expected, "{json}");
        }
    }

    #[test]
    fn members_of_one_name_are_all_kept() {
        assert_eq!(canonical(r#"{"b":1,"a":{"x":1},"a":2}"#), r#"{"a":{"x":1},"a":2,"b":1}"#);
    }

    #[test]
    fn a_definition_is_what_models_read_and_people_approve() {
        let entry = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        let full = entry(
            r#"{"name":"n","icons":[{"src":"https://e"}],"title":"T","description":"d","inputSchema":{"type":"object"},
                "annotations":{"readOnlyHint":true},"_meta":{"ui":{"resourceUri":"ui://x"},"example/other":1}}"#,
        );
        let definition = Canonical::definition(&full);
        assert_eq!(
            serde_json::to_string(&definition).unwrap(),
            r#"{"_meta":{"ui":{"resourceUri":"ui://x"}},"annotations":{"readOnlyHint":true},"description":"d","inputSchema":{"type":"object"},"name":"n","title":"T"}"#
        );
        let without = entry(r#"{"name":"n","_meta":{"example/other":1}}"#);
        assert_eq!(serde_json::to_string(&Canonical::definition(&without)).unwrap(), r#"{"name":"n"}"#);
    }
}
