//! What a business may ask. docs/ledger.md §4.4.

use did::Did;
use jose::UnixTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json::{hash_texts, optional_hash_text};
use super::text::{check_impersonal, check_impersonal_text, check_link, check_public_link, check_token};
use super::{Localized, PayloadError, check_count, check_order, from_canonical, to_canonical};
use crate::hash::Hash;

/// Access certificates of a business, at most.
pub(crate) const ACCESS_CERTIFICATES: usize = 16;
/// Sets of claims of a credential, at most.
const CLAIM_SETS: usize = 16;

/// The registered scope of a business. It may ask what is in it, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// SHA-256 of each access certificate (DER): the `x509_hash` of OpenID4VP 1.0 §5.9.3. Sorted.
    #[serde(with = "hash_texts")]
    pub access_certificates: Vec<Hash>,
    /// The business's name.
    pub name: Localized,
    /// What it asks for.
    pub purposes: Vec<Purpose>,
    /// The business.
    pub subject: Did,
    /// Registered while now is earlier.
    pub valid_until: UnixTime,
}

/// One reason to ask, and what may be asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Where it is asked.
    pub channel: Channel,
    /// Which claims of which cards.
    pub credentials: Vec<ScopeCredential>,
    /// Names the purpose in requests.
    pub id: String,
    /// Link to the privacy policy.
    pub privacy_policy: String,
    /// How long claims are kept; 0: not kept.
    pub retention_days: u32,
    /// Hash of the rule that turns what is shown into yes or no. docs/rules.md §5
    #[serde(default, with = "optional_hash_text", skip_serializing_if = "Option::is_none")]
    pub rule: Option<Hash>,
    /// Why, in words a person reads.
    pub text: Localized,
}

/// Where a business asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Over the network.
    Online,
    /// Face to face.
    InPerson,
}

/// Claims of one kind of card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeCredential {
    /// Sets of claims any of which serves the purpose, from the smallest to the largest; empty where there is nothing to
    /// choose. What all of them have is needed, the rest of them is optional. docs/ledger.md §4.4
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claim_sets: Vec<Vec<ClaimPath>>,
    /// Claims without which the purpose is not served.
    pub needed: Vec<ClaimPath>,
    /// Claims that a person may leave out.
    pub optional: Vec<ClaimPath>,
    /// Card types, any of them.
    pub vct_values: Vec<String>,
}

/// A claims path pointer. OpenID4VP 1.0 §7
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClaimPath(pub Vec<PathElement>);

/// A step of a claims path pointer. OpenID4VP 1.0 §7
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PathElement {
    /// A member of an object.
    Name(String),
    /// An element of an array.
    Index(u64),
    /// Every element of an array; `null`.
    Every,
}

/// What a scope says about a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// May be asked, and is needed.
    Needed,
    /// May be asked; a person may leave it out.
    Optional,
    /// Must not be asked.
    Outside,
}

impl Scope {
    /// Reads the payload.
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        let scope: Self = from_canonical(bytes)?;
        scope.check()?;
        Ok(scope)
    }

    /// The payload's bytes.
    pub fn encode(&self) -> Result<Vec<u8>, PayloadError> {
        self.check()?;
        to_canonical(self)
    }

    /// The purpose of this id.
    pub fn purpose(&self, id: &str) -> Option<&Purpose> {
        self.purposes.iter().find(|purpose| purpose.id == id)
    }

    /// What the scope says about a claim asked for a purpose.
    pub fn covers(&self, purpose: &str, vct: &str, path: &ClaimPath) -> Coverage {
        self.purpose(purpose)
            .map_or(Coverage::Outside, |purpose| purpose.covers(vct, path))
    }

    /// Refuses words that look like the address or number of a person.
    pub(super) fn check_words(&self) -> Result<(), PayloadError> {
        check_impersonal("name", &self.name)?;
        self.purposes.iter().try_for_each(Purpose::check_words)
    }

    fn check(&self) -> Result<(), PayloadError> {
        check_count(
            "access_certificates",
            self.access_certificates.len(),
            1..=ACCESS_CERTIFICATES,
        )?;
        check_order("access_certificates", &self.access_certificates, |hash| *hash)?;
        check_count("purposes", self.purposes.len(), 1..=32)?;
        for (index, purpose) in self.purposes.iter().enumerate() {
            if self.purposes[..index].iter().any(|before| before.id == purpose.id) {
                return Err(PayloadError::Order("purposes"));
            }
            purpose.check()?;
        }
        Ok(())
    }
}

