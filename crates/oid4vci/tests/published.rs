//! Metadata and attesters that others published: the EU reference issuer, and the OpenID Foundation's conformance suite.

use std::path::PathBuf;

use jose::jwe::ContentEncryption;
use jose::x5c::TrustAnchors;
use jose::{Algorithm, JwsHeader, PrivateJwk, SigningKey};
use oid4vci::metadata::{ConfigurationError, ProofForm, parse_configurations};
use oid4vci::{
    AuthorizationServerMetadata, ClientAttestationDraft, ClientExpectation, Identifier, IssuerMetadata, Transport,
    TrustedAttesters, UnverifiedClientAttestation, make_client_attestation, make_client_attestation_pop,
};
use serde_json::{Value, json};
use testkit::vectors::{Table, folder};

/// 2026-11-20: within the validity of the suite's certificates.
const NOW: u64 = 1_795_176_000;

/// The files of a folder, by name.
fn files(folder: PathBuf) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// A claims description without a path breaks Appendix B.2.
const REFUSED: [&str; 2] = ["hiid_jwt_vc.json", "hiid_mdoc.json"];

#[test]
fn every_configuration_of_the_eu_reference_issuer() {
    let Some(directory) = folder("eudi-issuer-metadata") else {
        return;
    };
    let mut table = Table::new("eudi-issuer-metadata");
    let mut all = serde_json::Map::new();
    let mut forms = [0, 0];
    for (name, text) in files(directory.join("credentials_supported")) {
        let own: Value = serde_json::from_str(&text).unwrap();
        let whole = json!({ "credential_configurations_supported": own }).to_string();
        let parsed = parse_configurations(whole.as_bytes());
        if REFUSED.contains(&name.as_str()) {
            assert!(matches!(parsed, Err(ConfigurationError::Json(_))), "{name}");
            table.agrees("configurations", false);
            continue;
        }
        for configuration in parsed.unwrap_or_else(|error| panic!("{name}: {error}")).values() {
            // All but one ask for storage at a level that software does not reach.
            match configuration.proof_form(Algorithm::Es256, true) {
                Some(form) => {
                    assert_eq!(form, ProofForm::Jwt, "{name}");
                    forms[0] += 1;
                }
                None => forms[1] += 1,
            }
        }
        all.extend(own.as_object().unwrap().clone());
        table.agrees("configurations", true);
    }
    assert_eq!(forms, [1, 18]);
    for (name, text) in files(directory) {
        match name.as_str() {
            "metadata_config.json" => {
                issuer(&text, all.clone());
                table.agrees("metadata", true);
            }
            "oauth-authorization-server.json" => {
                let asked = Identifier::parse("https://issuer.eudiw.dev", Transport::Https).unwrap();
                let server = AuthorizationServerMetadata::parse(text.as_bytes(), &asked, Transport::Https).unwrap();
                assert!(!server.takes_pre_authorized_code() && !server.takes_client_attestation());
                table.agrees("metadata", true);
            }
            "SOURCE.txt" => table.out_of_scope("metadata", 1, "the note of where the set is from"),
            "openid-configuration.json" => {
                table.out_of_scope(
                    "metadata",
                    1,
                    "of an OpenID provider, without endpoints: no message here",
                );
            }
            other => panic!("{other}"),
        }
    }
    table.check(&[("configurations", [19, 2, 0, 0]), ("metadata", [2, 0, 0, 2])]);
}

/// The issuer's metadata with all its configurations.
fn issuer(text: &str, configurations: serde_json::Map<String, Value>) {
    let mut metadata: Value = serde_json::from_str(text).unwrap();
    metadata["credential_configurations_supported"] = Value::Object(configurations);
    let asked = Identifier::parse("https://dev.issuer.eudiw.dev", Transport::Https).unwrap();
    let metadata = IssuerMetadata::parse(metadata.to_string().as_bytes(), &asked, Transport::Https).unwrap();
    assert_eq!(metadata.proofs_per_request(), 100);
    let request = metadata.credential_request_encryption.unwrap();
    let (key, enc) = request.recipient().unwrap();
    assert_eq!(key.kid(), Some("D6KSZ43BrxnLwBAajruJpB1t7TrsWuE-mAn6ihHqT8w"));
    assert_eq!(enc, ContentEncryption::A128Gcm);
    let response = metadata.credential_response_encryption.unwrap();
    assert_eq!(response.enc(), Some(ContentEncryption::A128Gcm));
    assert!(!request.encryption_required && !response.encryption_required);
    let other = Identifier::parse("https://issuer.eudiw.dev", Transport::Https).unwrap();
    assert!(
        IssuerMetadata::parse(text.as_bytes(), &other, Transport::Https).is_err(),
        "mixed up"
    );
}

