//! What a verified presentation contributes to its query. OpenID4VP 1.0 §8.6 step 2

use std::fmt;

use sd_jwt::{ClaimPath, PathElement};
use serde_json::Value;

use crate::{Candidate, ClaimsPath, CredentialQuery, PathComponent, PathView};

/// The claims that were asked for and shown; whatever else was shown is
/// counted and gone. `Debug` shows no values.
#[derive(Clone, PartialEq)]
pub struct PresentedClaims {
    claims: Vec<Presented>,
    over_disclosed: usize,
}

#[derive(Clone, PartialEq)]
struct Presented {
    path: ClaimsPath,
    name: Option<String>,
    value: Value,
}

/// The presentation is not of the kind, or does not show the claims, that the
/// query asks for. OpenID4VP 1.0 §8.6 step 2.2
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the presentation does not answer its query")]
pub struct NotAnAnswer;

impl CredentialQuery {
    /// Checks a presentation, whose signature and key binding were verified,
    /// against the query it is sent for, and keeps what was asked for.
    ///
    /// `disclosed` are the claims that the holder chose to show.
    pub fn presented<'d>(
        &self,
        candidate: &Candidate<'_>,
        disclosed: impl IntoIterator<Item = &'d ClaimPath>,
    ) -> Result<PresentedClaims, NotAnAnswer> {
        self.selections(candidate, PathView::Presentation).ok_or(NotAnAnswer)?;
        let asked = || self.claims().iter().map(|claim| claim.path());
        let over_disclosed = disclosed
            .into_iter()
            .filter(|shown| !asked().any(|path| path.touches(shown)))
            .count();
        let mut claims: Vec<Presented> = Vec::new();
        for path in asked() {
            if claims.iter().any(|known| known.path == *path) {
                continue;
            }
            if let Ok(selected) = path.select(candidate.claims, PathView::Presentation) {
                claims.push(Presented {
                    path: path.clone(),
                    name: self.meta.claim_name(path).map(str::to_owned),
                    value: value_of(path, &selected),
                });
            }
        }
        Ok(PresentedClaims { claims, over_disclosed })
    }
}

impl PresentedClaims {
    /// The claims asked for, in the query's order, with their values. A path
    /// to all elements of an array has an array of what it selects.
    pub fn claims(&self) -> impl Iterator<Item = (&ClaimsPath, &Value)> {
        self.claims.iter().map(|claim| (&claim.path, &claim.value))
    }

    /// Those that have a name for a rule, by it: [`crate::Meta::claim_name`].
    pub fn named(&self) -> impl Iterator<Item = (&str, &Value)> {
        let named = self.claims.iter();
        named.filter_map(|claim| Some((claim.name.as_deref()?, &claim.value)))
    }

    /// How many claims were shown that nobody asked for.
    pub fn over_disclosed(&self) -> usize {
        self.over_disclosed
    }
}

impl fmt::Debug for PresentedClaims {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PresentedClaims")
            .field("claims", &self.claims.len())
            .field("over_disclosed", &self.over_disclosed)
            .finish_non_exhaustive()
    }
}

impl ClaimsPath {
    /// The claims that the path means in a held credential: wildcards are
    /// written out. Empty when the path selects nothing.
    pub fn resolve(&self, root: &Value) -> Vec<ClaimPath> {
        if self.select(root, PathView::Credential).is_err() {
            return Vec::new();
        }
        let mut found: Vec<(ClaimPath, &Value)> = vec![(ClaimPath::default(), root)];
        for component in self.components() {
            found = found
                .into_iter()
                .flat_map(|(path, value)| children(&path, value, component))
                .collect();
        }
        found.into_iter().map(|(path, _)| path).collect()
    }

    /// Whether a claim at that place contains, or lies in, what the path means.
    fn touches(&self, shown: &ClaimPath) -> bool {
        self.components()
            .iter()
            .zip(shown.elements())
            .all(|(component, element)| match (component, element) {
                (PathComponent::Key(key), PathElement::Name(name)) => key == name,
                (PathComponent::Index(_) | PathComponent::AllElements, PathElement::Index(_)) => true,
                _ => false,
            })
    }
}

