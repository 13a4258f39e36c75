//! Writes compact JSON on one line, up to a limit.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::encoded::EncodeError;
use super::scalar::{FloatRange, SAFE_INTEGER};

/// Writes JSON; every write is counted first, so nothing grows beyond the limit.
#[derive(Debug)]
pub(crate) struct Writer {
    text: Vec<u8>,
    limit_bytes: usize,
}

impl Writer {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Self { text: Vec::new(), limit_bytes }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.text
    }

    /// Writes text that is already JSON.
    pub(crate) fn raw(&mut self, text: &str) -> Result<(), EncodeError> {
        self.reserve(text.len())?;
        self.text.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// Writes an integer: as a number if every reader holds it exactly, else as a decimal string.
    pub(crate) fn integer(&mut self, value: i128) -> Result<(), EncodeError> {
        let quote = if value.abs() > SAFE_INTEGER { "\"" } else { "" };
        self.raw(quote)?;
        match i64::try_from(value) {
            Ok(value) => self.serialized(&value)?,
            Err(_) => self.serialized(&value)?,
        }
        self.raw(quote)
    }

    /// Writes the shortest number that reads back as this `f32`, or a name.
    pub(crate) fn f32(&mut self, value: f32) -> Result<(), EncodeError> {
        if value.is_finite() { self.serialized(&value) } else { self.float_name(value.into()) }
    }

    /// Writes the shortest number that reads back as this `f64`, or a name.
    pub(crate) fn f64(&mut self, value: f64) -> Result<(), EncodeError> {
        if value.is_finite() { self.serialized(&value) } else { self.float_name(value) }
    }

    fn float_name(&mut self, value: f64) -> Result<(), EncodeError> {
        let [nan, infinity, negative] = FloatRange::NAMES;
        let name = if value.is_nan() {
            nan
        } else if value > 0.0 {
            infinity
        } else {
            negative
        };
        self.string(name)
    }

    /// Writes a string, escaped as little as JSON allows.
    pub(crate) fn string(&mut self, text: &str) -> Result<(), EncodeError> {
        self.serialized(text)
    }

    /// Writes bytes as padded base64.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        let length = bytes.len().div_ceil(3).saturating_mul(4);
        self.reserve(length.saturating_add(2))?;
        self.text.reserve(length + 2);
        self.text.push(b'"');
        let start = self.text.len();
        self.text.resize(start + length, 0);
        STANDARD.encode_slice(bytes, &mut self.text[start..]).map_err(|_| self.too_large())?;
        self.text.push(b'"');
        Ok(())
    }

    /// Writes `"key":`.
    pub(crate) fn key(&mut self, key: &str) -> Result<(), EncodeError> {
        self.string(key)?;
        self.raw(":")
    }

    fn serialized(&mut self, value: &(impl serde::Serialize + ?Sized)) -> Result<(), EncodeError> {
        serde_json::to_writer(&mut *self, value).map_err(|_| self.too_large())
    }

    /// Checks that there is room for this many more bytes.
    pub(crate) fn reserve(&mut self, bytes: usize) -> Result<(), EncodeError> {
        if bytes > self.limit_bytes - self.text.len() { Err(self.too_large()) } else { Ok(()) }
    }

    fn too_large(&self) -> EncodeError {
        EncodeError::TooLarge { limit_bytes: self.limit_bytes }
    }
}

/// Lets serde_json write here; its only errors are ours.
impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.reserve(bytes.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
