//! What the issuer publishes about itself. OpenID4VCI 1.0 §12

use std::collections::BTreeMap;

use card_formats::Format;
use jose::jwe::ContentEncryption;
use jose::{Algorithm, PublicJwk};
use oid4vci::metadata::{
    BatchCredentialIssuance, CredentialConfiguration, CredentialMetadata, Display, EncryptionKeys, ProofType,
    RequestEncryption, ResponseEncryption,
};
use oid4vci::{
    ATTEST_JWT_CLIENT_AUTH, ATTEST_JWT_CLIENT_AUTH_DPOP, AuthorizationServerMetadata, Encryption, IssuerMetadata,
    PRE_AUTHORIZED_CODE, UrlError,
};
use serde_json::Value;

use super::configuration_id::{Channel, ConfigurationId};
use super::in_format;
use super::schema::CredentialType;
use crate::attestation::{ALGORITHMS, Demand};
use crate::config::{Settings, Trust};

/// The Credential Issuer Metadata. Requests are encrypted to `encryption_key`.
pub fn issuer_metadata(settings: &Settings, encryption_key: &PublicJwk) -> Result<IssuerMetadata, UrlError> {
    let endpoint = |path: &str| settings.transport.endpoint(&format!("{}{path}", settings.identifier));
    let mut configurations = BTreeMap::new();
    for (name, credential_type) in settings.catalogue.iter() {
        for id in offered(settings, name) {
            configurations.insert(id.to_string(), configuration(settings, &id, credential_type));
        }
    }
    Ok(IssuerMetadata {
        credential_issuer: settings.identifier.clone(),
        authorization_servers: Vec::new(),
        credential_endpoint: endpoint("/credential")?,
        nonce_endpoint: Some(endpoint("/nonce")?),
        deferred_credential_endpoint: Some(endpoint("/deferred")?),
        notification_endpoint: Some(endpoint("/notification")?),
        credential_request_encryption: request_encryption(settings, encryption_key),
        credential_response_encryption: response_encryption(settings),
        batch_credential_issuance: Some(BatchCredentialIssuance {
            batch_size: settings.own.batch_size,
        }),
        display: settings
            .own
            .name
            .iter()
            .map(|(locale, name)| Display {
                name: Some(name.clone()),
                locale: Some(locale.clone()),
                ..Display::default()
            })
            .collect(),
        credential_configurations_supported: configurations,
    })
}

fn request_encryption(settings: &Settings, key: &PublicJwk) -> Option<RequestEncryption> {
    let required = required(settings.own.request_encryption)?;
    let key = key.clone().for_encryption().ok()?;
    Some(RequestEncryption {
        jwks: EncryptionKeys {
            keys: vec![key.to_value()],
        },
        enc_values_supported: enc_values(),
        zip_values_supported: None,
        encryption_required: required,
    })
}

fn response_encryption(settings: &Settings) -> Option<ResponseEncryption> {
    Some(ResponseEncryption {
        alg_values_supported: vec!["ECDH-ES".to_owned()],
        enc_values_supported: enc_values(),
        zip_values_supported: None,
        encryption_required: required(settings.own.response_encryption)?,
    })
}

/// Whether it is required, if it is there at all.
fn required(encryption: Encryption) -> Option<bool> {
    (encryption != Encryption::Off).then_some(encryption == Encryption::Required)
}

fn enc_values() -> Vec<String> {
    [ContentEncryption::A128Gcm, ContentEncryption::A256Gcm]
        .map(|enc| enc.as_str().to_owned())
        .to_vec()
}

/// The configurations of a type. Offline copies name their key by DID alone, so they need the ledger.
pub(crate) fn offered(settings: &Settings, credential_type: &str) -> Vec<ConfigurationId> {
    let known = settings.catalogue.find(credential_type);
    let formats = known.map_or_else(|| vec![Format::default()], |known| known.formats().to_vec());
    let all = formats
        .into_iter()
        .flat_map(|format| ConfigurationId::all(credential_type, format));
    match settings.own.trust {
        Trust::Ledger => all.collect(),
        Trust::X5c => all.filter(|id| id.channel == Channel::Online).collect(),
    }
}

