//! Challenges of offline checks. docs/offline-qr.md §2

use cbor::{CborError, Reader};
use jose::UnixTime;
use ledger::FreshnessLimit;
use proximity::{Challenge, MAX_LIFETIME, UnverifiedChallenge, VerifiedChallenge};
use serde_json::Value;

use super::Target;
use crate::Reached;
use crate::keys::{NOW, OWN_P256, SameEs256};
use crate::offline::{CLOCK, SCENE, VCT, nonce, signed};

pub(super) const TARGET: Target = Target {
    name: "challenge",
    asserts: "a challenge has one encoding, also through packing, which never makes more of it than a challenge may \
              have; none verifies but around what the shop signed; one that the body signs says what a plain reader \
              reads of it, in its time and for a purpose of the scope, and no other key will do",
    body,
    seeds: inputs,
};

/// No challenge is longer.
const LONGEST: usize = 16 * 1024;
/// First bytes: a challenge that is not packed, and a request alone, which the body signs itself.
const WHOLE: u8 = 0x84;
const REQUEST: u8 = 0x8b;

fn inputs() -> Vec<Vec<u8>> {
    let forms = |challenge: &Challenge| {
        let request = request_of(challenge.as_bytes()).unwrap();
        [challenge.as_bytes().to_vec(), challenge.to_message(), request]
    };
    SCENE.challenges.iter().flat_map(forms).collect()
}

fn request_of(challenge: &[u8]) -> Result<Vec<u8>, CborError> {
    cbor::decode(challenge, |reader: &mut Reader<'_>| {
        reader.array_of(4)?;
        reader.uint_of(1)?;
        let request = reader.bytes()?.to_vec();
        reader.bytes()?;
        reader.bytes()?;
        Ok(request)
    })
}

fn body(input: &[u8]) -> Reached {
    match input.first() {
        Some(&WHOLE) => whole(input),
        Some(&REQUEST) => request(input),
        _ => packed(input),
    }
}

fn packed(input: &[u8]) -> Reached {
    let Ok(challenge) = UnverifiedChallenge::parse(input) else {
        return Reached::Refused;
    };
    assert!(
        challenge.as_bytes().len() <= LONGEST,
        "unpacked to more than there may be"
    );
    whole(challenge.as_bytes())
}

fn whole(input: &[u8]) -> Reached {
    let Ok(challenge) = Challenge::restore(input) else {
        return Reached::Refused;
    };
    assert_eq!(challenge.as_bytes(), input);
    assert_eq!(challenge.nonce().as_str(), nonce(&challenge));
    let Some(verified) = verified(&challenge) else {
        return Reached::Read;
    };
    assert_eq!(verified.challenge(), &challenge);
    let request = request_of(input);
    let mut known = SCENE.challenges.iter().map(|known| request_of(known.as_bytes()));
    assert!(known.any(|known| known == request), "the shop signed no such request");
    Reached::Accepted
}

/// What a wallet makes of it, after packing and unpacking.
fn verified(challenge: &Challenge) -> Option<VerifiedChallenge> {
    let unverified = UnverifiedChallenge::parse(&challenge.to_message()).expect("what was packed");
    assert_eq!(unverified.as_bytes(), challenge.as_bytes(), "packing changed it");
    unverified.verify(&SCENE.pack, &CLOCK, FreshnessLimit::OFFLINE).ok()
}

/// The beginning of a request, read plainly.
struct Plain<'a> {
    did: &'a str,
    purpose: &'a str,
    query: &'a str,
    issued_at: UnixTime,
    expires_at: UnixTime,
}

impl<'a> Plain<'a> {
    fn read(request: &'a [u8]) -> Result<Self, CborError> {
        let mut reader = Reader::new(request);
        reader.array_of(11)?;
        let did = reader.text()?;
        reader.text()?;
        let (purpose, query) = (reader.text()?, reader.text()?);
        reader.bytes()?;
        Ok(Self {
            did,
            purpose,
            query,
            issued_at: reader.uint()?,
            expires_at: reader.uint()?,
        })
    }
}

/// A request that the shop signs, whatever it says.
fn request(input: &[u8]) -> Reached {
    let Ok(challenge) = Challenge::restore(&signed(input, &SCENE.shop)) else {
        return Reached::Refused;
    };
    let plain = Plain::read(input).expect("what the strict reader reads");
    assert_eq!(
        (challenge.purpose(), challenge.issued_at(), challenge.expires_at()),
        (plain.purpose, plain.issued_at, plain.expires_at)
    );
    let query: Value = serde_json::from_str(plain.query).expect("what the strict reader of JSON reads");
    assert_eq!(challenge.query().to_value(), &query);
    let strangers = Challenge::restore(&signed(input, &SameEs256::new(&OWN_P256))).unwrap();
    assert!(verified(&strangers).is_none(), "signed by a key of nobody");
    let Some(verified) = verified(&challenge) else {
        return Reached::Read;
    };
    assert_eq!(verified.did(), plain.did);
    assert!(plain.issued_at <= NOW + 300 && NOW < plain.expires_at);
    assert!((1..=MAX_LIFETIME).contains(&(plain.expires_at - plain.issued_at)));
    let purpose = verified.scope().purpose(plain.purpose).expect("a registered purpose");
    assert_eq!(
        (purpose, purpose.channel),
        (verified.purpose(), challenge.accepted().channel)
    );
    assert_eq!(purpose.credentials[0].vct_values, [VCT]);
    let known = SCENE.challenges.iter().filter_map(self::verified);
    let known: Vec<_> = known.flat_map(|known| known.landmarks().to_vec()).collect();
    assert!(
        verified.landmarks().iter().all(|landmark| known.contains(landmark)),
        "a landmark that the log did not sign"
    );
    Reached::Accepted
}
