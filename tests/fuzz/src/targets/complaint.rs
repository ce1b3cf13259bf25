//! Complaints that a business asked for too much. docs/receipts.md §6

use std::sync::LazyLock;

use cbor::{CborError, Reader};
use jose::{Algorithm, JwsHeader, base64url, sign_compact};
use ledger::{Hash, UnverifiedBundle};
use oid4vp::REQUEST_TYP;
use receipt::OverAsked;
use receipt::complaint::{Complaint, ComplaintError, UnverifiedComplaint, VerifiedComplaint};
use serde_json::{Value, json};
use testkit::asking;

use super::Target;
use crate::Reached;
use crate::keys::NOW;
use crate::offline::{SCENE as SHOP, VCT};

pub(super) const TARGET: Target = Target {
    name: "complaint",
    asserts: "a complaint is read in one way, and with a byte more or less not at all; one whose hash somebody wrote \
              anew says nothing but what the shop signed and the ledger recorded; whatever is found to be too much \
              was asked for and is not recorded, or not for being kept",
    body,
    seeds: inputs,
};

/// A request that the shop signed, and what a complaint about it proves.
struct Signed {
    request: String,
    proves: Option<Said>,
}

type Said = (VerifiedComplaint, Vec<(u64, Hash)>);

struct Scene {
    did: String,
    requests: Vec<Signed>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let bundle = UnverifiedBundle::parse(&SHOP.shop_bundle).unwrap();
    let did = bundle.dangerous_claimed_subject().unwrap();
    let requests = [&["age_over_18", "birth_date", "family_name"][..], &["age_over_18"]].map(|asked| {
        let request = sign(&did, &claims(&did, asked).to_string());
        let proves = verify(&about(&request)).ok().map(said);
        Signed { request, proves }
    });
    assert!(requests[0].proves.is_some() && requests[1].proves.is_none());
    Scene {
        did,
        requests: requests.into(),
    }
});

/// The members of a request by the shop's DID.
fn claims(did: &str, asked: &[&str]) -> Value {
    json!({
        "client_id": format!("decentralized_identifier:{did}"),
        "aud": "https://self-issued.me/v2",
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "response_uri": "https://shop.example/response/1",
        "nonce": "n-0123456789012345678901234567",
        "state": "s-0123456789012345678901234567",
        "dcql_query": asking::query(asked),
        "verifier_info": [
            {"format": "holdfast-bundle+cbor", "data": base64url::encode(&SHOP.shop_bundle)},
            {"format": "holdfast-purpose", "data": {"purpose": "age"}},
        ],
        "iat": NOW,
        "exp": NOW + 300,
    })
}

/// What the shop would sign, whatever it is.
fn sign(did: &str, claims: &str) -> String {
    let header = JwsHeader::new(Algorithm::Es256)
        .with_typ(REQUEST_TYP)
        .with_kid(format!("{did}#assert-1"));
    sign_compact(&header, claims.as_bytes(), &SHOP.shop).unwrap()
}

/// The complaint about a request, of the same second.
fn about(request: &str) -> Complaint {
    Complaint {
        request: request.to_owned(),
        after: SHOP.shop_bundle.clone(),
    }
}

fn verify(complaint: &Complaint) -> Result<VerifiedComplaint, ComplaintError> {
    UnverifiedComplaint::parse(&complaint.encode())?.verify(&SHOP.pack)
}

fn inputs() -> Vec<Vec<u8>> {
    let files = SCENE.requests.iter().map(|signed| about(&signed.request).encode());
    let mut inputs: Vec<Vec<u8>> = files.collect();
    let mut no_purpose = claims(&SCENE.did, &["family_name"]);
    no_purpose["verifier_info"].as_array_mut().unwrap().truncate(1);
    let mut other_card = claims(&SCENE.did, &["age_over_18"]);
    other_card["dcql_query"]["credentials"][0]["meta"]["vct_values"] = json!(["urn:holdfast:vct:residence:1"]);
    let mut left_out = claims(&SCENE.did, &["age_over_18", "birth_date"]);
    let credential = &mut left_out["dcql_query"]["credentials"][0];
    credential["claims"] = json!([{"id": "a", "path": ["age_over_18"]}, {"id": "b", "path": ["birth_date"]}]);
    credential["claim_sets"] = json!([["a"], ["a", "b"]]);
    let mut kept = claims(&SCENE.did, &["age_over_18"]);
    kept["dcql_query"]["credentials"][0] = json!({
        "id": "card", "format": "mso_mdoc", "meta": {"doctype_value": VCT},
        "claims": [{"path": ["age_over_18", "element"], "intent_to_retain": true}],
    });
    let claims = [no_purpose, other_card, left_out, kept];
    inputs.extend(claims.iter().map(|claims| claims.to_string().into_bytes()));
    inputs
}

