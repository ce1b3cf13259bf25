//! Offers that do not fit their metadata, and transaction codes that are never sent.

use jose::Algorithm;
use oid4vci::wallet::{PrepareError, PreparedIssuance, TokenStepError};
use oid4vci::{Identifier, Transport, TxCodeInputError};
use serde_json::{Value, json};
use test_case::test_case;

use crate::fixture::{NOW, issuer_metadata, key, offer, plain, prepared, random, server_metadata};

#[test_case(|_| (), |s| s["issuer"] = json!("https://evil.example") => PrepareError::OtherAuthorizationServer ; "mix up")]
#[test_case(|_| (), |s| s["grant_types_supported"] = json!(["authorization_code"]) => PrepareError::NoSupportedGrant ; "no grant")]
#[test_case(|_| (), |s| s["pre-authorized_grant_anonymous_access_supported"] = json!(false) => PrepareError::ClientNeedsName ; "no anonymous clients")]
#[test_case(|_| (), |s| s["dpop_signing_alg_values_supported"] = json!(["RS256"]) => PrepareError::NoDpop ; "no common dpop algorithm")]
#[test_case(|i| i["credential_configurations_supported"] = json!({}), |_| () => PrepareError::UnknownConfiguration("card".to_owned()) ; "unknown configuration")]
#[test_case(|i| i["credential_configurations_supported"]["card"]["proof_types_supported"]["jwt"]["key_attestations_required"] = json!({}), |_| ()
    => PrepareError::AttestationNeeded ; "attestation required")]
#[test_case(|i| i["credential_configurations_supported"]["card"]["proof_types_supported"]["jwt"]["proof_signing_alg_values_supported"] = json!(["RS256"]), |_| ()
    => PrepareError::NoSupportedProof("card".to_owned()) ; "no common proof algorithm")]
fn an_offer_that_does_not_fit(issuer: fn(&mut Value), server: fn(&mut Value)) -> PrepareError {
    let (issuer, server) = (issuer_metadata(issuer), server_metadata(server));
    PreparedIssuance::new(offer(plain()), issuer, server, Algorithm::Es256).unwrap_err()
}

#[test]
fn an_offer_of_another_issuer_does_not_fit() {
    let mut offer = offer(plain());
    offer.credential_issuer = Identifier::parse("https://issuer.example", Transport::Https).unwrap();
    let result = PreparedIssuance::new(
        offer,
        issuer_metadata(|_| ()),
        server_metadata(|_| ()),
        Algorithm::Es256,
    );
    assert_eq!(result.unwrap_err(), PrepareError::OtherIssuer);
}

#[test_case(plain(), Some("1") => TokenStepError::TxCodeUnexpected ; "unexpected")]
#[test_case(json!({ "pre-authorized_code": "c", "tx_code": {} }), None => TokenStepError::TxCodeMissing ; "missing")]
#[test_case(json!({ "pre-authorized_code": "c", "tx_code": { "length": 4 } }), Some("12345")
    => TokenStepError::TxCodeInput(TxCodeInputError::Length) ; "wrong length never leaves the wallet")]
fn a_transaction_code_that_cannot_be_sent(grant: Value, typed: Option<&str>) -> TokenStepError {
    prepared(grant)
        .token_request(typed, &key(1), NOW, &mut random(2))
        .unwrap_err()
}
