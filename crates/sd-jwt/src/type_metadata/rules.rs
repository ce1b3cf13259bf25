//! A credential held against the rules of its type. draft-ietf-oauth-sd-jwt-vc §5.6, §5.7.

use jose::{Budget, OverBudget};
use serde_json::Value;

use super::selection::{PathError, Selected, Selection, View};
use super::{ClaimMetadata, ClaimPattern, ResolvedType, SelectiveDisclosure};
use crate::parts::Processed;
use crate::{HeldSdJwt, VerifiedCredential, budget};

/// Why a credential is not what its type says it must be; it must be rejected. §5.7.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimRuleError {
    /// The metadata are those of another type.
    #[error("the type metadata are of another type")]
    OtherType,
    /// The credential says what its type metadata hash to, and these were not held against it. §6.
    #[error("the type metadata were not checked against vct#integrity")]
    IntegrityUnchecked,
    /// The path has a name for something that is no object, or a place for what is no array. §5.6.1.
    #[error("the path {0} does not fit the credential")]
    Path(ClaimPattern),
    /// The issuer has not included a mandatory claim. §5.6.3.
    #[error("the mandatory claim {0} is missing")]
    Missing(ClaimPattern),
    /// `sd` is `always` and the claim cannot be withheld. §5.6.4.
    #[error("{0} must be selectively disclosable")]
    NotDisclosable(ClaimPattern),
    /// `sd` is `never` and the claim can be withheld. §5.6.4.
    #[error("{0} must not be selectively disclosable")]
    Disclosable(ClaimPattern),
    /// The paths select more than [`budget::CLAIM_RULES`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}

/// What whoever looks at the credential has of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Disclosures {
    /// All of them: what does not show is a decoy.
    All,
    /// Those that the holder chose.
    Some,
}

impl ResolvedType {
    /// Checks what a wallet received: it has every disclosure.
    pub fn check_held(&self, held: &HeldSdJwt) -> Result<(), ClaimRuleError> {
        self.check(held.processed(), Disclosures::All)
    }

    /// Checks what a verifier was shown. That a claim which can be withheld does not show is never
    /// held against its issuer (§5.6).
    pub fn check_presented(&self, credential: &VerifiedCredential) -> Result<(), ClaimRuleError> {
        self.check(credential.processed(), Disclosures::Some)
    }

    fn check(&self, processed: &Processed, disclosures: Disclosures) -> Result<(), ClaimRuleError> {
        let text = |name: &str| processed.claims.get(name).and_then(Value::as_str);
        if text("vct") != Some(self.reference().vct.as_str()) {
            return Err(ClaimRuleError::OtherType);
        }
        let checked = self.reference().integrity.as_ref().map(crate::Integrity::as_str);
        if processed.claims.contains_key("vct#integrity") && text("vct#integrity") != checked {
            return Err(ClaimRuleError::IntegrityUnchecked);
        }
        let view = View::of(processed);
        let mut budget = budget::CLAIM_RULES;
        self.claims()
            .iter()
            .try_for_each(|rule| self.check_rule(rule, &view, disclosures, &mut budget))
    }

    fn check_rule(
        &self,
        rule: &ClaimMetadata,
        view: &View<'_>,
        disclosures: Disclosures,
        budget: &mut Budget,
    ) -> Result<(), ClaimRuleError> {
        let path = || rule.path().clone();
        let selection = view.select(rule.path(), budget).map_err(|error| match error {
            PathError::WrongKind => ClaimRuleError::Path(path()),
            PathError::OverBudget(over) => over.into(),
        })?;
        if rule.is_mandatory() && selection.selected.is_empty() {
            let may_be_there = disclosures == Disclosures::Some && self.may_be_there(rule, &selection);
            if !may_be_there {
                return Err(ClaimRuleError::Missing(path()));
            }
        }
        for selected in &selection.selected {
            let is_disclosure = match selected {
                Selected::Shown { path: place, .. } => view.is_disclosure(place),
                Selected::KeptBack => true,
            };
            match (rule.sd(), is_disclosure) {
                (SelectiveDisclosure::Always, false) => return Err(ClaimRuleError::NotDisclosable(path())),
                (SelectiveDisclosure::Never, true) => return Err(ClaimRuleError::Disclosable(path())),
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether a claim that does not show may have been kept back: it, or what it lies in, is
    /// allowed to be withheld, and there is a digest for it.
    fn may_be_there(&self, rule: &ClaimMetadata, selection: &Selection<'_>) -> bool {
        let elements = rule.path().elements();
        let may_be_withheld = |position: &usize| {
            let way = elements.get(..=*position).unwrap_or(elements);
            let rule = self.claims().iter().find(|other| other.path().elements() == way);
            rule.is_none_or(|rule| rule.sd() != SelectiveDisclosure::Never)
        };
        selection.goes_on_unseen || selection.veiled_at.iter().any(may_be_withheld)
    }
}
