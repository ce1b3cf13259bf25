//! Trust anchors: what leads to none, and what has run out.

use crate::credentials::{FOREIGN, certified};
use crate::world::{Issuer, METADATA, NOW, RequestDraft, World, YEAR};
use jose::x5c::ChainError;
use ledger::TrustPackError;
use testkit::certificates::{Authority, Chain, ExtendedKeyUsagePurpose, Fault, Name, Signed, Validity};
use testkit::credential::key;
use wallet::{CredentialRefused, IssuanceError, RequestRefused, TrustError};

const NAMES: [Name<'_>; 2] = [Name::Uri(FOREIGN), Name::Dns("elsewhere.example")];

/// What is wrong with the chain of a card under this anchor; nothing is stored.
async fn refused(anchor: &str, chain: &Chain) -> ChainError {
    let world = World::with_issuer_anchor(anchor).await;
    let issuer = certified(&world, chain, FOREIGN).await;
    let error = world.not_stored(&issuer).await;
    assert_eq!(error.code(), "certificate_not_trusted");
    match error {
        IssuanceError::Refused(CredentialRefused::Issuer(TrustError::Chain(error))) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn e2_wallet_chains_that_lead_nowhere() {
    let (root, signer) = (Authority::new("root"), key(31));
    let of = |authority: &Authority| authority.certify(signer.public(), &NAMES);
    let at = |validity| root.certify_with(signer.public(), &NAMES, validity, &[]);
    let client = [ExtendedKeyUsagePurpose::ClientAuth];
    let for_clients = root.certify_with(signer.public(), &NAMES, Validity::Current, &client);
    let no_further = root.faulty("below", Fault::NoFurther);
    for (chain, expected) in [
        (at(Validity::Expired), ChainError::Expired),
        (at(Validity::NotYet), ChainError::NotYetValid),
        (for_clients, ChainError::WrongPurpose),
        (of(&Authority::new("stranger")), ChainError::UnknownIssuer),
        (
            of(&root.faulty("below", Fault::NoAuthority)),
            ChainError::IssuerNotAuthority,
        ),
        (of(&no_further.intermediate("further")), ChainError::Path),
        (of(&root.faulty("below", Fault::OtherNames)), ChainError::Path),
    ] {
        assert_eq!(refused(root.pem(), &chain).await, expected);
    }
}

#[tokio::test]
async fn e2_wallet_certificates_signed_by_what_is_outdated() {
    for signed in [Signed::WithSha1, Signed::WithRsa1024] {
        let (anchor, chain) = signed.certificates();
        assert_eq!(refused(anchor, &chain).await, ChainError::Path, "{signed:?}");
    }
    let (anchor, chain) = Signed::Well.certificates();
    let world = World::with_issuer_anchor(anchor).await;
    let issuer = certified(&world, &chain, FOREIGN).await;
    world.accept(&issuer.offer()).await.expect("accepted");
}

#[tokio::test]
async fn e4_wallet_an_anchor_that_has_run_out() {
    let old = Authority::expired("old");
    let chain = old.certify(key(31).public(), &NAMES);
    assert_eq!(refused(old.pem(), &chain).await, ChainError::Expired);
}

#[tokio::test]
async fn e4_wallet_a_trust_pack_that_runs_out_while_the_wallet_is_open() {
    let mut world = World::with_card().await;
    world.clock.set(NOW + YEAR);
    world.ledger.set_now(NOW + YEAR);
    world.publish_agencies().await;
    let asked = world.sent("GET", METADATA).await.len();
    let issuer = Issuer::of(&world, "person-identification");
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert_eq!(error.code(), "trust_pack_expired");
    assert!(matches!(&error, IssuanceError::Trust(reason) if reason.is_could_not_check()));
    assert_eq!(world.sent("GET", METADATA).await.len(), asked, "nothing is asked of it");

    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    draft.claims["iat"] = (NOW + YEAR).into();
    draft.claims["exp"] = (NOW + YEAR + 300).into();
    let link = draft.publish(&world).await;
    let error = world.refused(&link).await;
    assert!(matches!(
        error,
        RequestRefused::Trust(TrustError::Pack(TrustPackError::Expired))
    ));
}
