//! A wallet and a shop that do not play by the rules. docs/offline-qr.md

use std::path::Path;

use anyhow::{Context, Result};
use cbor::{CborError, Reader, Writer};
use e2e::codes;
use jose::{Signer, UnixTime};
use ledger::{Clock, FreshnessLimit, TrustPack};
use oid4vp::VpToken;
use proximity::{Challenge, FrameCollector, FrameKind, FrameSource, NewAnswer, UnverifiedChallenge, VerifiedChallenge};
use sd_jwt::{ClaimPath, UnverifiedSdJwt};
use testkit::credential::{self, Agency, key, person_identification, signer, vct};

/// A challenge as a wallet reads it from the pictures in a folder.
pub(super) fn challenge_in(folder: &Path) -> Result<UnverifiedChallenge> {
    let mut collector = FrameCollector::new(FrameKind::Challenge);
    for frame in codes::read(folder)? {
        collector.accept(&frame)?;
    }
    Ok(UnverifiedChallenge::parse(collector.complete()?)?)
}

/// The same, checked.
pub(super) fn checked(challenge: UnverifiedChallenge, pack: &TrustPack, device: UnixTime) -> Result<VerifiedChallenge> {
    let clock = Clock { device, newest_seen: 0 };
    Ok(challenge.verify(pack, &clock, FreshnessLimit::OFFLINE)?)
}

/// A card that a forger signs.
pub(super) struct Forgery<'a> {
    /// In whose name.
    pub(super) issuer: &'a str,
    /// The fragment of the key that it says it is signed with.
    pub(super) fragment: &'a str,
    /// Where its status is said to stand.
    pub(super) list: &'a str,
    /// What is said of the issuer.
    pub(super) bundles: &'a [Vec<u8>],
}

impl Forgery<'_> {
    /// The frames that show it in answer to a challenge.
    pub(super) fn frames(&self, challenge: &VerifiedChallenge, now: UnixTime) -> Result<Vec<Vec<u8>>> {
        let kid = format!("{}#{}", self.issuer, self.fragment);
        let (forger, holder) = (Agency::new(self.issuer, &kid, key(7)), key(8));
        let mut draft = forger.draft(
            &vct("person-identification"),
            person_identification(),
            holder.public(),
            now,
        );
        draft.status = Some(credential::status(self.list, 17));
        let held = UnverifiedSdJwt::parse(&forger.issue(draft))?.dangerous_from_storage()?;
        let asked = challenge.challenge();
        let audience = asked.client_id().to_string();
        let binding = sd_jwt::Challenge {
            audience: &audience,
            nonce: asked.nonce().as_str(),
        };
        let shown = held.select(&[ClaimPath::from("age_over_18")])?;
        let query = asked.query().credentials().first().context("nothing is asked")?;
        let mut token = VpToken::new();
        token.insert(query.id().clone(), shown.bind(binding, now, &signer(&holder))?);
        let answer = NewAnswer {
            token: &token,
            bundles: self.bundles,
            status_proofs: &[],
        };
        frames(FrameKind::Answer, answer.seal(challenge)?.message())
    }
}

fn frames(kind: FrameKind, message: &[u8]) -> Result<Vec<Vec<u8>>> {
    let source = FrameSource::new(kind, message)?;
    Ok(source.frames().iter().map(|frame| frame.to_vec()).collect())
}

/// The same challenge with the same record, signed by a key that is not in it.
pub(super) fn impostors(challenge: &UnverifiedChallenge, origin: &str) -> Result<Vec<Vec<u8>>> {
    let (request, bundle) = cbor::decode(challenge.as_bytes(), |reader: &mut Reader<'_>| {
        reader.array_of(4)?;
        reader.uint_of(1)?;
        let request = reader.bytes()?.to_vec();
        reader.bytes()?;
        Ok::<_, CborError>((request, reader.bytes()?.to_vec()))
    })?;
    let mut signed = Writer::new();
    signed
        .array(3)
        .text("holdfast/offline-challenge/v1")
        .text(origin)
        .bytes(&request);
    let signature = signer(&key(9)).sign(&signed.into_bytes())?;
    let mut writer = Writer::new();
    writer.array(4).uint(1).bytes(&request).bytes(&signature).bytes(&bundle);
    let again = Challenge::restore(&writer.into_bytes())?;
    frames(FrameKind::Challenge, &again.to_message())
}

/// A bundle without its cosignatures. docs/ledger.md §8
pub(super) fn without_cosignatures(bundle: &[u8]) -> Result<Vec<u8>> {
    let mut reader = Reader::new(bundle);
    reader.array_of(8)?;
    reader.uint_of(1)?;
    reader.array_of(4)?;
    let (size, root, signature) = (reader.uint()?, reader.bytes()?, reader.bytes()?);
    let head = |cosignatures: usize| {
        let mut writer = Writer::new();
        writer
            .array(8)
            .uint(1)
            .array(4)
            .uint(size)
            .bytes(root)
            .bytes(signature)
            .array(cosignatures);
        writer
    };
    let count = reader.array()?;
    let mut before = head(count);
    for _ in 0..count {
        reader.array_of(3)?;
        let (name, time, cosignature) = (reader.bytes()?, reader.uint()?, reader.bytes()?);
        before.array(3).bytes(name).uint(time).bytes(cosignature);
    }
    // There is one encoding only, so that what was read is as long as what is written.
    let rest = bundle
        .get(before.into_bytes().len()..)
        .context("a bundle has more than a checkpoint")?;
    Ok([&head(0).into_bytes(), rest].concat())
}
