//! Witnesses of a DID log: the rule and the proofs. did:webvh 1.0, "DID Witnesses".
//!
//! Our own DIDs use none (the ledger has witnesses of its own); other people's may.

use std::collections::HashMap;

use jose::{Algorithm, Budget, OverBudget, Work, strict_json};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::parameters::ParameterError;
use super::version::VersionId;
use crate::data_integrity::UnverifiedProof;
use crate::{budget, multikey};

/// How many of which witnesses must approve an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessRule {
    threshold: usize,
    /// The multikeys of the witnesses' `did:key`s.
    keys: Vec<String>,
}

impl WitnessRule {
    /// How many distinct witnesses must approve.
    #[must_use]
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// The witnesses' multikeys.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Reads the `witness` parameter; `None` for `{}`.
    pub(crate) fn parse(json: &Value, budget: &mut Budget) -> Result<Option<Self>, ParameterError> {
        let object = json.as_object().ok_or(ParameterError::Witness)?;
        if object.is_empty() {
            return Ok(None);
        }
        let witnesses = object.get("witnesses").and_then(Value::as_array);
        let witnesses = witnesses
            .filter(|list| !list.is_empty())
            .ok_or(ParameterError::Witness)?;
        budget.reach(Work::Listed, witnesses.len())?;
        let mut keys = Vec::with_capacity(witnesses.len());
        for witness in witnesses {
            let key = witness_key(witness)?;
            if keys.contains(&key) {
                return Err(ParameterError::WitnessTwice);
            }
            keys.push(key);
        }
        let threshold = object
            .get("threshold")
            .and_then(Value::as_u64)
            .and_then(|threshold| usize::try_from(threshold).ok())
            .filter(|threshold| (1..=keys.len()).contains(threshold))
            .ok_or(ParameterError::WitnessThreshold)?;
        Ok(Some(Self { threshold, keys }))
    }
}

/// The file `did-witness.json`, its proofs not yet checked.
#[derive(Clone, Debug, Default)]
pub struct WitnessProofs(Vec<(VersionId, UnverifiedProof)>);

impl WitnessProofs {
    /// Reads the file. A proof of a form that no witness of did:webvh 1.0 could
    /// make counts for nothing and is left out.
    ///
    /// # Errors
    /// [`WitnessError::Malformed`] where it is not a list of versions with proofs,
    /// [`WitnessError::OverBudget`] where it is too much to read.
    pub fn parse(bytes: &[u8]) -> Result<Self, WitnessError> {
        let mut budget = budget::WITNESS_FILE.clone();
        budget.spend(Work::Bytes, bytes.len())?;
        let json = strict_json::parse_within(bytes, &mut budget).map_err(|error| match error {
            strict_json::StrictJsonError::OverBudget(over) => WitnessError::OverBudget(over),
            _ => WitnessError::Malformed,
        })?;
        let mut proofs = Vec::new();
        for entry in json.as_array().ok_or(WitnessError::Malformed)? {
            let id = entry.get("versionId").and_then(Value::as_str);
            let id: VersionId = id.and_then(|id| id.parse().ok()).ok_or(WitnessError::Malformed)?;
            let list = entry.get("proof").and_then(Value::as_array);
            for proof in list.ok_or(WitnessError::Malformed)? {
                if let Ok(proof) = UnverifiedProof::parse(proof) {
                    proofs.push((id.clone(), proof));
                }
            }
        }
        Ok(Self(proofs))
    }

    /// Verifies every proof once against the published log. A proof for a version that
    /// is not in this log approves nothing, or one DID's approval would pass for another's.
    pub(crate) fn approvals(&self, versions: &[VersionId], budget: &mut Budget) -> Result<Approvals<'_>, OverBudget> {
        let mut newest: HashMap<&str, usize> = HashMap::new();
        for (id, proof) in &self.0 {
            // Versions are numbered from 1 without gaps.
            let at = usize::try_from(id.number())
                .ok()
                .and_then(|number| number.checked_sub(1));
            let Some(at) = at.filter(|at| versions.get(*at) == Some(id)) else {
                continue;
            };
            let known = newest.get(proof.multikey()).is_some_and(|known| *known >= at);
            if known {
                continue;
            }
            let approved = json!({ "versionId": id.to_string() });
            if proof.verify_within(&approved, budget)?.is_ok() {
                newest.insert(proof.multikey(), at);
            }
        }
        Ok(Approvals { newest })
    }
}

/// The newest entry each witness approved; approving one approves all before it.
pub(crate) struct Approvals<'a> {
    newest: HashMap<&'a str, usize>,
}

impl Approvals<'_> {
    /// Whether the entry at index `at` has enough distinct witnesses.
    pub(crate) fn check(&self, rule: &WitnessRule, at: usize) -> Result<(), WitnessError> {
        let approved = |key: &&String| self.newest.get(key.as_str()).is_some_and(|newest| *newest >= at);
        if rule.keys.iter().filter(approved).count() < rule.threshold {
            return Err(WitnessError::Threshold);
        }
        Ok(())
    }
}

/// Why witness proofs do not suffice. did:webvh 1.0, "Witness Threshold Algorithm".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// `did-witness.json` has more bytes or values than the budget allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// `did-witness.json` is not a list of versions with proofs.
    #[error("the witness file is malformed")]
    Malformed,
    /// Fewer distinct witnesses approved an entry than its rule asks.
    #[error("too few witnesses approved an entry")]
    Threshold,
}

/// A witness is named by the `did:key` of an Ed25519 key, checked when the rule is read.
fn witness_key(json: &Value) -> Result<String, ParameterError> {
    let id = json.get("id").and_then(Value::as_str).ok_or(ParameterError::Witness)?;
    let key = id.strip_prefix("did:key:").ok_or(ParameterError::WitnessKey)?;
    match multikey::decode(key) {
        Ok(jwk) if jwk.algorithm() == Algorithm::EdDsa => Ok(key.to_owned()),
        _ => Err(ParameterError::WitnessKey),
    }
}
