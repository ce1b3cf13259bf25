//! What a wallet asks for, as credential configurations. OpenID4VCI 1.0 §5.1.1 and §5.1.2

use oid4vci::{AuthorizationDetail, AuthorizationRequest, AuthorizationRequestErrorCode, TokenErrorCode};

use crate::config::Settings;
use crate::issue::{ConfigurationId, offered};
use crate::store::tokens::{AskedBy, Wanted};

/// Why nothing can be authorized: the code and what a developer reads.
pub(super) type Refusal = (AuthorizationRequestErrorCode, &'static str);

/// Everything asked for by `authorization_details` and by scopes. Unknown scopes are ignored, unknown configurations
/// are not; where both name a configuration, `authorization_details` count. OpenID4VCI 1.0 §5.1.2
pub(super) fn wanted(settings: &Settings, request: &AuthorizationRequest) -> Result<Wanted, Refusal> {
    let issuer = settings.identifier.as_str();
    if request.resource.as_deref().is_some_and(|resource| resource != issuer) {
        return Err((
            AuthorizationRequestErrorCode::InvalidRequest,
            "the resource is another issuer",
        ));
    }
    let known = all(settings);
    let mut configurations: Vec<String> = Vec::new();
    for detail in request.authorization_details.iter().flatten() {
        let elsewhere = |places: &Vec<String>| !places.iter().any(|place| place == issuer);
        let id = &detail.credential_configuration_id;
        if detail.locations.as_ref().is_some_and(elsewhere) || !known.contains(id) {
            let why = "no such credential configuration here";
            return Err((AuthorizationRequestErrorCode::InvalidAuthorizationDetails, why));
        }
        if !configurations.contains(id) {
            configurations.push(id.clone());
        }
    }
    let asked_by = if configurations.is_empty() {
        AskedBy::Configuration
    } else {
        AskedBy::Identifier
    };
    for scope in &request.scope {
        // A configuration's scope is its id.
        if known.contains(scope) && !configurations.contains(scope) {
            configurations.push(scope.clone());
        }
    }
    if configurations.is_empty() {
        return Err((
            AuthorizationRequestErrorCode::InvalidScope,
            "no scope means a credential here",
        ));
    }
    Ok(Wanted {
        configurations,
        asked_by,
    })
}

/// Every configuration there is.
fn all(settings: &Settings) -> Vec<String> {
    let types = settings.catalogue.iter();
    types
        .flat_map(|(name, _)| offered(settings, name))
        .map(|id| id.to_string())
        .collect()
}

/// The credential types behind it, each once.
pub(super) fn types(wanted: &Wanted) -> Vec<String> {
    let mut types: Vec<String> = Vec::new();
    for id in &wanted.configurations {
        let credential_type = ConfigurationId::parse(id).credential_type;
        if !types.contains(&credential_type) {
            types.push(credential_type);
        }
    }
    types
}

/// A token request may want less than was authorized, not more. RFC 9396 §6.1, OpenID4VCI 1.0 §6.1.1
pub(super) fn narrowed(
    wanted: &Wanted,
    details: Option<&[AuthorizationDetail]>,
) -> Result<Wanted, (TokenErrorCode, &'static str)> {
    let Some(details) = details else {
        return Ok(wanted.clone());
    };
    let ids: Vec<String> = details
        .iter()
        .map(|detail| detail.credential_configuration_id.clone())
        .collect();
    if ids.iter().all(|id| wanted.configurations.contains(id)) {
        return Ok(Wanted {
            configurations: ids,
            asked_by: AskedBy::Identifier,
        });
    }
    let why = "a credential was not authorized";
    Err((TokenErrorCode::InvalidAuthorizationDetails, why))
}

/// What the token response says of it. OpenID4VCI 1.0 §6.2
pub(super) fn details_of(wanted: &Wanted) -> Option<Vec<AuthorizationDetail>> {
    let granted = |id: &String| {
        let mut detail = AuthorizationDetail::new(id);
        // One person has one dataset of a kind.
        detail.credential_identifiers = Some(vec![id.clone()]);
        detail
    };
    (wanted.asked_by == AskedBy::Identifier).then(|| wanted.configurations.iter().map(granted).collect())
}
