//! The example of ISO/IEC 18013-5:2021 Annex D. It is of proximity, and its device authenticates itself
//! by a MAC: what the issuer signed concerns us, and that the MAC is refused.

use jose::x5c::UnverifiedChain;
use jose::{PublicJwk, UnixTime, VerifyingKey};
use mdoc::{
    DeviceAuthError, IssuerTrust, MDL, MdocError, PresentationError, ReceiveError, UnverifiedDeviceResponse,
    UnverifiedMdoc, Value,
};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use testkit::vectors::{self, Table};

use crate::fixture::{read, transcript};
use crate::forge::{encode, member};

const SET: &str = "iso18013-5-annex-d";
const ISSUED: &str = "issuer signed";
const SHOWN: &str = "device response";
/// 2020-10-02T00:00:00Z: the document is signed, and valid for a year, from 2020-10-01T13:30:02Z.
const THEN: UnixTime = 1_601_596_800;
const YEAR: UnixTime = 365 * 24 * 3600;

/// What is of proximity, by the ends of the names in the set.
const PROXIMITY: [&str; 15] = [
    "DEVICE_ENGAGEMENT",
    "E_DEVICE_KEY_BYTES",
    "SESSION_TRANSCRIPT_BYTES",
    "DEVICE_REQUEST",
    "ITEMS_REQUEST",
    "READER_CERT",
    "READER_AUTH",
    "EPHEMERAL_READER_KEY_X",
    "EPHEMERAL_READER_KEY_Y",
    "EPHEMERAL_READER_KEY_D",
    "EPHEMERAL_DEVICE_KEY_X",
    "EPHEMERAL_DEVICE_KEY_Y",
    "EPHEMERAL_DEVICE_KEY_D",
    "STATIC_DEVICE_KEY_D",
    "SESSION_",
];

struct Set(Map<String, Json>);

impl Set {
    fn bytes(&self, name: &str) -> Vec<u8> {
        let text = self.0[&format!("ISO_18013_5_ANNEX_D_{name}")].as_str();
        hex::decode(text.unwrap()).unwrap()
    }

    /// `IssuerSigned` of the one document.
    fn issuer_signed(&self) -> Value {
        let response = read(&self.bytes("DEVICE_RESPONSE"));
        let document = &member(&response, "documents").as_array().unwrap()[0];
        member(document, "issuerSigned").clone()
    }

    /// The key of the document signer. The set has no authority that certified it.
    fn signer(&self) -> VerifyingKey {
        let leaf = UnverifiedChain::from_der(&[self.bytes("DS_CERT")]).unwrap();
        let listed = [*leaf.dangerous_leaf_sha256()];
        leaf.verify_listed(&listed, THEN).unwrap().verifying_key().clone()
    }

    fn device_key(&self) -> PublicJwk {
        let coordinates = ["STATIC_DEVICE_KEY_X", "STATIC_DEVICE_KEY_Y"].map(|name| self.bytes(name));
        PublicJwk::from_p256_sec1(&[vec![4], coordinates.concat()].concat()).unwrap()
    }

    fn receive(&self, issuer_signed: &Value, now: UnixTime) -> Result<Vec<(String, Json)>, ReceiveError> {
        let received = UnverifiedMdoc::parse(&encode(issuer_signed))?;
        assert_eq!(received.doc_type(), MDL);
        let key = self.signer();
        let (held, claims) = received.receive(IssuerTrust::Key(&key), &self.device_key(), now)?;
        assert_eq!(claims.valid_until() - claims.valid_from(), YEAR);
        assert_eq!(claims.status(), None);
        let elements = held.elements();
        Ok(elements
            .map(|element| (element.identifier.to_owned(), element.to_json()))
            .collect())
    }
}

/// The document as the issuer signed it.
fn issued(set: &Set, table: &mut Table) {
    let issuer_signed = set.issuer_signed();
    let elements = set.receive(&issuer_signed, THEN).unwrap();
    let names: Vec<_> = elements.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "family_name",
            "issue_date",
            "expiry_date",
            "document_number",
            "portrait",
            "driving_privileges"
        ]
    );
    assert_eq!(elements[0].1, "Doe");
    assert_eq!(elements[1].1, "2019-10-20");
    let portrait = jose::base64url::encode(set.bytes("DEVICE_RESPONSE_PORTRAIT_DATA"));
    assert_eq!(elements[4].1, portrait);
    assert_eq!(elements[5].1[0]["vehicle_category_code"], "A");
    table.agrees(ISSUED, true);
    for (now, expected) in [
        (THEN - 2 * 24 * 3600, MdocError::NotYetValid),
        (THEN + YEAR, MdocError::Expired),
    ] {
        assert_eq!(set.receive(&issuer_signed, now), Err(expected.into()));
        table.agrees(ISSUED, false);
    }
    let mut changed = encode(&issuer_signed);
    let name = changed.windows(3).position(|window| window == b"Doe").unwrap();
    changed[name] = b'R';
    assert_eq!(
        set.receive(&read(&changed), THEN),
        Err(MdocError::DigestMismatch.into())
    );
    table.agrees(ISSUED, false);
    let hash = Sha256::digest(set.bytes("DS_CERT"));
    let unverified = UnverifiedMdoc::parse(&encode(&issuer_signed)).unwrap();
    let leaf = UnverifiedChain::from_der(&unverified.certificates()).unwrap();
    assert_eq!(leaf.dangerous_leaf_sha256()[..], hash[..]);
}

/// The response as the device sent it.
fn shown(set: &Set, table: &mut Table) {
    let refused = UnverifiedDeviceResponse::parse(&set.bytes("DEVICE_RESPONSE"))
        .and_then(|response| response.verify(IssuerTrust::Key(&set.signer()), &transcript(), THEN));
    assert_eq!(
        refused.unwrap_err(),
        PresentationError::DeviceAuth(DeviceAuthError::Mac)
    );
    table.agrees(SHOWN, false);
}

#[test]
fn annex_d() {
    let Some(folder) = vectors::folder(SET) else {
        return;
    };
    let Json::Object(values) = vectors::json(&folder.join("annex_d.json")) else {
        panic!("an object of values")
    };
    let set = Set(values);
    let mut table = Table::new(SET);
    issued(&set, &mut table);
    shown(&set, &mut table);
    let of_proximity = set.0.keys().filter(|name| {
        let name = name.trim_start_matches("ISO_18013_5_ANNEX_D_");
        PROXIMITY
            .iter()
            .any(|part| name == *part || part.ends_with('_') && name.starts_with(part))
    });
    table.out_of_scope(
        "proximity",
        of_proximity.count(),
        "engagement, session encryption, requests and reader authentication are not built",
    );
    table.check(&[
        (ISSUED, [1, 3, 0, 0]),
        (SHOWN, [0, 1, 0, 0]),
        ("proximity", [0, 0, 0, 17]),
    ]);
}