fn children<'v>(path: &ClaimPath, value: &'v Value, component: &PathComponent) -> Vec<(ClaimPath, &'v Value)> {
    match component {
        PathComponent::Key(key) => value
            .get(key)
            .map(|child| (path.child(PathElement::Name(key.clone())), child))
            .into_iter()
            .collect(),
        PathComponent::Index(index) => usize::try_from(*index)
            .ok()
            .and_then(|index| Some((path.child(PathElement::Index(index)), value.get(index)?)))
            .into_iter()
            .collect(),
        PathComponent::AllElements => {
            let elements = value.as_array().map_or(&[][..], Vec::as_slice);
            elements
                .iter()
                .enumerate()
                .map(|(index, child)| (path.child(PathElement::Index(index)), child))
                .collect()
        }
    }
}

fn value_of(path: &ClaimsPath, selected: &[&Value]) -> Value {
    match selected {
        [one] if !path.components().contains(&PathComponent::AllElements) => (*one).clone(),
        all => all.iter().map(|value| (*value).clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{CredentialType, DcqlQuery, HolderBinding};

    fn query() -> DcqlQuery {
        DcqlQuery::parse(&json!({ "credentials": [{
            "id": "q", "format": "dc+sd-jwt", "meta": { "vct_values": ["t"] },
            "claims": [
                { "id": "a", "path": ["age_over_18"] },
                { "id": "c", "path": ["categories", null, "code"] }
            ],
            "claim_sets": [["a"], ["a", "c"]]
        }] }))
        .unwrap()
    }

    fn candidate(claims: &Value) -> Candidate<'_> {
        Candidate {
            format: "dc+sd-jwt",
            kind: CredentialType::Vct("t"),
            claims,
            holder_binding: HolderBinding::Cryptographic,
            authorities: &[],
        }
    }

    #[test]
    fn keeps_what_was_asked_and_counts_the_rest() {
        let claims = json!({ "age_over_18": true, "family_name": "Dent",
            "categories": [{ "code": "B", "since": 2001 }, { "code": "A", "since": 2002 }] });
        let disclosed: Vec<ClaimPath> = vec!["age_over_18".into(), "family_name".into(), "categories".into()];
        let presented = query()
            .credential("q")
            .unwrap()
            .presented(&candidate(&claims), &disclosed)
            .unwrap();
        let kept: Vec<_> = presented
            .claims()
            .map(|(path, value)| (path.to_string(), value.clone()))
            .collect();
        assert_eq!(
            kept,
            [
                ("age_over_18".to_owned(), json!(true)),
                ("categories.*.code".to_owned(), json!(["B", "A"]))
            ]
        );
        assert_eq!(presented.over_disclosed(), 1);
    }

    #[test]
    fn an_optional_claim_may_stay_away() {
        let claims = json!({ "age_over_18": false });
        let presented = query()
            .credential("q")
            .unwrap()
            .presented(&candidate(&claims), [])
            .unwrap();
        assert_eq!(presented.claims().count(), 1);
    }

    #[test]
    fn debug_shows_no_values() {
        let claims = json!({ "age_over_18": "secret", "categories": [{ "code": "B" }] });
        let presented = query()
            .credential("q")
            .unwrap()
            .presented(&candidate(&claims), [])
            .unwrap();
        assert_eq!(
            format!("{presented:?}"),
            "PresentedClaims { claims: 2, over_disclosed: 0, .. }"
        );
    }

    #[test]
    fn a_needed_claim_may_not() {
        let claims = json!({ "categories": [] });
        let outcome = query().credential("q").unwrap().presented(&candidate(&claims), []);
        assert_eq!(outcome, Err(NotAnAnswer));
    }

    #[test]
    fn wildcards_are_written_out() {
        let path = ClaimsPath::parse(&json!(["categories", null, "code"])).unwrap();
        let held = json!({ "categories": [{ "code": "B" }, { "code": "A" }] });
        let places: Vec<String> = path.resolve(&held).iter().map(ToString::to_string).collect();
        assert_eq!(places, ["categories[0].code", "categories[1].code"]);
        assert_eq!(path.resolve(&json!({})), []);
    }
}
