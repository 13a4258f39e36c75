//! Random JSON that a schema of ours accepts, made from the schema alone: what a client might send that knows no more.

use serde_json::{Map, Number, Value, json};

use crate::codec::scalar::BASE64_PATTERN;

/// A stream of choices.
pub(crate) struct Choices<'c>(std::iter::Cycle<std::slice::Iter<'c, u32>>);

impl<'c> Choices<'c> {
    /// Chooses by these numbers, over and over; there must be one.
    pub(crate) fn new(numbers: &'c [u32]) -> Self {
        Self(numbers.iter().cycle())
    }

    fn below(&mut self, bound: usize) -> usize {
        *self.0.next().expect("there is a number") as usize % bound
    }

    fn pick<'i, T>(&mut self, items: &'i [T]) -> &'i T {
        &items[self.below(items.len())]
    }

    /// Makes a value that `schema` accepts.
    pub(crate) fn fitting(&mut self, schema: &Value) -> Value {
        if let Some(alternatives) = schema["anyOf"].as_array() {
            let alternative = self.pick(alternatives);
            return self.fitting(alternative);
        }
        if let Some(names) = schema["enum"].as_array() {
            return self.pick(names).clone();
        }
        match schema["type"].as_str() {
            Some("object") => self.object(schema),
            Some("array") => self.array(schema),
            Some("string") => self.string(schema),
            Some("integer") => self.integer(schema),
            Some("number") => self.number(schema),
            Some("boolean") => (self.below(2) == 0).into(),
            Some("null") => Value::Null,
            other => panic!("no type of ours: {other:?} in {schema}"),
        }
    }

    fn object(&mut self, schema: &Value) -> Value {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let properties = schema["properties"].as_object().expect("an object has properties");
        let mut object = Map::new();
        for (name, property) in properties {
            if required.contains(&json!(name)) || self.below(2) == 0 {
                object.insert(name.clone(), self.fitting(property));
            }
        }
        Value::Object(object)
    }

    fn array(&mut self, schema: &Value) -> Value {
        let (least, most) = (schema["minItems"].as_u64(), schema["maxItems"].as_u64());
        let least = least.unwrap_or(0) as usize;
        let count = least + self.below(most.map_or(4, |most| most as usize - least + 1));
        let first = schema["prefixItems"].as_array().cloned().unwrap_or_default();
        (0..count).map(|at| self.fitting(first.get(at).unwrap_or(&schema["items"]))).collect()
    }

    fn string(&mut self, schema: &Value) -> Value {
        if schema["pattern"] == BASE64_PATTERN {
            return (*self.pick(&["", "AA==", "AAE=", "AAEC", "+/8=", "QUJDREVG"])).into();
        }
        let characters = ["a", "\"", "\\", "\0", "\u{e9}", "\u{2028}", "\u{1F600}", "1", "[", "{", "NaN"];
        match schema["maxLength"].as_u64() {
            Some(1) => (*self.pick(&characters[..10])).into(),
            _ => (0..self.below(5)).map(|_| *self.pick(&characters)).collect::<String>().into(),
        }
    }

    fn integer(&mut self, schema: &Value) -> Value {
        let bound = |keyword: &str| schema[keyword].as_i64().expect("an integer has bounds");
        let (min, max) = (bound("minimum"), bound("maximum"));
        let middle = (i128::from(min) + i128::from(self.below(1 << 31) as u32)).min(max.into()) as i64;
        match self.below(5) {
            0 => min.into(),
            1 => max.into(),
            2 => json!(middle as f64), // at most 2^53, so it is exact
            3 => 0.into(),
            _ => middle.into(),
        }
    }

    fn number(&mut self, schema: &Value) -> Value {
        let most = schema["maximum"].as_f64().unwrap_or(f64::MAX);
        let numbers = [0.0, -0.0, 1.0, -1.5, 0.1, 1e21, 3.4e38, 5e-324, 123_456_789.123, most, -most];
        match self.below(3) {
            0 => self.below(1000).into(),
            _ => Number::from_f64(*self.pick(&numbers)).map_or(Value::Null, Value::Number),
        }
    }
}
