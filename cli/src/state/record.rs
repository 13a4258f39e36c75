//! Writes entries as bytes, and reads them.
//!
//! A record is a byte for the kind of the value, the version, the end in milliseconds (0 for none), and the value.

use toolcell_host::state_store::{Entry, Value, Version};

const BYTES: u8 = 0;
const NUMBER: u8 = 1;

/// Kind, version and end.
const HEAD_BYTES: usize = 17;

/// Writes an entry.
pub(super) fn write(entry: &Entry) -> Vec<u8> {
    let mut record = vec![BYTES];
    record.extend(entry.version.0.to_le_bytes());
    record.extend(entry.expires_ms.unwrap_or_default().to_le_bytes());
    match &entry.value {
        Value::Bytes(bytes) => record.extend_from_slice(bytes),
        Value::Number(number) => {
            record[0] = NUMBER;
            record.extend(number.to_le_bytes());
        }
    }
    record
}

/// Reads an entry; `None` if this version of toolcell did not write it.
pub(super) fn read(record: &[u8]) -> Option<Entry> {
    let (head, value) = record.split_at_checked(HEAD_BYTES)?;
    let (version, end) = head[1..].split_at(8);
    let value = match head[0] {
        BYTES => Value::Bytes(value.to_vec().into()),
        NUMBER => Value::Number(i64::from_le_bytes(value.try_into().ok()?)),
        _ => return None,
    };
    let end = u64::from_le_bytes(end.try_into().ok()?);
    let version = Version(u64::from_le_bytes(version.try_into().ok()?));
    Some(Entry { value, version, expires_ms: (end > 0).then_some(end) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_back_and_others_are_refused() {
        let values =
            [Value::Bytes(b"text".to_vec().into()), Value::Bytes(Vec::new().into()), Value::Number(-7)];
        for value in values {
            for expires_ms in [None, Some(1)] {
                let entry = Entry { value: value.clone(), version: Version(u64::MAX), expires_ms };
                assert_eq!(read(&write(&entry)), Some(entry));
            }
        }
        for record in [&[][..], &[BYTES; HEAD_BYTES - 1], &[9; HEAD_BYTES], &[NUMBER; HEAD_BYTES + 7]] {
            assert_eq!(read(record), None, "{record:?}");
        }
    }
}
