//! Wallets and keys that somebody vouches for. OpenID4VCI 1.0 Appendix D and E

use jose::{Algorithm, JwsHeader, Signer as _, SigningKey};
use oid4vci::metadata::ProofForm;
use oid4vci::wallet::{
    Abilities, AttestedKeys, ClientAttestation, OwnAttester, PrepareError, PreparedIssuance, Reply, WalletClient,
    fetch_challenge, read_challenge,
};
use oid4vci::{
    CLIENT_ATTESTATION, CLIENT_ATTESTATION_POP, ClientAttestationDraft, ClientAttestationError, ClientExpectation,
    CredentialRequest, Grants, Identifier, Proofs, Transport, TrustedAttesters, UnverifiedClientAttestation,
    make_client_attestation,
};
use serde_json::{Value, json};

use crate::fixture::{ISSUER, NOW, answer, header, id, issuer_metadata, key, offer, plain, random, server_metadata};

#[test]
fn attested_keys_are_asked_for_in_the_form_that_the_issuer_takes() {
    let attested = |m: &mut Value, kind: &str| {
        let proof = json!({ "proof_signing_alg_values_supported": ["ES256"], "key_attestations_required": {} });
        m["credential_configurations_supported"]["card"]["proof_types_supported"] = json!({ kind: proof });
    };
    let able = Abilities {
        algorithm: Algorithm::Es256,
        attests: true,
    };
    for (kind, form) in [("jwt", ProofForm::JwtAttested), ("attestation", ProofForm::Attestation)] {
        let metadata = issuer_metadata(|m| attested(m, kind));
        let refused = PreparedIssuance::new(
            offer(plain()),
            metadata.clone(),
            server_metadata(|_| ()),
            Algorithm::Es256,
        );
        assert_eq!(refused.unwrap_err(), PrepareError::AttestationNeeded);
        let mut session = PreparedIssuance::new(offer(plain()), metadata, server_metadata(|_| ()), able).unwrap();
        let token = r#"{"access_token":"tok","token_type":"DPoP"}"#;
        let Reply::Done(mut session) = session.token_response(&answer(200, None, token)).unwrap() else {
            panic!("token")
        };
        session
            .nonce_response(&answer(200, None, r#"{"c_nonce":"n"}"#))
            .unwrap();
        assert_eq!(session.c_nonce(), Some("n"));
        let (first, second) = (key(20), key(30));
        let keys = AttestedKeys {
            form,
            attestation: "attestation",
            keys: &[&first, &second],
        };
        let request = session
            .attested_credential_request("card", &keys, &key(10), NOW, &mut random(3))
            .unwrap();
        let proofs = CredentialRequest::parse(&request.body).unwrap().proofs.unwrap();
        match (form, proofs) {
            (ProofForm::JwtAttested, Proofs::Jwt(proofs)) => {
                let proof = jose::UnverifiedJws::parse(&proofs[0]).unwrap();
                assert_eq!(proofs.len(), 1);
                assert_eq!(proof.header().other()["key_attestation"], "attestation");
                assert!(proof.header().jwk().unwrap().same_key(first.public_jwk()));
            }
            (ProofForm::Attestation, Proofs::Attestation(sent)) => assert_eq!(sent, "attestation"),
            other => panic!("{other:?}"),
        }
    }
}

/// What an attester says about a wallet with this key.
fn client_attestation(instance: &SigningKey) -> ClientAttestation {
    let draft = ClientAttestationDraft {
        issuer: "https://attester.example",
        client_id: "https://wallet.example",
        key: instance.public_jwk(),
        wallet_name: None,
        wallet_link: None,
        expires_at: NOW + 60,
    };
    let header = JwsHeader::new(Algorithm::Es256).with_kid("attester-1");
    let attestation = make_client_attestation(&draft, header, &key(1), NOW).unwrap();
    let attester = OwnAttester {
        identifier: &Identifier::parse(draft.issuer, Transport::Https).unwrap(),
        algorithms: &[Algorithm::Es256],
        now: NOW,
    };
    ClientAttestation::parse(&attestation, instance.public_jwk(), &attester).unwrap()
}

/// HAIP 1.0 §4.4.1: with the code flow the wallet is attested where it pushes its request, too.
#[test]
fn a_wallet_says_what_it_is_before_anybody_signs_in() {
    let wants = |s: &mut Value| {
        s["authorization_endpoint"] = json!("https://issuer.example/agency/authorize");
        s["pushed_authorization_request_endpoint"] = json!("https://issuer.example/agency/par");
        s["grant_types_supported"] = json!(["authorization_code"]);
        s["response_types_supported"] = json!(["code"]);
        s["code_challenge_methods_supported"] = json!(["S256"]);
        s["authorization_response_iss_parameter_supported"] = json!(true);
        s["token_endpoint_auth_methods_supported"] = json!(["attest_jwt_client_auth"]);
    };
    let prepare = |abilities: Abilities| {
        let mut offer = offer(plain());
        offer.grants = Grants::default();
        PreparedIssuance::new(offer, issuer_metadata(|_| ()), server_metadata(wants), abilities)
    };
    let refused = prepare(Algorithm::Es256.into()).unwrap_err();
    assert_eq!(refused, PrepareError::AttestationNeeded);
    let able = Abilities {
        algorithm: Algorithm::Es256,
        attests: true,
    };
    let instance = key(2);
    let (attestation, callback) = (
        client_attestation(&instance),
        "https://wallet.example/cb".parse().unwrap(),
    );
    let client = WalletClient {
        client_id: attestation.client_id(),
        redirect_uri: &callback,
    };
    let pushing = prepare(able).unwrap().authorize(&client, &mut random(3)).unwrap();
    let mut request = pushing.request(&key(4), NOW, &mut random(5)).unwrap();
    attestation
        .add_to(&mut request, &id(), None, &instance, NOW, &mut random(6))
        .unwrap();
    assert_eq!(request.url.path(), "/agency/par");
    let verified = UnverifiedClientAttestation::parse(
        std::iter::once(header(&request, CLIENT_ATTESTATION)),
        std::iter::once(header(&request, CLIENT_ATTESTATION_POP)),
    );
    let attesters = TrustedAttesters::default();
    let expected = ClientExpectation {
        attesters: &attesters,
        algorithms: &[Algorithm::Es256],
        server: &id(),
        client_id: Some(client.client_id),
        dpop_jkt: None,
        now: NOW,
    };
    let refused = verified.unwrap().unwrap().verify(&expected).unwrap_err();
    assert!(
        matches!(refused, ClientAttestationError::Attester(_)),
        "nobody is trusted by himself: {refused}"
    );
}

#[test]
fn a_wallet_says_what_it_is_where_the_server_wants_to_know() {
    let wants = |s: &mut Value| {
        s["pre-authorized_grant_anonymous_access_supported"] = json!(false);
        s["token_endpoint_auth_methods_supported"] = json!(["attest_jwt_client_auth"]);
        s["challenge_endpoint"] = json!("https://issuer.example/agency/challenge");
    };
    let metadata = || issuer_metadata(|_| ());
    let refused = PreparedIssuance::new(offer(plain()), metadata(), server_metadata(wants), Algorithm::Es256);
    assert_eq!(refused.unwrap_err(), PrepareError::AttestationNeeded);
    let able = Abilities {
        algorithm: Algorithm::Es256,
        attests: true,
    };
    let session = PreparedIssuance::new(offer(plain()), metadata(), server_metadata(wants), able).unwrap();
    assert!(session.wants_attestation());
    let endpoint = session.server().challenge_endpoint.clone().unwrap();
    assert_eq!(fetch_challenge(&endpoint).method, "POST");
    let challenge = read_challenge(&answer(200, None, r#"{"attestation_challenge":"c"}"#)).unwrap();
    let instance = key(2);
    let attestation = client_attestation(&instance);
    assert_eq!(attestation.client_id(), "https://wallet.example");
    let mut request = session.token_request(None, &key(3), NOW, &mut random(4)).unwrap();
    for round in 0..2 {
        let random = &mut random(5 + round);
        attestation
            .add_to(&mut request, &id(), Some(&challenge), &instance, NOW, random)
            .unwrap();
    }
    let sent = |name: &str| request.headers.iter().filter(|(header, _)| *header == name).count();
    assert_eq!((sent(CLIENT_ATTESTATION), sent(CLIENT_ATTESTATION_POP)), (1, 1));
    let pop = jose::UnverifiedJws::parse(header(&request, CLIENT_ATTESTATION_POP)).unwrap();
    let claims: Value = serde_json::from_slice(pop.dangerous_unverified_payload()).unwrap();
    assert_eq!((&claims["challenge"], &claims["aud"]), (&json!("c"), &json!(ISSUER)));
}
