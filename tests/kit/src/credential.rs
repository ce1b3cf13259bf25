//! Credentials of the four kinds, issued to any key.
#![expect(clippy::expect_used, reason = "fixtures: what goes wrong here is a failed test")]

use jose::{PrivateJwk, PublicJwk, SigningKey, UnixTime};
use sd_jwt::{CredentialDraft, Disclosable, Padding, StatusReference};
use serde_json::{Map, Value, json};

const DAY: UnixTime = 24 * 3600;

/// A P-256 key that is the same in every run; different for each number.
pub fn key(number: u64) -> PrivateJwk {
    PrivateJwk::generate_p256(&mut random(number))
}

/// A signer for a key.
pub fn signer(key: &PrivateJwk) -> SigningKey {
    SigningKey::new(key).expect("a signing key")
}

/// Bytes that are the same in every run and differ from draw to draw; not random to anyone.
pub fn random(seed: u64) -> impl FnMut(&mut [u8]) {
    let mut state = seed;
    move |out: &mut [u8]| {
        for byte in out {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = state.to_be_bytes()[0];
        }
    }
}

/// An agency as an issuer of credentials.
pub struct Agency {
    /// Its DID: the `iss` claim.
    pub did: String,
    /// The DID URL of its key: the `kid` header.
    pub kid: String,
    /// The key it signs credentials with.
    pub key: PrivateJwk,
    /// The `x5c` header, for online copies.
    pub x5c: Option<Value>,
}

impl Agency {
    /// An agency without certificates.
    pub fn new(did: &str, kid: &str, key: PrivateJwk) -> Self {
        Self {
            did: did.to_owned(),
            kid: kid.to_owned(),
            key,
            x5c: None,
        }
    }

    /// A draft with the dates rounded to the day, valid for a year, every claim disclosable,
    /// padded to sixteen digests, with no status. Change its fields before issuing.
    pub fn draft(&self, vct: &str, claims: Map<String, Value>, holder: &PublicJwk, now: UnixTime) -> CredentialDraft {
        let day = now - now % DAY;
        CredentialDraft {
            vct: vct.to_owned(),
            issuer: Some(self.did.clone()),
            issued_at: day,
            not_before: day,
            expires: day + 365 * DAY,
            holder_key: holder.clone(),
            status: None,
            claims,
            disclosable: Disclosable::EveryClaim,
            padding: Padding::To(16),
        }
    }

    /// Signs a draft.
    pub fn issue(&self, draft: CredentialDraft) -> String {
        let drawn = draft.status.as_ref().map_or(0, |status| status.index);
        draft
            .issue(
                Some(&self.kid),
                self.x5c.clone(),
                &mut random(drawn),
                &signer(&self.key),
            )
            .expect("a credential")
    }
}

/// Where the status of a copy is found.
pub fn status(uri: &str, index: u64) -> StatusReference {
    StatusReference::of_token(uri, index)
}

/// The type of a credential by the name of its file in `schemas/`.
pub fn vct(credential_type: &str) -> String {
    format!("urn:holdfast:vct:{credential_type}:1")
}

/// Claims of a person identification: born on 1990-05-17.
pub fn person_identification() -> Map<String, Value> {
    object(json!({
        "given_name": "Erika",
        "family_name": "Mustermann",
        "birth_date": "1990-05-17",
        "place_of_birth": "Berlin",
        "nationality": "DE",
        "personal_number": "900517-1234",
        "sex": "female",
        "portrait": "data:image/png;base64,iVBORw0KGgo=",
        "age_over_16": true,
        "age_over_18": true,
        "age_over_21": true,
        "age_over_65": false,
    }))
}

/// Claims of a residence.
pub fn residence() -> Map<String, Value> {
    object(json!({
        "street_address": "Heidestraße 17",
        "postal_code": "51147",
        "locality": "Köln",
        "region": "NW",
        "country": "DE",
        "resident_since": "2015-03-01",
    }))
}

/// Claims of a driving licence.
pub fn driving_licence() -> Map<String, Value> {
    object(json!({
        "given_name": "Erika",
        "family_name": "Mustermann",
        "birth_date": "1990-05-17",
        "licence_number": "B072RRE2I55",
        "categories": ["AM", "B"],
        "issue_date": "2012-06-01",
        "expiry_date": "2027-05-31",
        "portrait": "data:image/png;base64,iVBORw0KGgo=",
    }))
}

/// Claims of a business representative.
pub fn business_representative() -> Map<String, Value> {
    object(json!({
        "organisation_name": "Muster GmbH",
        "organisation_number": "HRB 12345",
        "role": "managing director",
        "given_name": "Erika",
        "family_name": "Mustermann",
        "valid_powers": ["sign"],
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use jose::VerifyingKey;
    use sd_jwt::{Requirements, UnverifiedSdJwt};

    use super::*;

    #[test]
    fn a_wallet_takes_each_kind() {
        let now = 1_795_176_000;
        let agency = Agency::new("did:web:agency.example", "did:web:agency.example#key-1", key(1));
        let holder = key(2);
        let kinds = [
            ("person-identification", person_identification()),
            ("residence", residence()),
            ("driving-licence", driving_licence()),
            ("business-representative", business_representative()),
        ];
        for (kind, claims) in kinds {
            let mut draft = agency.draft(&vct(kind), claims.clone(), holder.public(), now);
            draft.status = Some(status("https://agency.example/status/1", 7));
            let issuer_key = VerifyingKey::new(agency.key.public()).unwrap();
            let (held, credential) = UnverifiedSdJwt::parse(&agency.issue(draft))
                .unwrap()
                .receive(&issuer_key, holder.public(), Requirements::Anchored, now)
                .unwrap();
            assert_eq!(credential.vct(), vct(kind));
            assert_eq!(held.disclosable().count(), claims.len());
        }
    }
}