/// The Authorization Server Metadata. RFC 8414 §2, HAIP 1.0 §4
pub fn authorization_server_metadata(settings: &Settings) -> Result<AuthorizationServerMetadata, UrlError> {
    let endpoint = |path: &str| settings.transport.endpoint(&format!("{}{path}", settings.identifier));
    let signs_in = settings.own.citizens.is_some();
    let where_people_sign_in = |path: &str| signs_in.then(|| endpoint(path)).transpose();
    let with_sign_in = |text: &str| if signs_in { vec![text.to_owned()] } else { Vec::new() };
    let mut grant_types = vec![PRE_AUTHORIZED_CODE.to_owned()];
    grant_types.extend(with_sign_in("authorization_code"));
    if settings.own.refresh_seconds > 0 {
        grant_types.push("refresh_token".to_owned());
    }
    let scopes = || {
        let ids = settings.catalogue.iter().flat_map(|(name, _)| offered(settings, name));
        ids.map(|id| id.to_string()).collect()
    };
    Ok(AuthorizationServerMetadata {
        issuer: settings.identifier.clone(),
        token_endpoint: endpoint("/token")?,
        authorization_endpoint: where_people_sign_in("/authorize")?,
        pushed_authorization_request_endpoint: where_people_sign_in("/par")?,
        require_pushed_authorization_requests: signs_in,
        response_types_supported: with_sign_in("code"),
        grant_types_supported: grant_types,
        token_endpoint_auth_methods_supported: client_authentication(settings.own.attestation.wallets),
        scopes_supported: if signs_in { scopes() } else { Vec::new() },
        authorization_details_types_supported: with_sign_in("openid_credential"),
        code_challenge_methods_supported: with_sign_in("S256"),
        names_itself_in_responses: signs_in,
        dpop_signing_alg_values_supported: vec![Algorithm::Es256.to_string()],
        challenge_endpoint: gives_challenges(settings).then(|| endpoint("/challenge")).transpose()?,
        client_attestation_signing_alg_values_supported: attestation_algorithms(settings),
        client_attestation_pop_signing_alg_values_supported: attestation_algorithms(settings),
        anonymous_pre_authorized: settings.own.attestation.wallets != Demand::Required,
    })
}

/// How wallets authenticate. OpenID4VCI 1.0 Appendix E
fn client_authentication(demand: Demand) -> Vec<String> {
    let methods: &[&str] = match demand {
        Demand::None => &["none"],
        Demand::Optional => &["none", ATTEST_JWT_CLIENT_AUTH, ATTEST_JWT_CLIENT_AUTH_DPOP],
        Demand::Required => &[ATTEST_JWT_CLIENT_AUTH, ATTEST_JWT_CLIENT_AUTH_DPOP],
    };
    methods.iter().map(|method| (*method).to_owned()).collect()
}

/// Whether wallets say what they are, over a challenge. draft-ietf-oauth-attestation-based-client-auth §7.1
fn gives_challenges(settings: &Settings) -> bool {
    settings.own.attestation.challenges && settings.own.attestation.wallets != Demand::None
}

fn attestation_algorithms(settings: &Settings) -> Vec<String> {
    match settings.own.attestation.wallets {
        Demand::None => Vec::new(),
        Demand::Optional | Demand::Required => ALGORITHMS.iter().map(ToString::to_string).collect(),
    }
}

fn configuration(
    settings: &Settings,
    id: &ConfigurationId,
    credential_type: &CredentialType,
) -> CredentialConfiguration {
    let es256 = || Value::from(Algorithm::Es256.to_string());
    let attestation = &settings.own.attestation;
    let proof = ProofType {
        proof_signing_alg_values_supported: vec![es256()],
        key_attestations_required: attestation.key_attestations_required(),
    };
    let mut proofs = BTreeMap::from([("jwt".to_owned(), proof.clone())]);
    if attestation.keys != Demand::None {
        proofs.insert("attestation".to_owned(), proof);
    }
    CredentialConfiguration {
        format: id
            .format
            .profile(credential_type.name_in(id.format).unwrap_or_default()),
        scope: Some(id.to_string()),
        credential_signing_alg_values_supported: Some(vec![id.format.signing_algorithm(Algorithm::Es256)]),
        cryptographic_binding_methods_supported: Some(vec![id.format.binding_method().to_owned()]),
        proof_types_supported: Some(proofs),
        credential_metadata: Some(match credential_type.form(id.format) {
            Some(form) => in_format::described(form, CredentialMetadata::from(&credential_type.metadata)),
            None => CredentialMetadata::from(&credential_type.metadata),
        }),
    }
}
