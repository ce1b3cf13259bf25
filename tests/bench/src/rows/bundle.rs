//! A proof bundle of an accredited agency, newest state.

use anyhow::{Result, ensure};
use ledger::{TrustPack, UnverifiedBundle};
use testkit::Ledger;

use crate::limits::BareChecks;
use crate::measure::rates;
use crate::report::Line;

const NOW: u64 = 1_795_176_000;

/// From received bytes to a verified bundle.
pub(crate) fn verify() -> Result<Vec<Line>> {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.example");
    for number in 0..100 {
        ledger.create(&format!("agency-{number}.example"));
    }
    ledger.accredit(&agency, "Agency", &["urn:holdfast:vct:residence:1"]);
    let did = agency.did().to_string();
    let bytes = ledger.bundle(&did);
    Ok(vec![compare("bundle-verify", &bytes, &ledger.trust_pack(), &did)?])
}

/// A bundle against the bare checks of its note's signatures.
pub(crate) fn compare(name: &str, bytes: &[u8], pack: &TrustPack, did: &str) -> Result<Line> {
    let verified = UnverifiedBundle::parse(bytes)?.verify(pack, did)?;
    let (body, signatures) = verified.note().split_once("\n\n").unwrap_or_default();
    let mut ours = || {
        let verified = UnverifiedBundle::parse(bytes)?.verify(pack, did)?;
        ensure!(verified.record().is_some(), "the organisation has no record");
        Ok(())
    };
    let checks = signatures.lines().count();
    let bare = BareChecks::ed25519(&vec![body.len(); checks])?;
    let rates = rates([&mut ours, &mut || bare.run()])?;
    let counts = format!("{} bytes, {checks} signature checks", bytes.len());
    Ok(Line::new(name, rates, Some(0.80)).counting(counts))
}
