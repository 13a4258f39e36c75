//! Arrays and objects for the writer of JSON.

use crate::codec::encoded::EncodeError;
use crate::codec::json::Writer;

impl Writer {
    /// `[a,b]`
    pub(super) fn array<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        item: impl FnMut(&mut Self, T) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.raw("[")?;
        self.separated(items, item)?;
        self.raw("]")
    }

    /// `{"a":1,"b":2}`, where `member` writes key and value.
    pub(super) fn object<T>(
        &mut self,
        members: impl IntoIterator<Item = T>,
        member: impl FnMut(&mut Self, T) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.raw("{")?;
        self.separated(members, member)?;
        self.raw("}")
    }

    /// `{"key":value}`
    pub(super) fn single(
        &mut self,
        key: &str,
        value: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.raw("{")?;
        self.key(key)?;
        value(self)?;
        self.raw("}")
    }

    fn separated<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut item: impl FnMut(&mut Self, T) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        for (index, value) in items.into_iter().enumerate() {
            if index > 0 {
                self.raw(",")?;
            }
            item(self, value)?;
        }
        Ok(())
    }
}