/// The suite's configurations hold its attester's key and certificate, and those of its wallets the anchor.
#[test]
fn the_attester_of_the_conformance_suite_is_trusted_by_its_anchor_alone() {
    let Some(directory) = folder("oidf-configs") else {
        return;
    };
    let configurations = files(directory.join("scripts/test-configs-rp-against-op"));
    let wallet = configurations
        .iter()
        .find(|(name, _)| name == "vci-wallet-test-config-haip.json");
    let anchor = text_member(&wallet.unwrap().1, "trust_anchor");
    let mut table = Table::new("oidf-configs");
    for (name, text) in configurations.iter().filter(|(name, _)| name.starts_with("vci-")) {
        // Configurations of the suite's issuer and of clients that do not attest name no attester.
        let attester = serde_json::from_str::<Value>(text)
            .ok()
            .and_then(|config| config.pointer("/client_attestation/attester_jwks/keys/0").cloned());
        let Some(attester) = attester else {
            table.out_of_scope("attester", 1, "the configuration names none");
            continue;
        };
        attests(&attester, &anchor);
        assert!(text.contains("client_attestation"), "{name}");
        table.agrees("attester", true);
    }
    table.check(&[("attester", [7, 0, 0, 4])]);
}

/// The text of a member in a file that is JSON but for placeholders.
fn text_member(file: &str, name: &str) -> String {
    let rest = file.split_once(&format!("\"{name}\": \"")).unwrap().1;
    rest.split_once('"').unwrap().0.replace("\\n", "\n")
}

fn attests(attester: &Value, anchor: &str) {
    let key = SigningKey::new(&PrivateJwk::from_value(attester).unwrap()).unwrap();
    let instance = SigningKey::new(&PrivateJwk::generate_p256(&mut |out: &mut [u8]| out.fill(9))).unwrap();
    let server = Identifier::parse("https://as.example", Transport::Https).unwrap();
    let draft = ClientAttestationDraft {
        issuer: "https://client-attester.example.org/",
        client_id: "52480754053",
        key: jose::Signer::public_jwk(&instance),
        wallet_name: None,
        wallet_link: None,
        expires_at: NOW + 60,
    };
    let header = JwsHeader::new(Algorithm::Es256).with_x5c(attester["x5c"].clone());
    let attestation = make_client_attestation(&draft, header, &key, NOW).unwrap();
    let random = &mut |out: &mut [u8]| out.fill(3);
    let pop = make_client_attestation_pop(&server, None, &instance, NOW, random).unwrap();
    let verify = |attesters: &TrustedAttesters, now| {
        let expected = ClientExpectation {
            attesters,
            algorithms: &[Algorithm::Es256],
            server: &server,
            client_id: Some("52480754053"),
            dpop_jkt: None,
            now,
        };
        UnverifiedClientAttestation::parse([attestation.as_str()].into_iter(), [pop.as_str()].into_iter())
            .unwrap()
            .unwrap()
            .verify(&expected)
    };
    let trusted = TrustedAttesters::new(Vec::new(), TrustAnchors::from_pem([anchor]).unwrap()).unwrap();
    assert_eq!(verify(&trusted, NOW).unwrap().client_id(), "52480754053");
    assert!(
        verify(&TrustedAttesters::default(), NOW).is_err(),
        "nobody is trusted by himself"
    );
    assert!(verify(&trusted, 2_000_000_000).is_err(), "the certificate has run out");
}
