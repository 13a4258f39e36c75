//! The envelope around an index: DSSE 1.0 (<https://github.com/secure-systems-lab/dsse>), read strictly.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::error::ReleaseError;
use super::format::{MAX_KEYS, PAYLOAD_TYPE};
use crate::public_key::KeyId;

/// The most characters of an error about bytes of any origin.
const QUOTED_CHARS: usize = 120;

/// A payload with its signatures. Making it checks none of them.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) payload: Vec<u8>,
    pub(super) signatures: Vec<Signature>,
}

/// A signature, and the name of the key that is said to have made it.
#[derive(Debug)]
pub(super) struct Signature {
    pub(super) key_id: KeyId,
    pub(super) bytes: Vec<u8>,
}

/// The envelope as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<WrittenSignature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSignature {
    keyid: String,
    sig: String,
}

impl Envelope {
    /// Reads an envelope; its size is checked already.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ReleaseError> {
        let written: Written = serde_json::from_slice(bytes).map_err(|reason| malformed(&reason))?;
        if written.payload_type != PAYLOAD_TYPE {
            return Err(ReleaseError::OtherType { found: shortened(&written.payload_type) });
        }
        if written.signatures.len() > MAX_KEYS {
            return Err(malformed(&format!("more than {MAX_KEYS} signatures")));
        }
        let payload = decode("payload", &written.payload)?;
        let signature = |WrittenSignature { keyid, sig }: WrittenSignature| {
            let key_id = keyid.parse().map_err(|reason| malformed(&format!("`keyid`: {reason}")))?;
            Ok(Signature { key_id, bytes: decode("sig", &sig)? })
        };
        let signatures = written.signatures.into_iter().map(signature).collect::<Result<_, _>>()?;
        Ok(Self { payload, signatures })
    }

    /// Writes the envelope as it is stored.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let signature = |one: &Signature| WrittenSignature {
            keyid: one.key_id.to_string(),
            sig: STANDARD.encode(&one.bytes),
        };
        let written = Written {
            payload: STANDARD.encode(&self.payload),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: self.signatures.iter().map(signature).collect(),
        };
        serde_json::to_vec(&written).expect("texts are JSON")
    }
}

/// Returns what is signed: the type and the payload, each with its length (DSSE's pre-authentication encoding).
pub(super) fn signed_bytes(payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// Decodes Base64 that has only one spelling: padded, without line breaks.
fn decode(field: &str, text: &str) -> Result<Vec<u8>, ReleaseError> {
    STANDARD.decode(text).map_err(|reason| malformed(&format!("`{field}`: {reason}")))
}

/// Nobody has signed what a reason may quote: it goes to the log shortened.
fn malformed(reason: &impl ToString) -> ReleaseError {
    ReleaseError::NotAnEnvelope(shortened(&reason.to_string()))
}

fn shortened(text: &str) -> String {
    text.chars().take(QUOTED_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_and_payload_are_signed_with_their_lengths() {
        let expected = "DSSEv1 37 application/vnd.toolcell.release+json 11 hello world";
        assert_eq!(signed_bytes(b"hello world"), expected.as_bytes());
    }
}
