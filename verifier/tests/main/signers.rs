//! Group C: the profile of those who sign driving licences. ISO/IEC 18013-5 Annex B.1

use testkit::certificates::{Authority, Chain, ExtendedKeyUsagePurpose, document_signer};
use testkit::credential::key;

use crate::licences::{Licences, Signing, over};
use crate::wallet::assert_outcome;

/// A good licence signed by the key that this chain certifies.
async fn judged(licences: &Licences, chain: Chain, verdict: &str, reason: &str) {
    let by = Signing { key: key(90), chain };
    let outcome = licences.answer(by, licences.draft(), over, |_| ()).await;
    assert_outcome(&outcome, verdict, reason);
    assert!(!outcome.to_string().contains("Mustermann"));
}

#[tokio::test]
async fn c7_verifier_a_signer_below_another_authority() {
    let licences = Licences::new().await;
    let key = key(90);
    let signers = [document_signer()];
    let between = licences.state.intermediate("between");
    for (authority, verdict, reason) in [(&licences.state, "yes", "ok"), (&between, "no", "issuer_not_accepted")] {
        let chain = authority.certify_signer(key.public(), "UT", &signers);
        judged(&licences, chain, verdict, reason).await;
    }
}

#[tokio::test]
async fn c7_verifier_a_signer_that_signs_other_things_too() {
    let licences = Licences::new().await;
    let purposes = [document_signer(), ExtendedKeyUsagePurpose::ClientAuth];
    let chain = licences.state.certify_signer(key(90).public(), "UT", &purposes);
    judged(&licences, chain, "no", "issuer_not_accepted").await;
}

#[tokio::test]
async fn c7_verifier_a_signer_of_another_state() {
    let licences = Licences::new().await;
    let utopia = Authority::of_state("utopia", "UT", "Utopia");
    licences.trust("utopia", &utopia).await;
    let key = key(90);
    let none = utopia.certify_signer(key.public(), "UT", &[document_signer()]);
    let of = |state| utopia.certify_signer_of_state(key.public(), "UT", state);
    judged(&licences, of("Utopia"), "yes", "ok").await;
    judged(&licences, of("Arcadia"), "no", "issuer_not_accepted").await;
    judged(&licences, none, "no", "issuer_not_accepted").await;
}