fn body(input: &[u8]) -> Reached {
    if input.first() == Some(&b'{') {
        return std::str::from_utf8(input).map_or(Reached::Refused, of_claims);
    }
    let read = UnverifiedComplaint::parse(input);
    let Ok(complaint) = cbor::decode(input, fields) else {
        assert!(read.is_err(), "a complaint without its fields");
        return Reached::Refused;
    };
    if read.is_ok() {
        assert_eq!(complaint.encode(), input, "it is written in another way");
        assert!(UnverifiedComplaint::parse(&input[..input.len() - 1]).is_err());
        assert!(UnverifiedComplaint::parse(&[input, &[0]].concat()).is_err());
    }
    // Also where the hash at its end is not the right one: whoever changed the rest could write that anew.
    let Ok(proved) = verify(&complaint).map(said) else {
        return Reached::Read;
    };
    let known = |signed: &&Signed| signed_part(&signed.request) == signed_part(&complaint.request);
    let signed = SCENE.requests.iter().find(known).expect("what the shop signed");
    assert_eq!(Some(proved), signed.proves, "it proves something else");
    Reached::Accepted
}

/// What a complaint proves, and the trees that it rests on. A cosignature that nobody needs may be lacking.
fn said(mut proved: VerifiedComplaint) -> Said {
    let checkpoints = std::mem::take(&mut proved.checkpoints);
    let trees = checkpoints.iter().map(|landmark| (landmark.size(), landmark.root()));
    (proved, trees.collect())
}

/// What a complaint is made of, whatever its hash.
fn fields(reader: &mut Reader<'_>) -> Result<Complaint, CborError> {
    reader.array_of(4)?;
    reader.uint_of(1)?;
    let complaint = Complaint {
        request: reader.text()?.to_owned(),
        after: reader.bytes()?.to_vec(),
    };
    reader.bytes_of::<32>()?;
    Ok(complaint)
}

/// A compact JWS without its signature.
fn signed_part(request: &str) -> Option<&str> {
    request.rsplit_once('.').map(|(signed, _)| signed)
}

/// A request that the body signs as the shop, to get behind its signature.
fn of_claims(text: &str) -> Reached {
    let Ok(proved) = verify(&about(&sign(&SCENE.did, text))) else {
        return Reached::Read;
    };
    assert_eq!(proved.business, SCENE.did);
    assert_eq!((proved.from, proved.asked_at, proved.until), (NOW, NOW, NOW));
    assert!(!proved.outside.is_empty(), "nothing to complain about");
    let claims: Value = serde_json::from_str(text).expect("what the strict reader reads");
    let asked = claims["dcql_query"]["credentials"].as_array().expect("a query");
    for outside in &proved.outside {
        assert!(
            asked.iter().any(|credential| is_asked(credential, outside)),
            "{outside:?} was not asked for"
        );
        assert!(!is_recorded(outside), "{outside:?} may be asked for");
    }
    Reached::Accepted
}

/// Whether a part of a query asks for this, read plainly.
fn is_asked(credential: &Value, outside: &OverAsked) -> bool {
    let holds = |list: &Value, wanted: &Value| list.as_array().is_some_and(|list| list.contains(wanted));
    let (meta, vct) = (&credential["meta"], json!(outside.vct));
    let mut alternatives = meta["type_values"].as_array().into_iter().flatten();
    let of_type = holds(&meta["vct_values"], &vct)
        || meta["doctype_value"] == vct
        || alternatives.any(|types| holds(types, &vct))
        || credential["format"] == vct;
    let paths = credential["claims"].as_array().into_iter().flatten();
    let asks_for = |path: &Value| paths.clone().any(|claim| claim["path"] == *path);
    of_type && outside.claim.as_ref().is_none_or(|path| asks_for(&path.to_value()))
}

/// Whether the shop may ask for it, whatever purpose it names: the claim that its scope needs. What lies in it is outside
/// where it is said to be kept.
fn is_recorded(outside: &OverAsked) -> bool {
    let path = outside.claim.as_ref().map(|path| path.to_value());
    outside.vct == VCT && path.is_none_or(|path| path == json!(["age_over_18"]))
}
