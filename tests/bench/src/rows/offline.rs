//! One answer to an offline check.

use anyhow::{Context, Result, ensure};
use jose::{PrivateJwk, VerifyingKey};
use ledger::{Clock, FreshnessLimit, KeyLookup, TrustPack};
use proximity::{Challenge, NewAnswer, OpenedAnswer, UnverifiedAnswer};
use sd_jwt::{KeyBindingPolicy, Requirements, UnverifiedPresentation, VerifiedCredential};
use status_list::{Bits, Status, StatusList};
use testkit::credential::key;

use crate::limits::BareChecks;
use crate::measure::rates;
use crate::report::Line;

// The parties of the tests of the format.
#[path = "../../../../crates/proximity/tests/kit.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "made for more than this row, and for tests"
)]
mod kit;

use kit::{NOW, World};

/// How long one answer may take, in milliseconds.
const LIMIT_MS: f64 = 1.0;
const GOAL: f64 = 0.7;
/// Organisations beside the agency, so that its proof has a path.
const OTHERS: usize = 100;
/// A list holds this many entries.
const LIST: u64 = 1 << 17;

/// What a verifier has at hand when the frames are complete.
struct Desk {
    challenge: Challenge,
    key: PrivateJwk,
    audience: String,
    pack: TrustPack,
}

/// From the bytes of a message to everything that a verdict follows from, by a verifier that holds
/// the issuer's record and lists, and by one that holds nothing but its trust pack.
pub(crate) fn verify() -> Result<Vec<Line>> {
    let mut world = World::new();
    for number in 0..OTHERS {
        world.ledger.create(&format!("agency-{number}.example"));
    }
    let agency = world.agency.did().to_string();
    let challenge = world.draft().sign()?;
    let asked = world.verified(&challenge);
    let token = world.plain_token(&asked);
    let (_, presentation) = token.presentations().next().context("nothing is shown")?;
    let signed: Vec<usize> = presentation.split('~').filter_map(|part| part.rfind('.')).collect();
    let answer = NewAnswer {
        token: &token,
        bundles: &[],
        status_proofs: &[],
    };
    let in_sync = answer.seal(&asked)?.message().to_vec();
    let bundles = [world.ledger.lean_bundle(&agency)];
    let status_proofs = [world.status_proof()];
    let answer = NewAnswer {
        bundles: &bundles,
        status_proofs: &status_proofs,
        ..answer
    };
    let cold = answer.seal(&asked)?.message().to_vec();
    let desk = Desk {
        audience: challenge.client_id().to_string(),
        challenge,
        key: key(90),
        pack: world.pack.clone(),
    };
    let mut lines = held(&desk, &in_sync, &world.issuer_key(), &signed)?;
    lines.extend(brought(&desk, &cold, &agency, &signed)?);
    Ok(lines)
}

/// The verifier holds record and lists.
fn held(desk: &Desk, message: &[u8], issuer: &VerifyingKey, signed: &[usize]) -> Result<Vec<Line>> {
    let list = StatusList::new(Bits::One, LIST);
    let mut ours = || {
        let opened = desk.open(message)?;
        let credential = desk.credential(&opened, issuer)?;
        let status = credential
            .credential()
            .status()
            .context("the credential has no status")?;
        ensure!(list.status(status.index)? == Status::Valid, "the credential is revoked");
        Ok(())
    };
    let bare = BareChecks::p256(signed)?;
    let rates = rates([&mut ours, &mut || bare.run()])?;
    let counts = format!("{} bytes, 1 key agreement, 2 signature checks", message.len());
    Ok(lines("offline-verify", rates, &counts))
}

/// The answer brings bundle and status proof.
fn brought(desk: &Desk, message: &[u8], agency: &str, signed: &[usize]) -> Result<Vec<Line>> {
    let clock = Clock {
        device: NOW,
        newest_seen: 0,
    };
    let mut ours = || {
        let opened = desk.open(message)?;
        let bundle = opened.bundles().first().context("no bundle came")?.clone();
        let bundle = bundle.verify(&desk.pack, agency)?;
        clock.age(bundle.time(), FreshnessLimit::OFFLINE)?;
        let record = bundle.record().context("the agency has no record")?;
        let KeyLookup::Current(issuer) = record.assertion_key(&format!("{agency}#assert-1")) else {
            anyhow::bail!("the agency has no such key");
        };
        let credential = desk.credential(&opened, &VerifyingKey::new(&issuer)?)?;
        let status = credential
            .credential()
            .status()
            .context("the credential has no status")?;
        let snapshot = record.status_snapshot().context("no snapshot was recorded")?;
        let proof = opened.status_proofs().first().context("no status proof came")?;
        let value = proof.verify(snapshot, &status.uri, status.index)?;
        ensure!(value == 0, "the credential is revoked");
        Ok(())
    };
    let note = desk.open(message)?.bundles().first().context("no bundle came")?.clone();
    let note = note.verify(&desk.pack, agency)?;
    let (body, signatures) = note.note().split_once("\n\n").unwrap_or_default();
    let checks = signatures.lines().count();
    let (bare, notes) = (
        BareChecks::p256(signed)?,
        BareChecks::ed25519(&vec![body.len(); checks])?,
    );
    let mut limit = || bare.run().and_then(|()| notes.run());
    let rates = rates([&mut ours, &mut limit])?;
    let counts = format!(
        "{} bytes, 1 key agreement, {} signature checks",
        message.len(),
        checks + signed.len()
    );
    Ok(lines("offline-verify-cold", rates, &counts))
}

/// The share of the limit, and the time.
fn lines(name: &str, rates: [f64; 2], counts: &str) -> Vec<Line> {
    let [ours, _] = rates;
    let time = Line::at_most(&format!("{name}-time"), [1_000.0 / ours, LIMIT_MS], "ms");
    vec![
        Line::new(name, rates, Some(GOAL)).counting(counts.to_owned()),
        time.counting("the same as a time".to_owned()),
    ]
}

impl Desk {
    fn open(&self, message: &[u8]) -> Result<OpenedAnswer> {
        Ok(UnverifiedAnswer::parse(message)?.open(&self.challenge, &self.key, NOW)?)
    }

    fn credential(&self, opened: &OpenedAnswer, issuer: &VerifyingKey) -> Result<VerifiedCredential> {
        let (_, text) = opened.token().presentations().next().context("nothing was shown")?;
        let policy = KeyBindingPolicy::Required {
            audience: &self.audience,
            nonce: self.challenge.nonce().as_str(),
        };
        let presentation = UnverifiedPresentation::parse(text)?;
        Ok(presentation.verify_credential(issuer, Requirements::Anchored, policy, NOW)?)
    }
}
