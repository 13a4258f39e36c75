//! Writes a JSON object, member by member.

use crate::protocol::line::{push_json, push_text};

/// An object that is being written.
#[derive(Clone)]
pub(in crate::protocol) struct Object(Vec<u8>);

impl Default for Object {
    fn default() -> Self {
        Object(vec![b'{'])
    }
}

impl Object {
    /// Goes on writing after text that ends with the object's brace.
    pub(in crate::protocol) fn inside(out: Vec<u8>) -> Object {
        Object(out)
    }

    /// Writes a member's name; the value is the caller's.
    pub(in crate::protocol) fn value(&mut self, name: &str) -> &mut Vec<u8> {
        if self.0.last() != Some(&b'{') {
            self.0.push(b',');
        }
        push_text(&mut self.0, name);
        self.0.push(b':');
        &mut self.0
    }

    pub(in crate::protocol) fn text(&mut self, name: &str, text: &str) {
        push_text(self.value(name), text);
    }

    pub(in crate::protocol) fn json(&mut self, name: &str, json: &[u8]) {
        push_json(self.value(name), json);
    }

    pub(in crate::protocol) fn close(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}
