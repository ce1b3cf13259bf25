//! Whose status lists are those of an issuer that is known by its certificate.

use crate::credentials::{FOREIGN, certified};
use crate::mdocs::{DOC_TYPE, NAME_SPACE, taken_under};
use crate::status_lists::{Token, publish};
use crate::world::World;
use mdoc::MDL;
use serde_json::json;
use test_case::test_case;
use testkit::certificates::{Authority, Chain, Name, document_signer};
use testkit::credential::key;
use wallet::{CardStatus, StatusError, TrustError};

const VALID: u8 = 0b00;
const REVOKED: u8 = 0b01;

/// A wallet with a document whose signer the first authority certified under no name, and that knows the second too.
async fn with_document(doc_type: &'static str) -> (World, [Authority; 2]) {
    let authorities = ["authority", "neighbour"].map(|name| Authority::of_country(name, "UT"));
    let world = World::with_issuer_anchor(&format!("{}\n{}", authorities[0].pem(), authorities[1].pem())).await;
    let chain = authorities[0].certify_signer(key(31).public(), "UT", &[document_signer()]);
    let name_space = if doc_type == MDL {
        "org.iso.18013.5.1"
    } else {
        NAME_SPACE
    };
    let said = json!({ name_space: { "family_name": "Mustermann", "issuing_country": "UT" } });
    taken_under(&world, &chain, doc_type, said).await.expect("taken");
    (world, authorities)
}

/// A signer of status lists whom this authority certified, under no name.
fn list_signer(authority: &Authority) -> Chain {
    authority.certify_signer(key(32).public(), "UT", &[document_signer()])
}

/// The status of the only card by a list that this signer publishes; or why that list is refused, and nothing is known of
/// the card.
async fn told(world: &World, signer: &Chain, value: u8) -> Result<CardStatus, StatusError> {
    let token = Token::of(world, &[]).at(&world.url("elsewhere", "/lists/1"));
    publish(world, &token.saying(value).under(signer, key(32)).sign()).await;
    let asked = world.server.received_requests().await.expect("recorded").len();
    let mut refreshed = world.wallet.refresh_status().await.expect("refreshed");
    let all = world.server.received_requests().await.expect("recorded");
    let elsewhere = all[asked..].iter().filter(|request| {
        let host = request.headers["host"].to_str().expect("text");
        !host.starts_with("ledger.")
    });
    let asked: Vec<&str> = elsewhere.map(|request| request.url.path()).collect();
    assert_eq!(asked, ["/lists/1"], "nobody is asked but for the list");
    match refreshed.failures.pop() {
        None => Ok(world.card_status()),
        Some(error) => {
            assert_eq!(world.card_status(), CardStatus::Unknown, "never valid");
            Err(error)
        }
    }
}

async fn refused(world: &World, signer: &Chain) {
    let error = told(world, signer, VALID).await.expect_err("refused");
    let of_nobody = matches!(error, StatusError::Trust(TrustError::UnknownIssuer));
    assert!(of_nobody, "{error:?}");
}

#[test_case(MDL ; "a driving licence")]
#[test_case(DOC_TYPE ; "person identification")]
#[tokio::test]
async fn the_list_of_an_mdoc_without_names_is_one_of_its_authority(doc_type: &'static str) {
    let (world, [authority, _]) = with_document(doc_type).await;
    let signer = list_signer(&authority);
    for (value, expected) in [(VALID, CardStatus::Valid), (REVOKED, CardStatus::Revoked)] {
        assert_eq!(told(&world, &signer, value).await.expect("taken"), expected);
    }
}

#[test_case(MDL ; "a driving licence")]
#[test_case(DOC_TYPE ; "person identification")]
#[tokio::test]
async fn d6_wallet_mdoc_list_of_another_authority(doc_type: &'static str) {
    let (world, [_, neighbour]) = with_document(doc_type).await;
    refused(&world, &list_signer(&neighbour)).await;
}

/// Its path leads to the same anchor.
#[test_case(MDL ; "a driving licence")]
#[test_case(DOC_TYPE ; "person identification")]
#[tokio::test]
async fn d6_wallet_mdoc_list_of_an_authority_below_its_own(doc_type: &'static str) {
    let (world, [authority, _]) = with_document(doc_type).await;
    refused(&world, &list_signer(&authority.intermediate("between"))).await;
}

/// An issuer with names is known by one of them, and not by the authority that certified others too.
#[tokio::test]
async fn d6_wallet_list_of_another_name() {
    let root = Authority::new("root");
    let world = World::with_anchors(Some(&root), None).await;
    let names = [Name::Uri(FOREIGN), Name::Dns("elsewhere.example")];
    let chain = root.certify(key(31).public(), &names);
    let issuer = certified(&world, &chain, FOREIGN).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let signer = |names: &[Name<'_>]| root.certify(key(32).public(), names);
    refused(&world, &signer(&[Name::Uri("did:web:other.example")])).await;
    refused(&world, &signer(&[])).await;
    let one_of_them = signer(&[Name::Dns("elsewhere.example")]);
    assert_eq!(
        told(&world, &one_of_them, VALID).await.expect("taken"),
        CardStatus::Valid
    );
}