impl Purpose {
    /// What the purpose says about a claim of a card type.
    pub fn covers(&self, vct: &str, path: &ClaimPath) -> Coverage {
        let mut coverage = Coverage::Outside;
        for credential in self.credentials.iter().filter(|credential| credential.has_type(vct)) {
            if credential.needed.iter().any(|covered| covered.covers(path)) {
                return Coverage::Needed;
            }
            if credential.optional.iter().any(|covered| covered.covers(path)) {
                coverage = Coverage::Optional;
            }
        }
        coverage
    }

    fn check_words(&self) -> Result<(), PayloadError> {
        check_impersonal_text("purpose id", &self.id)?;
        check_public_link("privacy_policy", &self.privacy_policy)?;
        check_impersonal("text", &self.text)
    }

    fn check(&self) -> Result<(), PayloadError> {
        check_token("purpose id", &self.id)?;
        check_link("privacy_policy", &self.privacy_policy)?;
        check_count("credentials", self.credentials.len(), 1..=16)?;
        self.credentials.iter().try_for_each(ScopeCredential::check)
    }
}

impl ScopeCredential {
    /// Optional claims that belong to none of its sets: whichever is chosen, they may be left out.
    pub fn beside_sets(&self) -> impl Iterator<Item = &ClaimPath> {
        let in_none = move |path: &&ClaimPath| self.claim_sets.iter().all(|set| !set.contains(path));
        self.optional.iter().filter(in_none)
    }

    /// The first of its sets of which a query takes the choice away: whoever shows no more than it has not answered.
    /// `enough` are the sets any of which answers, `needed` what all of them have. What is in some of them alone has to be
    /// named as it is here: a part of it need not be there where it is.
    pub fn choice_taken(&self, needed: &[ClaimPath], enough: &[Vec<ClaimPath>]) -> Option<&[ClaimPath]> {
        let is_within = |wanted: &[ClaimPath], set: &[ClaimPath]| {
            let is_part = |path: &ClaimPath| needed.contains(path) && set.iter().any(|own| own.covers(path));
            wanted.iter().all(|path| set.contains(path) || is_part(path))
        };
        let mut sets = self.claim_sets.iter();
        let taken = sets.find(|set| !enough.iter().any(|wanted| is_within(wanted, set)))?;
        Some(taken)
    }

    /// Whether it is about cards of this type, by what a format calls it.
    pub fn has_type(&self, vct: &str) -> bool {
        self.vct_values.iter().any(|value| value == vct)
    }

    fn check(&self) -> Result<(), PayloadError> {
        check_count("vct_values", self.vct_values.len(), 1..=16)?;
        self.vct_values.iter().try_for_each(|vct| check_token("vct", vct))?;
        check_count("claims", self.needed.len() + self.optional.len(), 0..=128)?;
        self.needed
            .iter()
            .chain(&self.optional)
            .try_for_each(ClaimPath::check)?;
        self.check_sets()
    }

    /// Two sets at least, none within another, and of all of them what is needed, and nothing that is not named.
    fn check_sets(&self) -> Result<(), PayloadError> {
        let sets = &self.claim_sets;
        if sets.is_empty() {
            return Ok(());
        }
        check_count("claim_sets", sets.len(), 2..=CLAIM_SETS)?;
        let is_within = |set: &[ClaimPath], other: &[ClaimPath]| set.iter().all(|path| other.contains(path));
        let in_all = |path: &ClaimPath| sets.iter().all(|set| set.contains(path));
        for (place, set) in sets.iter().enumerate() {
            let is_named = |path: &ClaimPath| self.needed.contains(path) || self.optional.contains(path);
            if !set.iter().all(is_named) || !is_within(&self.needed, set) {
                return Err(PayloadError::ClaimSet);
            }
            if set.iter().enumerate().any(|(at, path)| set[..at].contains(path)) {
                return Err(PayloadError::Order("claim_sets"));
            }
            let mut others = sets.iter().enumerate().filter(|(other, _)| *other != place);
            if others.any(|(_, other)| is_within(set, other)) {
                return Err(PayloadError::ClaimSet);
            }
        }
        if self.optional.iter().any(in_all) {
            return Err(PayloadError::ClaimSet);
        }
        if sets.is_sorted_by_key(Vec::len) {
            Ok(())
        } else {
            Err(PayloadError::Order("claim_sets"))
        }
    }
}

impl ClaimPath {
    /// A path of member names.
    pub fn names(names: &[&str]) -> Self {
        Self(names.iter().map(|name| PathElement::Name((*name).to_owned())).collect())
    }

    /// Reads a path of a DCQL query.
    pub fn from_json(value: &Value) -> Result<Self, PayloadError> {
        let path: Self = super::from_value(value.clone())?;
        path.check()?;
        Ok(path)
    }

