//! What issuers and authorization servers publish about themselves. OpenID4VCI 1.0 §12, RFC 8414

use jose::Algorithm;
use oid4vci::metadata::{
    AuthorizationServerMetadataError, CredentialConfiguration, IssuerMetadataError, RequestEncryption,
    parse_configurations,
};
use oid4vci::{AuthorizationServerMetadata, Identifier, IssuerMetadata, Transport};
use serde_json::{Map, Value, json};

use super::Target;
use crate::{Reached, seeds};

pub(super) const TARGET: Target = Target {
    name: "issuer-metadata",
    asserts: "metadata, written from what was read of them, read the same, and under no other name; whatever they say \
              to call is called by https; a request is encrypted to a key that stands in them; a proof is made in a \
              form that they ask for, and without an attester in none that needs one",
    body,
    seeds: inputs,
};

/// Configurations alone, the member that catalogues publish.
const CONFIGURATIONS: &str = "credential_configurations_supported";

fn inputs() -> Vec<Vec<u8>> {
    let mut all = vec![own_issuer(), own_server()];
    all.extend(of_the_eu());
    let examples = seeds::set("openid4vci-examples").into_iter();
    all.extend(examples.filter_map(|(_, text)| serde_json::from_str(&text).ok()));
    all.iter().map(|value: &Value| value.to_string().into_bytes()).collect()
}

fn own_issuer() -> Value {
    json!({
        "credential_issuer": "https://issuer.example/a",
        "authorization_servers": ["https://as.example", "https://issuer.example/a"],
        "credential_endpoint": "https://issuer.example/a/credential",
        "nonce_endpoint": "https://issuer.example/a/nonce",
        "deferred_credential_endpoint": "https://issuer.example/a/deferred",
        "notification_endpoint": "https://issuer.example/a/notification",
        "batch_credential_issuance": { "batch_size": 5 },
        "credential_request_encryption": {
            "jwks": { "keys": [{
                "kty": "EC", "crv": "P-256", "kid": "1", "use": "enc", "alg": "ECDH-ES",
                "x": "I3HWm_0Ds1dPMI-IWmf4mBmH-YaeAVbPVu7vB27CxXo",
                "y": "6N_d5Elj9bs1htgV3okJKIdbHEpkgTmAluYKJemzn1M",
            }] },
            "enc_values_supported": ["A128GCM"], "encryption_required": false,
        },
        "credential_response_encryption": {
            "alg_values_supported": ["ECDH-ES"], "enc_values_supported": ["A256GCM"], "encryption_required": true,
        },
        "display": [{ "name": "Office of Residents", "locale": "en" }, { "name": "Meldeamt", "locale": "de" }],
        CONFIGURATIONS: {
            "pid": {
                "format": "dc+sd-jwt", "vct": "urn:holdfast:vct:person-identification:1", "scope": "pid",
                "credential_signing_alg_values_supported": ["ES256"],
                "cryptographic_binding_methods_supported": ["jwk"],
                "proof_types_supported": {
                    "jwt": { "proof_signing_alg_values_supported": ["ES256"] },
                    "attestation": {
                        "proof_signing_alg_values_supported": ["ES256"],
                        "key_attestations_required": { "key_storage": ["iso_18045_moderate"] },
                    },
                },
                "credential_metadata": {
                    "display": [{ "name": "Person identification", "locale": "en", "background_color": "#12107c" }],
                    "claims": [{ "path": ["nationality", null], "mandatory": true }, { "path": ["address", "locality"] }],
                },
            },
            "mdl": { "format": "mso_mdoc", "doctype": "org.iso.18013.5.1.mDL",
                     "credential_signing_alg_values_supported": [-7] },
            "student": { "format": "ldp_vc", "credential_definition": {
                "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential", "Student"],
            } },
        },
    })
}

