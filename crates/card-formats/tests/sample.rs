//! One card of a synthetic person in each format.

use std::sync::LazyLock;

use card_formats::{Binding, ClaimPath, Format, Handover, HeldCopy, Holder, NewCopy, Requirements, Trusted};
use jose::{PrivateJwk, PublicJwk, UnixTime, VerifyingKey};
use serde_json::{Map, Value, json};
use testkit::certificates::{Authority, Name};
use testkit::credential::{key, random, signer, status};

/// 2026-11-20T12:00:00Z.
pub(crate) const NOW: UnixTime = 1_795_176_000;
pub(crate) const DAY: UnixTime = 24 * 3600;
pub(crate) const DID: &str = "did:webvh:QmSample:agency.example";
pub(crate) const KID: &str = "did:webvh:QmSample:agency.example#key-1";
pub(crate) const RESPONSE_URI: &str = "https://verifier.example/response";

static X5C: LazyLock<Value> = LazyLock::new(|| {
    let authority = Authority::new("authority");
    authority.certify(issuer().public(), &[Name::Uri(DID)]).x5c()
});

/// What the shared tests have to know of a format.
pub(crate) struct Sample {
    pub(crate) format: Format,
    /// How it calls the type of the card.
    pub(crate) card_type: &'static str,
    /// Where a claim stands that rules call by this name.
    pub(crate) place: fn(&str) -> ClaimPath,
    /// The claims of a person, as the format's paths lead through them.
    pub(crate) claims: fn(Value) -> Value,
    /// Whether a holder can withhold a claim.
    pub(crate) withholds: bool,
    /// Whether what proves possession is about how the answer is handed over.
    pub(crate) about_handover: bool,
    /// By how many characters copies may differ in length: a signature in base58 is shorter where it is a small number,
    /// which says nothing but that.
    pub(crate) spread: usize,
}

const NAME_SPACE: &str = "org.example.card";

/// One of each format.
pub(crate) fn samples() -> impl Iterator<Item = Sample> {
    Format::ALL.into_iter().map(|format| match format.name() {
        "dc+sd-jwt" => Sample {
            format,
            card_type: "urn:example:card:1",
            place: |name| name.into(),
            claims: |claims| claims,
            withholds: true,
            about_handover: false,
            spread: 0,
        },
        "mso_mdoc" => Sample {
            format,
            card_type: "org.example.card.1",
            place: |name| ClaimPath::from([NAME_SPACE, name].as_slice()),
            claims: |claims| json!({ NAME_SPACE: claims }),
            withholds: true,
            about_handover: true,
            spread: 0,
        },
        "ldp_vc" => Sample {
            format,
            card_type: "urn:example:card:1",
            place: |name| ClaimPath::from(["credentialSubject", name].as_slice()),
            claims: |claims| claims,
            withholds: false,
            about_handover: false,
            spread: 3,
        },
        other => panic!("there is no sample of {other}"),
    })
}

pub(crate) fn issuer() -> PrivateJwk {
    key(1)
}

pub(crate) fn issuer_key() -> VerifyingKey {
    public(&issuer())
}

pub(crate) fn public(key: &PrivateJwk) -> VerifyingKey {
    VerifyingKey::new(key.public()).unwrap()
}

pub(crate) fn holder() -> PrivateJwk {
    key(2)
}

/// What the card says, by the names of rules.
pub(crate) fn said() -> Value {
    json!({
        "family_name": "Sample",
        "given_name": "Synthia",
        "birth_date": "1990-05-17",
        "age_over_18": true,
        "categories": ["AM", "B"],
    })
}

/// An issuer on the ledger, which has this key.
pub(crate) fn trusted(issuer_key: &VerifyingKey, now: UnixTime) -> Trusted<'_> {
    Trusted {
        issuer_key,
        anchors: None,
        requirements: Requirements::Anchored,
        now,
    }
}

/// A request whose answer is encrypted to this key.
pub(crate) fn binding(encryption_key: &PublicJwk) -> Binding<'_> {
    Binding {
        audience: "x509_hash:verifier",
        nonce: "n-0S6_WzA2Mj",
        handover: Some(Handover {
            response_uri: RESPONSE_URI,
            encryption_key: Some(encryption_key),
        }),
    }
}

impl Sample {
    /// The copy of this number for a key: each of them is drawn anew.
    pub(crate) fn copy(&self, holder_key: &PublicJwk, number: u64) -> String {
        self.copy_saying(said(), holder_key, number)
    }

    /// A copy of somebody's card.
    pub(crate) fn copy_saying(&self, said: Value, holder_key: &PublicJwk, number: u64) -> String {
        let claims = (self.claims)(said);
        let copy = NewCopy {
            card_type: self.card_type,
            issuer: DID,
            kid: KID,
            x5c: Some(&X5C),
            issued_at: NOW - DAY,
            expires: NOW + DAY,
            holder_key,
            status: status("https://agency.example/status/1", number),
            claims: claims.as_object().unwrap(),
            digests: 16,
            signer: &signer(&issuer()),
        };
        self.format.issue(&copy, &mut random(number)).unwrap()
    }

    pub(crate) fn held(&self) -> Box<dyn HeldCopy> {
        self.format.held(&self.copy(holder().public(), 7)).unwrap()
    }

    /// Shows these claims for a request.
    pub(crate) fn shown(&self, claims: &[&str], binding: Binding<'_>) -> String {
        let paths: Vec<ClaimPath> = claims.iter().map(|name| (self.place)(name)).collect();
        let signer = signer(&holder());
        let holder = Holder { key: &signer, now: NOW };
        self.held().present(&paths, binding, holder).unwrap()
    }

    /// What claims say, by the names of rules.
    pub(crate) fn named(&self, claims: &Value) -> Map<String, Value> {
        self.format.named_claims(claims.as_object().unwrap())
    }
}
