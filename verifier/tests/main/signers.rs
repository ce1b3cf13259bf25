//! Those who sign driving licences: the profile of their certificates, and whose status lists are theirs. ISO/IEC 18013-5
//! Annex B.1

use mdoc::MdocDraft;
use serde_json::json;
use testkit::certificates::{Authority, Chain, ExtendedKeyUsagePurpose, document_signer};
use testkit::credential::{key, status};

use crate::d_status::{AGGREGATION, list_by};
use crate::licences::{Licences, Signing, over};
use crate::site::Reply;
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

const LISTED: &str = "https://state.example/status/1";

/// A signer of status lists whom this authority certified, under no name.
fn list_signer(authority: &Authority) -> Chain {
    authority.certify_signer(key(91).public(), "UT", &[document_signer()])
}

/// What becomes of licences of the state at two places of a list that this signer publishes.
async fn listed_by(licences: &mut Licences, signer: &Chain, expected: [(u64, &str, &str); 2]) {
    let world = &mut licences.world;
    list_by(world, LISTED, signer, &key(91));
    let document = json!({ "status_lists": [LISTED] }).to_string();
    world.site.set(AGGREGATION, Reply::Body(document.into_bytes()));
    let address = world.folder.path().join("anchors/state.aggregation");
    std::fs::write(address, format!("{AGGREGATION}\n")).unwrap();
    world.refresh().await;
    for (index, verdict, reason) in expected {
        let draft = MdocDraft {
            status: Some(status(LISTED, index)),
            ..licences.draft()
        };
        let outcome = licences.answer(licences.office(), draft, over, |_| ()).await;
        assert_outcome(&outcome, verdict, reason);
    }
}

/// Certificates of signers of licences have no names by which a list could be known for theirs.
#[tokio::test]
async fn the_list_of_a_licence_is_one_of_its_authority() {
    let mut licences = Licences::new().await;
    let signer = list_signer(&licences.state);
    listed_by(&mut licences, &signer, [(4, "yes", "ok"), (5, "no", "revoked")]).await;
}

#[tokio::test]
async fn d6_verifier_mdoc_list_of_another_authority() {
    let mut licences = Licences::new().await;
    let neighbour = Authority::of_country("neighbour", "UT");
    licences.trust("neighbour", &neighbour).await;
    let unknown = ("could_not_check", "status_unavailable");
    let expected = [4, 5].map(|index| (index, unknown.0, unknown.1));
    listed_by(&mut licences, &list_signer(&neighbour), expected).await;
}
