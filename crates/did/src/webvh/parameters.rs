//! The `parameters` of a log entry. did:webvh 1.0, "`did:webvh` DID Method Parameters".

use serde_json::{Map, Value};

use super::witness::WitnessRule;

/// The one method version known.
pub(crate) const METHOD: &str = "did:webvh:1.0";

/// Most keys, key hashes or watchers in one list.
const MAX_LIST: usize = 64;

/// What one entry sets; `None` is "not in this entry".
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters {
    pub(crate) method: Option<Method>,
    pub(crate) scid: Option<String>,
    pub(crate) update_keys: Option<Vec<String>>,
    pub(crate) next_key_hashes: Option<Vec<String>>,
    /// `Some(None)` is `{}`: no witnesses from here on.
    pub(crate) witness: Option<Option<WitnessRule>>,
    pub(crate) portable: Option<bool>,
    pub(crate) deactivated: Option<bool>,
}

/// That `method` was `did:webvh:1.0`, the only value there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Method;

impl Parameters {
    pub(crate) fn parse(json: &Map<String, Value>) -> Result<Self, ParameterError> {
        let mut parameters = Self::default();
        for (name, value) in json {
            parameters.set(name, value)?;
        }
        Ok(parameters)
    }

    fn set(&mut self, name: &str, value: &Value) -> Result<(), ParameterError> {
        if value.is_null() {
            return Err(ParameterError::Null);
        }
        match name {
            "method" => {
                if value.as_str() != Some(METHOD) {
                    return Err(ParameterError::Method);
                }
                self.method = Some(Method);
            }
            "scid" => self.scid = Some(value.as_str().ok_or(ParameterError::Scid)?.to_owned()),
            "updateKeys" => {
                self.update_keys = Some(strings(value).ok_or(ParameterError::UpdateKeys)?);
            }
            "nextKeyHashes" => {
                self.next_key_hashes = Some(strings(value).ok_or(ParameterError::NextKeyHashes)?);
            }
            "witness" => self.witness = Some(WitnessRule::parse(value)?),
            "watchers" => {
                let watchers = strings(value).ok_or(ParameterError::Watchers)?;
                if !watchers.iter().all(|watcher| url::Url::parse(watcher).is_ok()) {
                    return Err(ParameterError::Watchers);
                }
            }
            "portable" => {
                self.portable = Some(value.as_bool().ok_or(ParameterError::Portable)?);
            }
            "deactivated" => {
                self.deactivated = Some(value.as_bool().ok_or(ParameterError::Deactivated)?);
            }
            "ttl" => {
                // Advice to caches; nothing here caches by it.
                value
                    .as_u64()
                    .filter(|ttl| *ttl <= 1 << 31)
                    .ok_or(ParameterError::Ttl)?;
            }
            _ => return Err(ParameterError::Unknown),
        }
        Ok(())
    }
}

/// Why `parameters` are refused. did:webvh 1.0, "`did:webvh` DID Method Parameters".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// A value is `null`, which the specification forbids.
    #[error("a parameter is null")]
    Null,
    /// A property that did:webvh 1.0 does not define.
    #[error("an unknown parameter")]
    Unknown,
    /// `method` is not exactly `did:webvh:1.0`.
    #[error("an unknown method version")]
    Method,
    /// `scid` is not text.
    #[error("scid is malformed")]
    Scid,
    /// `updateKeys` is not a list of at most 64 texts.
    #[error("updateKeys is malformed")]
    UpdateKeys,
    /// `nextKeyHashes` is not a list of at most 64 texts.
    #[error("nextKeyHashes is malformed")]
    NextKeyHashes,
    /// `watchers` is not a list of at most 64 URLs.
    #[error("watchers is malformed")]
    Watchers,
    /// `portable` is not a boolean.
    #[error("portable is malformed")]
    Portable,
    /// `deactivated` is not a boolean.
    #[error("deactivated is malformed")]
    Deactivated,
    /// `ttl` is not an integer of 0 to 2^31.
    #[error("ttl is malformed")]
    Ttl,
    /// `witness` is neither `{}` nor a threshold with witnesses. "The `witness` Parameter".
    #[error("witness is malformed")]
    Witness,
    /// The threshold is not between 1 and the number of witnesses.
    #[error("the witness threshold is out of range")]
    WitnessThreshold,
    /// A witness is named twice.
    #[error("a witness is named twice")]
    WitnessTwice,
    /// A witness is not the `did:key` of an Ed25519 key.
    #[error("a witness is not an Ed25519 did:key")]
    WitnessKey,
}