    /// True for the path itself and what lies below it.
    pub(super) fn covers(&self, asked: &Self) -> bool {
        asked.0.len() >= self.0.len()
            && self.0.iter().zip(&asked.0).all(|(covered, asked)| match covered {
                PathElement::Every => !matches!(asked, PathElement::Name(_)),
                exact => exact == asked,
            })
    }

    pub(super) fn check(&self) -> Result<(), PayloadError> {
        check_count("path", self.0.len(), 1..=16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use test_case::test_case;

    fn purpose() -> Purpose {
        Purpose {
            channel: Channel::Online,
            credentials: vec![ScopeCredential {
                claim_sets: Vec::new(),
                needed: vec![ClaimPath::names(&["age_over_18"]), ClaimPath::names(&["address"])],
                optional: vec![
                    ClaimPath::names(&["portrait"]),
                    ClaimPath(vec![PathElement::Name("nationalities".to_owned()), PathElement::Every]),
                ],
                vct_values: vec!["urn:a".to_owned(), "urn:b".to_owned()],
            }],
            id: "age".to_owned(),
            privacy_policy: "https://shop.example/privacy".to_owned(),
            retention_days: 0,
            rule: None,
            text: Localized::english("Age check").unwrap(),
        }
    }

    fn scope() -> Scope {
        Scope {
            access_certificates: vec![[1; 32], [2; 32]],
            name: Localized::english("Shop").unwrap(),
            purposes: vec![purpose()],
            subject: "did:webvh:QmX:shop.example".parse().unwrap(),
            valid_until: 2_000_000_000,
        }
    }

    #[test_case("age", "urn:a", json!(["age_over_18"]) => Coverage::Needed ; "needed")]
    #[test_case("age", "urn:b", json!(["portrait"]) => Coverage::Optional ; "optional_of_the_second_type")]
    #[test_case("age", "urn:a", json!(["address", "locality"]) => Coverage::Needed ; "below_a_path")]
    #[test_case("age", "urn:a", json!(["nationalities", 3]) => Coverage::Optional ; "an_element_of_every")]
    #[test_case("age", "urn:a", json!(["nationalities"]) => Coverage::Outside ; "above_a_path")]
    #[test_case("age", "urn:a", json!(["birth_date"]) => Coverage::Outside ; "other_claim")]
    #[test_case("age", "urn:c", json!(["age_over_18"]) => Coverage::Outside ; "other_type")]
    #[test_case("rent", "urn:a", json!(["age_over_18"]) => Coverage::Outside ; "other_purpose")]
    fn coverage(purpose: &str, vct: &str, path: Value) -> Coverage {
        scope().covers(purpose, vct, &ClaimPath::from_json(&path).unwrap())
    }

    #[test_case(json!([]) => PayloadError::Count("path") ; "empty")]
    #[test_case(json!([-1]) => PayloadError::Json(jose::strict_json::StrictJsonError::Shape) ; "negative")]
    #[test_case(json!([true]) => PayloadError::Json(jose::strict_json::StrictJsonError::Shape) ; "boolean")]
    fn bad_paths(path: Value) -> PayloadError {
        ClaimPath::from_json(&path).unwrap_err()
    }

    #[test]
    fn a_scope_comes_back() {
        assert_eq!(Scope::parse(&scope().encode().unwrap()), Ok(scope()));
    }

    #[test]
    fn a_purpose_may_name_its_rule() {
        let mut scope = scope();
        scope.purposes[0].rule = Some([7; 32]);
        let bytes = scope.encode().unwrap();
        assert_eq!(Scope::parse(&bytes), Ok(scope));
        let text = String::from_utf8(bytes).unwrap();
        let shorter = text.replace("\"rule\":\"", "\"rule\":\"B");
        let null = text.replace(&format!("\"{}\"", jose::base64url::encode([7; 32])), "null");
        assert_ne!(null, text);
        for broken in [shorter, null] {
            let refused = Scope::parse(broken.as_bytes());
            assert_eq!(
                refused,
                Err(PayloadError::Json(jose::strict_json::StrictJsonError::Shape))
            );
        }
    }

    /// 18 or older, or the day of birth; the portrait beside it.
    fn choosing(change: fn(&mut ScopeCredential)) -> Result<Vec<u8>, PayloadError> {
        let path = |name: &str| ClaimPath::names(&[name]);
        let mut scope = scope();
        let credential = &mut scope.purposes[0].credentials[0];
        credential.needed = vec![path("address")];
        credential.optional = vec![path("age_over_18"), path("birth_date"), path("portrait")];
        credential.claim_sets = vec![
            vec![path("address"), path("age_over_18")],
            vec![path("address"), path("birth_date")],
        ];
        change(credential);
        let bytes = to_canonical(&scope).unwrap();
        let read = Scope::parse(&bytes).map(|read| assert_eq!(read, scope));
        read.and_then(|()| scope.encode())
    }

    #[test]
    fn a_scope_with_claim_sets_comes_back() {
        let text = String::from_utf8(choosing(|_| ()).unwrap()).unwrap();
        let sets =
            r#"{"claim_sets":[[["address"],["age_over_18"]],[["address"],["birth_date"]]],"needed":[["address"]],"#;
        assert!(text.contains(sets), "{text}");
    }

    #[test]
    fn what_is_of_no_set_may_be_left_out_with_each() {
        let mut credential = scope().purposes[0].credentials[0].clone();
        assert_eq!(credential.beside_sets().count(), 2);
        credential.claim_sets = vec![vec![credential.optional[0].clone()]];
        assert_eq!(credential.beside_sets().collect::<Vec<_>>(), [&credential.optional[1]]);
    }

    #[test_case(|credential| { credential.claim_sets.pop(); } => PayloadError::Count("claim_sets") ; "one")]
    #[test_case(|credential| credential.claim_sets = vec![vec![]; 17] => PayloadError::Count("claim_sets") ; "too_many")]
    #[test_case(|credential| { credential.claim_sets[0].remove(0); } => PayloadError::ClaimSet ; "without_what_is_needed")]
    #[test_case(|credential| credential.claim_sets[0].push(ClaimPath::names(&["family_name"])) => PayloadError::ClaimSet ; "of_what_is_not_named")]
    #[test_case(|credential| { let birth_date = credential.claim_sets[1][1].clone(); credential.claim_sets[0].push(birth_date); } => PayloadError::ClaimSet ; "one_within_another")]
    #[test_case(|credential| { let portrait = credential.optional[2].clone(); credential.claim_sets.iter_mut().for_each(|set| set.push(portrait.clone())); } => PayloadError::ClaimSet ; "optional_and_in_all")]
    #[test_case(|credential| { let address = credential.needed[0].clone(); credential.claim_sets[0].push(address); } => PayloadError::Order("claim_sets") ; "a_claim_twice")]
    #[test_case(|credential| { let portrait = credential.optional[2].clone(); credential.claim_sets[0].push(portrait); } => PayloadError::Order("claim_sets") ; "the_largest_first")]
    fn claim_sets_that_are_no_choice_are_refused(change: fn(&mut ScopeCredential)) -> PayloadError {
        choosing(change).unwrap_err()
    }

    #[test]
    fn a_purpose_without_claim_sets_is_written_as_before_there_were_any() {
        let text = String::from_utf8(scope().encode().unwrap()).unwrap();
        assert!(!text.contains("claim_sets"));
    }

    #[test]
    fn a_purpose_without_a_rule_is_written_as_before_there_were_any() {
        let text = String::from_utf8(scope().encode().unwrap()).unwrap();
        assert!(!text.contains("rule"));
    }

    #[test_case(|scope| scope.access_certificates.clear() => PayloadError::Count("access_certificates") ; "no_certificate")]
    #[test_case(|scope| scope.access_certificates.reverse() => PayloadError::Order("access_certificates") ; "unsorted_certificates")]
    #[test_case(|scope| scope.purposes.clear() => PayloadError::Count("purposes") ; "no_purpose")]
    #[test_case(|scope| scope.purposes.push(purpose()) => PayloadError::Order("purposes") ; "purpose_twice")]
    #[test_case(|scope| scope.purposes[0].id = "a b".to_owned() => PayloadError::Text("purpose id") ; "purpose_id_with_space")]
    #[test_case(|scope| scope.purposes[0].privacy_policy = "ftp://x".to_owned() => PayloadError::Text("privacy_policy") ; "no_web_link")]
    #[test_case(|scope| scope.purposes[0].credentials.clear() => PayloadError::Count("credentials") ; "no_credential")]
    #[test_case(|scope| scope.purposes[0].credentials[0].vct_values.clear() => PayloadError::Count("vct_values") ; "no_type")]
    fn a_scope_that_breaks_a_rule_is_refused(change: fn(&mut Scope)) -> PayloadError {
        let mut scope = scope();
        change(&mut scope);
        let bytes = to_canonical(&scope).unwrap();
        assert_eq!(scope.encode(), Scope::parse(&bytes).map(|_| bytes.clone()));
        Scope::parse(&bytes).unwrap_err()
    }

    #[test]
    fn a_member_that_the_schema_does_not_name_is_refused() {
        let mut value = serde_json::to_value(scope()).unwrap();
        value["contact"] = json!("a person");
        let bytes = to_canonical(&value).unwrap();
        assert_eq!(
            Scope::parse(&bytes),
            Err(PayloadError::Json(jose::strict_json::StrictJsonError::Shape))
        );
    }
}
