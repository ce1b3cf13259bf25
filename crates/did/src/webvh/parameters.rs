//! The `parameters` of a log entry. did:webvh 1.0, "`did:webvh` DID Method Parameters".

use jose::{Budget, OverBudget, Work};
use serde_json::{Map, Value};

use super::witness::WitnessRule;

/// The one method version known.
pub(crate) const METHOD: &str = "did:webvh:1.0";

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
    pub(crate) fn parse(json: &Map<String, Value>, budget: &mut Budget) -> Result<Self, ParameterError> {
        let mut parameters = Self::default();
        for (name, value) in json {
            parameters.set(name, value, budget)?;
        }
        Ok(parameters)
    }

    fn set(&mut self, name: &str, value: &Value, budget: &mut Budget) -> Result<(), ParameterError> {
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
                self.update_keys = Some(strings(value, ParameterError::UpdateKeys, budget)?);
            }
            "nextKeyHashes" => {
                self.next_key_hashes = Some(strings(value, ParameterError::NextKeyHashes, budget)?);
            }
            "witness" => self.witness = Some(WitnessRule::parse(value, budget)?),
            "watchers" => {
                let watchers = strings(value, ParameterError::Watchers, budget)?;
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
    /// A list is longer than the budget allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
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
    /// `updateKeys` is not a list of texts.
    #[error("updateKeys is malformed")]
    UpdateKeys,
    /// `nextKeyHashes` is not a list of texts.
    #[error("nextKeyHashes is malformed")]
    NextKeyHashes,
    /// `watchers` is not a list of URLs.
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

/// The texts of a list; `otherwise` where it is no list, or of something else.
fn strings(value: &Value, otherwise: ParameterError, budget: &mut Budget) -> Result<Vec<String>, ParameterError> {
    let values = value.as_array().ok_or(otherwise)?;
    budget.reach(Work::Listed, values.len())?;
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or(otherwise);
    values.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;
    use crate::budget;

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
        Parameters::parse(json.as_object().unwrap(), &mut budget::ENTRY.clone()).err()
    }

    #[test_case("updateKeys", json!("z6Mk"); "update keys")]
    #[test_case("nextKeyHashes", json!("Qm"); "next key hashes")]
    #[test_case("watchers", json!("https://watcher.example"); "watchers")]
    fn e12_core_a_list_over_the_budget_is_refused(name: &str, member: Value) {
        let most = budget::ENTRY.allowed(Work::Listed);
        let with = |members: usize| parameters(json!({name: vec![member.clone(); members]}));
        assert_eq!(with(most), None);
        assert_eq!(
            with(most + 1),
            Some(ParameterError::OverBudget(OverBudget(Work::Listed)))
        );
    }

    #[test]
    fn e12_core_more_witnesses_than_the_budget_allows_are_refused() {
        let mut two = budget::ENTRY.allow(Work::Listed, 2);
        let rule = |names: &[&str]| {
            let witnesses: Vec<Value> = names.iter().map(|id| json!({"id": id})).collect();
            json!({"witness": {"threshold": 1, "witnesses": witnesses}})
        };
        let mut read = |names: &[&str]| Parameters::parse(rule(names).as_object().unwrap(), &mut two).err();
        assert_eq!(read(&[WITNESS]), None);
        assert_eq!(read(&[WITNESS, WITNESS]), Some(ParameterError::WitnessTwice));
        let refused = Some(ParameterError::OverBudget(OverBudget(Work::Listed)));
        assert_eq!(read(&[WITNESS, WITNESS, WITNESS]), refused);
    }
}
