//! Reads JSON text value by value, without building anything and without reading a byte twice.
//!
//! It returns scalars as raw text, for [`scalar`](crate::codec::scalar) to read. It does not recurse: the type of a
//! document decides how deep it is read.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::codec::scan;

/// The error for text that is not JSON where reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// A place in JSON text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lexer<'j> {
    rest: &'j str,
}

impl<'j> Lexer<'j> {
    pub(super) fn new(text: &'j str) -> Self {
        Self { rest: text }
    }

    /// Skips whitespace and returns the next byte.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let skipped = self.rest.bytes().take_while(space).count();
        self.rest = &self.rest[skipped..];
        self.rest.bytes().next()
    }

    /// Skips whitespace, and steps over `byte` if it comes next.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    /// Steps to the next item of an array or object that ends with `close`, and returns whether there is one; `first`
    /// is true before the first item and becomes false here.
    pub(super) fn next_item(&mut self, close: u8, first: &mut bool) -> Result<bool, Malformed> {
        if self.eat(close) {
            return Ok(false);
        }
        let separated = std::mem::take(first) || self.eat(b',');
        let dangling = self.peek() == Some(close);
        if separated && !dangling { Ok(true) } else { Err(Malformed) }
    }

    /// Reads a scalar as raw text; `None` if an array or object comes next.
    pub(super) fn scalar(&mut self) -> Result<Option<&'j str>, Malformed> {
        let length = match self.peek() {
            Some(b'[' | b'{') => return Ok(None),
            Some(b'"') => string(self.rest.as_bytes()),
            Some(b'-' | b'0'..=b'9') => scan::number(self.rest.as_bytes()),
            _ => ["null", "true", "false"].iter().find(|word| self.rest.starts_with(**word)).map(|w| w.len()),
        };
        let (raw, rest) = self.rest.split_at(length.ok_or(Malformed)?);
        self.rest = rest;
        Ok(Some(raw))
    }

    /// Reads the key of a member as raw text, and the colon after it.
    pub(super) fn key(&mut self) -> Result<&'j str, Malformed> {
        let key = if self.peek() == Some(b'"') { self.scalar()? } else { None };
        key.filter(|_| self.eat(b':')).ok_or(Malformed)
    }

    /// Returns the raw text of the next value, of any kind, without stepping over it; for messages only.
    pub(super) fn value(&mut self) -> Result<&'j str, Malformed> {
        let mut reader = serde_json::Deserializer::from_str(self.rest);
        let raw = <&RawValue>::deserialize(&mut reader).map_err(|_| Malformed)?;
        Ok(raw.get())
    }

    /// Returns the unread text.
    pub(super) fn rest(&self) -> &'j str {
        self.rest
    }

    /// Checks that only whitespace is left.
    pub(super) fn end(&mut self) -> Result<(), Malformed> {
        if self.peek().is_none() { Ok(()) } else { Err(Malformed) }
    }
}

/// Returns the length of the string that `text` begins with, including the quotes.
fn string(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += scan::plain(text.get(at..)?);
        match *text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += escape(&text[at..])?,
            _ => return None,
        }
    }
}

/// Returns the length of the escape that `text` begins with. The reader of the text checks pairs of surrogates.
fn escape(text: &[u8]) -> Option<usize> {
    match text.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' if text.get(2..6)?.iter().all(u8::is_ascii_hexdigit) => Some(6),
        _ => None,
    }
}