fn own_server() -> Value {
    json!({
        "issuer": "https://as.example",
        "token_endpoint": "https://as.example/token",
        "authorization_endpoint": "https://as.example/authorize",
        "pushed_authorization_request_endpoint": "https://as.example/par",
        "require_pushed_authorization_requests": true,
        "response_types_supported": ["code"],
        "grant_types_supported": [
            "authorization_code", "urn:ietf:params:oauth:grant-type:pre-authorized_code", "refresh_token",
        ],
        "token_endpoint_auth_methods_supported": ["attest_jwt_client_auth", "none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "dpop_signing_alg_values_supported": ["ES256"],
        "challenge_endpoint": "https://as.example/challenge",
        "client_attestation_signing_alg_values_supported": ["ES256"],
        "client_attestation_pop_signing_alg_values_supported": ["ES256"],
        "pre-authorized_grant_anonymous_access_supported": true,
    })
}

/// Every file of the EU reference issuer, and its metadata with all configurations.
fn of_the_eu() -> Vec<Value> {
    let (mut all, mut every) = (Vec::new(), Map::new());
    for (path, text) in seeds::set("eudi-issuer-metadata") {
        let Ok(value) = serde_json::from_str::<Value>(&text) else {
            continue;
        };
        match value {
            Value::Object(own)
                if path
                    .parent()
                    .is_some_and(|folder| folder.ends_with("credentials_supported")) =>
            {
                every.extend(own.clone());
                all.push(json!({ CONFIGURATIONS: own }));
            }
            value => all.push(value),
        }
    }
    let metadata = all
        .iter()
        .find(|value| value.get("credential_issuer").is_some())
        .cloned();
    all.extend(metadata.map(|mut metadata| {
        metadata[CONFIGURATIONS] = every.into();
        metadata
    }));
    all
}

fn body(input: &[u8]) -> Reached {
    let Ok(plain) = serde_json::from_slice::<Value>(input) else {
        return Reached::Refused;
    };
    let read = [
        issuer(input, &plain),
        server(input, &plain),
        configurations(input, &plain),
    ];
    if read.contains(&true) {
        Reached::Accepted
    } else {
        Reached::Refused
    }
}

/// Who these metadata say they are of.
fn claimed(plain: &Value, member: &str) -> Option<Identifier> {
    Identifier::parse(plain.get(member)?.as_str()?, Transport::Https).ok()
}

fn elsewhere() -> Identifier {
    Identifier::parse("https://elsewhere.example/b", Transport::Https).expect("an identifier")
}

/// Fractions lose their last digit when they are read again, and names in an address may grow beyond the limit.
fn comes_back(plain: &Value, written: &[u8]) -> bool {
    fn has_fraction(value: &Value) -> bool {
        match value {
            Value::Number(number) => number.is_f64(),
            Value::Array(elements) => elements.iter().any(has_fraction),
            Value::Object(members) => members.values().any(has_fraction),
            _ => false,
        }
    }
    written.len() < 200_000 && !has_fraction(plain)
}

fn issuer(input: &[u8], plain: &Value) -> bool {
    let Some(asked) = claimed(plain, "credential_issuer") else {
        return false;
    };
    let Ok(metadata) = IssuerMetadata::parse(input, &asked, Transport::Https) else {
        return false;
    };
    let written = serde_json::to_vec(&metadata).expect("metadata are JSON");
    if comes_back(plain, &written) {
        let again = IssuerMetadata::parse(&written, &asked, Transport::Https);
        assert_eq!(again.as_ref(), Ok(&metadata), "what was written is read");
    }
    let other = IssuerMetadata::parse(input, &elsewhere(), Transport::Https);
    let is_itself = asked.as_str() == elsewhere().as_str();
    assert!(is_itself || other == Err(IssuerMetadataError::OtherIssuer), "{other:?}");
    let optional = [
        &metadata.nonce_endpoint,
        &metadata.deferred_credential_endpoint,
        &metadata.notification_endpoint,
    ];
    let mut called = optional.into_iter().flatten().chain([&metadata.credential_endpoint]);
    assert!(called.all(|url| url.scheme() == "https"));
    assert!(metadata.proofs_per_request() >= 1);
    if let Some(encryption) = &metadata.credential_request_encryption {
        encrypts(encryption);
    }
    metadata.credential_configurations_supported.values().for_each(proves);
    true
}

fn encrypts(encryption: &RequestEncryption) {
    let Some((key, enc)) = encryption.recipient() else {
        return;
    };
    let mut published = encryption.jwks.keys.iter();
    assert!(published.any(|other| other["kid"].as_str() == key.kid()));
    assert!(
        encryption
            .enc_values_supported
            .iter()
            .any(|value| value == enc.as_str())
    );
}

fn proves(configuration: &CredentialConfiguration) {
    let form = |attests| configuration.proof_form(Algorithm::Es256, attests);
    assert!(form(true).is_none() || configuration.proof_types_supported.is_some());
    if let Some(alone) = form(false) {
        assert_eq!(form(true), Some(alone), "what needs no attester is not attested");
    }
}

fn server(input: &[u8], plain: &Value) -> bool {
    let Some(asked) = claimed(plain, "issuer") else {
        return false;
    };
    let Ok(metadata) = AuthorizationServerMetadata::parse(input, &asked, Transport::Https) else {
        return false;
    };
    let written = serde_json::to_vec(&metadata).expect("metadata are JSON");
    if comes_back(plain, &written) {
        let again = AuthorizationServerMetadata::parse(&written, &asked, Transport::Https);
        assert_eq!(again.as_ref(), Ok(&metadata), "what was written is read");
    }
    let other = AuthorizationServerMetadata::parse(input, &elsewhere(), Transport::Https);
    let is_itself = asked.as_str() == elsewhere().as_str();
    assert!(
        is_itself || other == Err(AuthorizationServerMetadataError::OtherServer),
        "{other:?}"
    );
    let optional = [
        &metadata.authorization_endpoint,
        &metadata.pushed_authorization_request_endpoint,
        &metadata.challenge_endpoint,
    ];
    let mut called = optional.into_iter().flatten().chain([&metadata.token_endpoint]);
    assert!(called.all(|url| url.scheme() == "https"));
    true
}

fn configurations(input: &[u8], plain: &Value) -> bool {
    let Ok(read) = parse_configurations(input) else {
        return false;
    };
    let written = json!({ CONFIGURATIONS: &read }).to_string().into_bytes();
    if comes_back(plain, &written) {
        assert_eq!(
            parse_configurations(&written).as_ref(),
            Ok(&read),
            "what was written is read"
        );
    }
    read.values().for_each(proves);
    true
}
