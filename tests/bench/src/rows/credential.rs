//! A credential with eight claims that can be withheld, of which two are shown.

use anyhow::{Result, anyhow, ensure};
use jose::{SigningKey, UnixTime, VerifyingKey};
use sd_jwt::{
    Challenge, CredentialDraft, KeyBindingPolicy, Padding, Requirements, UnverifiedPresentation, UnverifiedSdJwt,
};
use serde_json::{Map, Value, json};
use status_list::{Bits, Status, StatusList};
use testkit::credential::{Agency, key, signer, status};

use crate::limits::{BareChecks, BareSignature};
use crate::measure::rates;
use crate::report::Line;

pub(super) const NOW: UnixTime = 1_795_176_000;
pub(super) const CHALLENGE: Challenge<'_> = Challenge {
    audience: "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk",
    nonce: "n-0S6_WzA2Mj-8wDJuiPo0",
};
/// A list holds this many entries.
pub(super) const LIST: u64 = 1 << 17;
pub(super) const INDEX: u64 = 90_210;
pub(super) const DID: &str = "did:webvh:QmSCIDSCIDSCIDSCIDSCIDSCIDSCIDSCIDSCIDSCIDSC:agency.example";

fn agency() -> Agency {
    Agency::new(DID, &format!("{DID}#assert-1"), key(1))
}

pub(super) fn claims() -> Map<String, Value> {
    let claims = json!({
        "given_name": "Erika",
        "family_name": "Mustermann",
        "birth_date": "1990-05-17",
        "place_of_birth": "Berlin",
        "nationality": "DE",
        "personal_number": "900517-1234",
        "sex": "female",
        "age_over_18": true,
    });
    match claims {
        Value::Object(claims) => claims,
        _ => Map::new(),
    }
}

fn draft(agency: &Agency) -> CredentialDraft {
    let holder = key(2);
    let vct = "urn:holdfast:vct:person-identification:1";
    let mut draft = agency.draft(vct, claims(), holder.public(), NOW);
    draft.status = Some(status("https://agency.example/status/1", INDEX));
    draft.padding = Padding::To(8);
    draft
}

/// From the system's generator. Where it fails it leaves zeros; the rate is all that is asked for here.
pub(super) fn random(out: &mut [u8]) {
    let _ = getrandom::fill(out);
}

/// From received bytes to a verified credential whose status is known.
pub(crate) fn verify() -> Result<Vec<Line>> {
    let agency = agency();
    let issuer_key = VerifyingKey::new(agency.key.public())?;
    let holder = key(2);
    let list = StatusList::new(Bits::Two, LIST);
    let (held, _) = UnverifiedSdJwt::parse(&agency.issue(draft(&agency)))?.receive(
        &issuer_key,
        holder.public(),
        Requirements::Anchored,
        NOW,
    )?;
    let shown = held.select(&["family_name".into(), "age_over_18".into()])?;
    let presentation = shown.bind(CHALLENGE, NOW, &signer(&holder))?;
    let policy = KeyBindingPolicy::Required {
        audience: CHALLENGE.audience,
        nonce: CHALLENGE.nonce,
    };
    let mut ours = || {
        let verified = UnverifiedPresentation::parse(&presentation)?.verify_credential(
            &issuer_key,
            Requirements::Anchored,
            policy,
            NOW,
        )?;
        let reference = verified.credential().status();
        let reference = reference.ok_or_else(|| anyhow!("the credential has no status"))?;
        ensure!(
            list.status(reference.index)? == Status::Valid,
            "the credential is revoked"
        );
        Ok(())
    };
    let lengths: Vec<usize> = presentation.split('~').filter_map(|part| part.rfind('.')).collect();
    let bare = BareChecks::p256(&lengths)?;
    let rates = rates([&mut ours, &mut || bare.run()])?;
    let counts = format!("{} bytes, 2 signature checks, 3 hashes beside them", presentation.len());
    Ok(vec![Line::new("verify", rates, Some(0.80)).counting(counts)])
}

/// From claims to a signed credential.
pub(crate) fn issue() -> Result<Vec<Line>> {
    let agency = agency();
    let signer: SigningKey = signer(&agency.key);
    let template = draft(&agency);
    let mut ours = || {
        let issued = template.clone().issue(Some(&agency.kid), None, &mut random, &signer)?;
        ensure!(issued.ends_with('~'), "not an SD-JWT");
        Ok(())
    };
    let issued = agency.issue(draft(&agency));
    let length = issued.rfind('.').unwrap_or_default();
    let bare = BareSignature::p256(length)?;
    let rates = rates([&mut ours, &mut || bare.run()])?;
    let counts = format!("{} bytes, 1 signature, 8 hashes beside it", issued.len());
    Ok(vec![Line::new("issue", rates, Some(0.45)).counting(counts)])
}
