//! Who may sign. ISO/IEC 18013-5 §9.3.3, Annex B.1

use jose::PrivateJwk;
use jose::x5c::{ChainError, TrustAnchors};
use mdoc::{IssuerTrust, MDL, MdocDraft, MdocError, ReceiveError, UnverifiedMdoc};
use testkit::certificates::{Authority, Chain, ExtendedKeyUsagePurpose, document_signer};
use testkit::credential::{key, random, signer};

use crate::fixture::{ANCHORS, AUTHORITY, NOW, device, draft, issuer, verify};
use crate::forge::{forged, x5chain};

/// A driving licence whose `issuing_country` is this, where it has one.
fn licence(country: Option<&str>) -> MdocDraft {
    let mut elements = vec![("family_name".to_owned(), "Sample".into())];
    if let Some(country) = country {
        elements.push(("issuing_country".to_owned(), country.into()));
    }
    MdocDraft {
        doc_type: MDL.to_owned(),
        name_spaces: vec![("org.iso.18013.5.1".to_owned(), elements)],
        ..draft()
    }
}

fn received(draft: MdocDraft, chain: &Chain, anchors: &TrustAnchors) -> Result<(), MdocError> {
    let certificates = chain.certificates.clone();
    let issued = draft.issue(certificates, &mut random(5), &signer(&issuer())).unwrap();
    let received = UnverifiedMdoc::parse(&issued).unwrap();
    let received = received.receive(IssuerTrust::Anchors(anchors), device().public(), NOW);
    received.map(drop).map_err(|error| match error {
        ReceiveError::Mdoc(error) => error,
        other => panic!("{other}"),
    })
}

fn certified(country: &str, purposes: &[ExtendedKeyUsagePurpose]) -> Chain {
    AUTHORITY.certify_signer(issuer().public(), country, purposes)
}

#[test]
fn c7_a_licence_by_a_signer_that_does_not_say_so() {
    let wrong_purpose = Err(MdocError::Chain(ChainError::WrongPurpose));
    for (purposes, of_a_licence, of_a_card) in [
        (vec![document_signer()], Ok(()), Ok(())),
        (vec![], wrong_purpose, Ok(())),
        (vec![ExtendedKeyUsagePurpose::ClientAuth], wrong_purpose, wrong_purpose),
        (
            vec![document_signer(), ExtendedKeyUsagePurpose::ClientAuth],
            wrong_purpose,
            Ok(()),
        ),
    ] {
        let chain = certified("UT", &purposes);
        assert_eq!(received(licence(None), &chain, &ANCHORS), of_a_licence, "{purposes:?}");
        assert_eq!(received(draft(), &chain, &ANCHORS), of_a_card, "{purposes:?}");
    }
}

#[test]
fn c7_a_licence_by_a_signer_of_another_country() {
    let chain = |country| certified(country, &[document_signer()]);
    assert_eq!(received(licence(None), &chain("ut"), &ANCHORS), Ok(()));
    assert_eq!(received(licence(None), &chain("NL"), &ANCHORS), Err(MdocError::Country));
    assert_eq!(received(licence(Some("UT")), &chain("UT"), &ANCHORS), Ok(()));
    assert_eq!(
        received(licence(Some("NL")), &chain("UT"), &ANCHORS),
        Err(MdocError::Country)
    );
    // The profile is that of licences alone.
    assert_eq!(received(draft(), &chain("NL"), &ANCHORS), Ok(()));
    let nowhere = Authority::new("nowhere");
    let anchors = TrustAnchors::from_pem([nowhere.pem()]).unwrap();
    let of_nowhere = nowhere.certify_signer(issuer().public(), "UT", &[document_signer()]);
    assert_eq!(received(licence(None), &of_nowhere, &anchors), Err(MdocError::Country));
}

#[test]
fn c7_a_licence_by_a_signer_of_another_state() {
    let utopia = Authority::of_state("state", "UT", "Utopia");
    let anchors = TrustAnchors::from_pem([utopia.pem()]).unwrap();
    let key = issuer();
    let of_state = |state| utopia.certify_signer_of_state(key.public(), "UT", state);
    let of_none = utopia.certify_signer(key.public(), "UT", &[document_signer()]);
    assert_eq!(received(licence(None), &of_state("Utopia"), &anchors), Ok(()));
    for other in [of_state("Arcadia"), of_none] {
        assert_eq!(received(licence(None), &other, &anchors), Err(MdocError::State));
        // The profile is that of licences alone.
        assert_eq!(received(draft(), &other, &anchors), Ok(()));
    }
    let beyond = AUTHORITY.certify_signer_of_state(key.public(), "UT", "Utopia");
    assert_eq!(received(licence(None), &beyond, &ANCHORS), Err(MdocError::State));
}

#[test]
fn c7_a_chain_that_leads_nowhere() {
    let stranger = Authority::of_country("stranger", "UT");
    let chain = stranger.certify_signer(issuer().public(), "UT", &[document_signer()]);
    let refused = received(licence(None), &chain, &ANCHORS);
    assert!(matches!(refused, Err(MdocError::Chain(ChainError::UnknownIssuer))));
    let own = Chain::self_signed(&issuer(), &[]);
    assert_eq!(
        received(draft(), &own, &ANCHORS),
        Err(MdocError::Chain(ChainError::SelfSignedLeaf))
    );
    let other_key: PrivateJwk = key(3);
    let of_another = AUTHORITY.certify_signer(other_key.public(), "UT", &[document_signer()]);
    assert!(matches!(
        received(draft(), &of_another, &ANCHORS),
        Err(MdocError::IssuerAuth(_))
    ));
    let between = AUTHORITY.intermediate("between");
    let long = between.certify_signer(issuer().public(), "UT", &[document_signer()]);
    assert_eq!(received(draft(), &long, &ANCHORS), Ok(()));
    assert_eq!(
        received(licence(None), &long, &ANCHORS),
        Err(MdocError::Chain(ChainError::Path))
    );
}

#[test]
fn a_chain_stands_in_the_unprotected_header() {
    let none = verify(&forged(|forge| forge.unprotected = coset::Header::default()));
    assert_eq!(none.unwrap_err(), MdocError::Chain(ChainError::NotAChain).into());
    let no_bytes = verify(&forged(|forge| forge.unprotected = x5chain("chain".into())));
    assert_eq!(no_bytes.unwrap_err(), MdocError::Chain(ChainError::NotAChain).into());
    let protected = verify(&forged(|forge| {
        let chain = std::mem::take(&mut forge.unprotected);
        forge.protected.rest = chain.rest;
    }));
    assert_eq!(protected.unwrap_err(), MdocError::Chain(ChainError::NotAChain).into());
}
