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
use testkit::vectors::folder;

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

/// What became of the cases of a set.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    cases: usize,
    must_accept: usize,
    must_refuse: usize,
    out_of_scope: usize,
}

impl Counts {
    fn print(&self, set: &str) {
        println!(
            "COUNT: | {set} | {} | {} | {} | {} |",
            self.cases, self.must_accept, self.must_refuse, self.out_of_scope
        );
        assert_eq!(self.cases, self.must_accept + self.must_refuse + self.out_of_scope);
    }
}

/// A claims description without a path breaks Appendix B.2.
const REFUSED: [&str; 2] = ["hiid_jwt_vc.json", "hiid_mdoc.json"];

#[test]
fn every_configuration_of_the_eu_reference_issuer() {
    let Some(directory) = folder("eudi-issuer-metadata") else {
        return;
    };
    let mut counts = Counts::default();
    let mut all = serde_json::Map::new();
    let mut forms = [0, 0];
    for (name, text) in files(directory.join("credentials_supported")) {
        counts.cases += 1;
        let own: Value = serde_json::from_str(&text).unwrap();
        let whole = json!({ "credential_configurations_supported": own }).to_string();
        let parsed = parse_configurations(whole.as_bytes());
        if REFUSED.contains(&name.as_str()) {
            assert!(matches!(parsed, Err(ConfigurationError::Json(_))), "{name}");
            counts.must_refuse += 1;
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
        counts.must_accept += 1;
    }
    assert_eq!(forms, [1, 18]);
    for (name, text) in files(directory) {
        counts.cases += 1;
        match name.as_str() {
            "metadata_config.json" => {
                issuer(&text, all.clone());
                counts.must_accept += 1;
            }
            "oauth-authorization-server.json" => {
                let asked = Identifier::parse("https://issuer.eudiw.dev", Transport::Https).unwrap();
                let server = AuthorizationServerMetadata::parse(text.as_bytes(), &asked, Transport::Https).unwrap();
                assert!(!server.takes_pre_authorized_code() && !server.takes_client_attestation());
                counts.must_accept += 1;
            }
            // The source note, and metadata of an OpenID provider without endpoints, which is no message here.
            "SOURCE.txt" | "openid-configuration.json" => counts.out_of_scope += 1,
            other => panic!("{other}"),
        }
    }
    counts.print("eudi-issuer-metadata");
    let expected = Counts {
        cases: 25,
        must_accept: 21,
        must_refuse: 2,
        out_of_scope: 2,
    };
    assert_eq!(counts, expected);
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
    let mut counts = Counts::default();
    for (name, text) in configurations.iter().filter(|(name, _)| name.starts_with("vci-")) {
        counts.cases += 1;
        // Configurations of the suite's issuer and of clients that do not attest name no attester.
        let attester = serde_json::from_str::<Value>(text)
            .ok()
            .and_then(|config| config.pointer("/client_attestation/attester_jwks/keys/0").cloned());
        let Some(attester) = attester else {
            counts.out_of_scope += 1;
            continue;
        };
        attests(&attester, &anchor);
        assert!(text.contains("client_attestation"), "{name}");
        counts.must_accept += 1;
    }
    counts.print("oidf-configs");
    let expected = Counts {
        cases: 11,
        must_accept: 7,
        must_refuse: 0,
        out_of_scope: 4,
    };
    assert_eq!(counts, expected);
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