fn strings(value: &Value) -> Option<Vec<String>> {
    let values = value.as_array().filter(|values| values.len() <= MAX_LIST)?;
    values.iter().map(|value| value.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    const WITNESS: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    const P256: &str = "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169";

    #[test_case(json!({"updateKeys": null}) => Some(ParameterError::Null); "null")]
    #[test_case(json!({"color": 1}) => Some(ParameterError::Unknown); "unknown")]
    #[test_case(json!({"method": "did:webvh:99.0"}) => Some(ParameterError::Method); "method")]
    #[test_case(json!({"method": "did:webvh:1.0-rc1"}) => Some(ParameterError::Method); "release candidate")]
    #[test_case(json!({"scid": 1}) => Some(ParameterError::Scid); "scid")]
    #[test_case(json!({"updateKeys": "z6Mk"}) => Some(ParameterError::UpdateKeys); "update keys")]
    #[test_case(json!({"nextKeyHashes": [1]}) => Some(ParameterError::NextKeyHashes); "next key hashes")]
    #[test_case(json!({"watchers": ["here"]}) => Some(ParameterError::Watchers); "watchers")]
    #[test_case(json!({"portable": "yes"}) => Some(ParameterError::Portable); "portable")]
    #[test_case(json!({"deactivated": 1}) => Some(ParameterError::Deactivated); "deactivated")]
    #[test_case(json!({"ttl": -1}) => Some(ParameterError::Ttl); "ttl negative")]
    #[test_case(json!({"ttl": 2_147_483_649_u64}) => Some(ParameterError::Ttl); "ttl too large")]
    #[test_case(json!({"ttl": 3600}) => None; "ttl")]
    #[test_case(json!({"witness": {}}) => None; "witness off")]
    #[test_case(json!({"witness": {"threshold": 1, "witnesses": [{"id": WITNESS}]}}) => None; "witness")]
    #[test_case(json!({"witness": []}) => Some(ParameterError::Witness); "witness not an object")]
    #[test_case(json!({"witness": {"witnesses": [{"id": WITNESS}]}}) => Some(ParameterError::WitnessThreshold); "no threshold")]
    #[test_case(json!({"witness": {"threshold": 0, "witnesses": [{"id": WITNESS}]}}) => Some(ParameterError::WitnessThreshold); "threshold zero")]
    #[test_case(json!({"witness": {"threshold": 1.5, "witnesses": [{"id": WITNESS}]}}) => Some(ParameterError::WitnessThreshold); "threshold fraction")]
    #[test_case(json!({"witness": {"threshold": 2, "witnesses": [{"id": WITNESS}]}}) => Some(ParameterError::WitnessThreshold); "threshold too large")]
    #[test_case(json!({"witness": {"threshold": 1, "witnesses": []}}) => Some(ParameterError::Witness); "no witnesses")]
    #[test_case(json!({"witness": {"threshold": 1, "witnesses": [{"id": WITNESS}, {"id": WITNESS}]}}) => Some(ParameterError::WitnessTwice); "twice")]
    #[test_case(json!({"witness": {"threshold": 1, "witnesses": [{"id": "did:web:a.b"}]}}) => Some(ParameterError::WitnessKey); "not a did key")]
    #[test_case(json!({"witness": {"threshold": 1, "witnesses": [{"id": P256}]}}) => Some(ParameterError::WitnessKey); "p256 witness")]
    fn parameters(json: Value) -> Option<ParameterError> {
        Parameters::parse(json.as_object().unwrap()).err()
    }
}
