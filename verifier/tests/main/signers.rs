//! Those who sign driving licences: the profile of their certificates, and whose status lists are theirs. ISO/IEC 18013-5
//! Annex B.1

use mdoc::MdocDraft;
use test_case::test_case;
use testkit::certificates::{Authority, Chain, ExtendedKeyUsagePurpose, document_signer};
use testkit::credential::{key, status};

use crate::d_status::{aggregated, list_by};
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

const LISTED: &str = "https://state.example/status/1";
/// Nothing is known of the card at either place of the list.
const UNKNOWN: [(u64, &str, &str); 2] = [
    (4, "could_not_check", "status_unavailable"),
    (5, "could_not_check", "status_unavailable"),
];

/// A signer of status lists whom this authority certified, under no name.
fn list_signer(authority: &Authority) -> Chain {
    authority.certify_signer(key(91).public(), "UT", &[document_signer()])
}

/// How a document is made.
type Draft = fn(&Licences) -> MdocDraft;

/// What becomes of such documents of the state at two places of a list that this signer publishes.
async fn listed_by(licences: &mut Licences, draft: Draft, signer: &Chain, expected: [(u64, &str, &str); 2]) {
    let world = &mut licences.world;
    list_by(world, LISTED, signer, &key(91));
    aggregated(world, "state", LISTED);
    world.refresh().await;
    for (index, verdict, reason) in expected {
        let draft = MdocDraft {
            status: Some(status(LISTED, index)),
            ..draft(licences)
        };
        let outcome = licences.answer(licences.office(), draft, over, |_| ()).await;
        assert_outcome(&outcome, verdict, reason);
    }
}

/// Certificates of signers of licences have no names by which a list could be known for theirs, nor need those of other
/// documents have any.
#[test_case(Licences::draft ; "of a driving licence")]
#[test_case(Licences::person_draft ; "of person identification")]
#[tokio::test]
async fn the_list_of_an_mdoc_without_names_is_one_of_its_authority(draft: Draft) {
    let mut licences = Licences::new().await;
    let signer = list_signer(&licences.state);
    listed_by(&mut licences, draft, &signer, [(4, "yes", "ok"), (5, "no", "revoked")]).await;
}

#[test_case(Licences::draft ; "of a driving licence")]
#[test_case(Licences::person_draft ; "of person identification")]
#[tokio::test]
async fn d6_verifier_mdoc_list_of_another_authority(draft: Draft) {
    let mut licences = Licences::new().await;
    let neighbour = Authority::of_country("neighbour", "UT");
    licences.trust("neighbour", &neighbour).await;
    listed_by(&mut licences, draft, &list_signer(&neighbour), UNKNOWN).await;
}

/// Its path leads to the same anchor.
#[test_case(Licences::draft ; "of a driving licence")]
#[test_case(Licences::person_draft ; "of person identification")]
#[tokio::test]
async fn d6_verifier_mdoc_list_of_an_authority_below_its_own(draft: Draft) {
    let mut licences = Licences::new().await;
    let signer = list_signer(&licences.state.intermediate("between"));
    listed_by(&mut licences, draft, &signer, UNKNOWN).await;
}
