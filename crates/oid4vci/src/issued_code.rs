//! Authorization codes and refresh tokens on the issuer's side. RFC 6749 §4.1.3 and §6, RFC 7636 §4.6, RFC 9449 §5

use jose::UnixTime;
use serde::{Deserialize, Serialize};

use crate::error_code::TokenErrorCode;
use crate::pkce::PkceChallenge;
use crate::token::{AuthorizationCodeRequest, RefreshRequest};

/// Where an authorization code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeState {
    /// It can be redeemed.
    Open,
    /// It was redeemed. Whoever comes again has stolen it, or was stolen from.
    Used,
}

/// What an authorization code will be bound to, from the request on that asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeBinding {
    /// Which wallet.
    pub client_id: String,
    /// Where the code goes. RFC 6749 §4.1.3
    pub redirect_uri: String,
    /// What it is redeemed with. RFC 7636 §4.3
    pub code_challenge: PkceChallenge,
    /// The thumbprint of the DPoP key, where the request names one. RFC 9449 §10
    pub dpop_jkt: Option<[u8; 32]>,
    /// The thumbprint of the key that the wallet's attestation names, where one came with the request.
    pub instance_jkt: Option<[u8; 32]>,
}

/// The keys that whoever sends a token request has shown to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvenKeys {
    /// The thumbprint of the key of the DPoP proof.
    pub dpop_jkt: [u8; 32],
    /// The thumbprint of the key that the wallet's attestation names, if there is one.
    pub instance_jkt: Option<[u8; 32]>,
}

/// An authorization code and what guards it.
///
/// The store reads it, lets [`IssuedCode::redeem`] decide, and writes the state back in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedCode {
    binding: CodeBinding,
    expires_at: UnixTime,
    state: CodeState,
}

impl IssuedCode {
    /// A fresh code.
    #[must_use]
    pub const fn new(binding: CodeBinding, expires_at: UnixTime) -> Self {
        Self {
            binding,
            expires_at,
            state: CodeState::Open,
        }
    }

    /// The client that the code was made for.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.binding.client_id
    }

    /// Redeems the code, or says why not. Whoever shows it again after that hears [`CodeError::Reused`], and what it
    /// gave has to be revoked. RFC 6749 §4.1.2
    pub fn redeem(
        &mut self,
        request: &AuthorizationCodeRequest,
        keys: &ProvenKeys,
        now: UnixTime,
    ) -> Result<(), CodeError> {
        let binding = &self.binding;
        if self.state == CodeState::Used {
            return Err(CodeError::Reused);
        }
        if now >= self.expires_at {
            return Err(CodeError::Expired);
        }
        if request.client_id.as_deref() != Some(binding.client_id.as_str()) {
            return Err(CodeError::OtherClient);
        }
        if request.redirect_uri.as_deref() != Some(binding.redirect_uri.as_str()) {
            return Err(CodeError::OtherRedirectUri);
        }
        if binding.dpop_jkt.is_some_and(|jkt| jkt != keys.dpop_jkt) {
            return Err(CodeError::OtherKey);
        }
        if binding.instance_jkt.is_some() && binding.instance_jkt != keys.instance_jkt {
            return Err(CodeError::OtherInstance);
        }
        match &request.code_verifier {
            None => return Err(CodeError::VerifierMissing),
            Some(verifier) if !binding.code_challenge.is_of(verifier) => return Err(CodeError::WrongVerifier),
            Some(_) => {}
        }
        self.state = CodeState::Used;
        Ok(())
    }
}

/// Why an authorization code is not redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// It was redeemed before. RFC 6749 §4.1.2
    #[error("the code was used before")]
    Reused,
    /// Its time is over.
    #[error("the code has expired")]
    Expired,
    /// It was made for another client. RFC 6749 §4.1.3
    #[error("the code is for another client")]
    OtherClient,
    /// Another redirect URI, or none. RFC 6749 §4.1.3
    #[error("the redirect_uri is not the one of the request")]
    OtherRedirectUri,
    /// The DPoP key is not the one of the request. RFC 9449 §10
    #[error("the code is for another key")]
    OtherKey,
    /// The attested key is not the one of the request, or there is none any more.
    #[error("the code is for another instance of the client")]
    OtherInstance,
    /// No `code_verifier`. RFC 7636 §4.5
    #[error("no code_verifier")]
    VerifierMissing,
    /// The verifier does not give the challenge. RFC 7636 §4.6
    #[error("the code_verifier is wrong")]
    WrongVerifier,
}

impl CodeError {
    /// The code on the wire. RFC 6749 §5.2, RFC 7636 §4.6
    #[must_use]
    pub const fn code(self) -> TokenErrorCode {
        TokenErrorCode::InvalidGrant
    }
}

/// A refresh token: good for one client, if it has a name, with the same keys, until it ends. RFC 9449 §5,
/// draft-ietf-oauth-attestation-based-client-auth, "Refresh token binding"
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedRefresh {
    /// Whom it was given, if that client has a name.
    pub client_id: Option<String>,
    /// The keys it is bound to.
    pub keys: ProvenKeys,
    /// From when on it is worth nothing.
    pub expires_at: UnixTime,
}

impl IssuedRefresh {
    /// Whether it may be used so.
    pub fn check(&self, request: &RefreshRequest, keys: &ProvenKeys, now: UnixTime) -> Result<(), RefreshError> {
        if now >= self.expires_at {
            return Err(RefreshError::Expired);
        }
        if request.client_id != self.client_id {
            return Err(RefreshError::OtherClient);
        }
        if self.keys.dpop_jkt != keys.dpop_jkt {
            return Err(RefreshError::OtherKey);
        }
        if self.keys.instance_jkt.is_some() && self.keys.instance_jkt != keys.instance_jkt {
            return Err(RefreshError::OtherInstance);
        }
        Ok(())
    }
}

/// Why a refresh token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// Its time is over.
    #[error("the refresh token has expired")]
    Expired,
    /// It was given to another client. RFC 6749 §6
    #[error("the refresh token is of another client")]
    OtherClient,
    /// It is bound to another key. RFC 9449 §5
    #[error("the refresh token is bound to another key")]
    OtherKey,
    /// It was given to another instance of the client, or nothing says any more which one this is.
    #[error("the refresh token is of another instance of the client")]
    OtherInstance,
}

impl RefreshError {
    /// The code on the wire. RFC 6749 §5.2
    #[must_use]
    pub const fn code(self) -> TokenErrorCode {
        TokenErrorCode::InvalidGrant
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::pkce::PkceVerifier;

    const KEYS: ProvenKeys = ProvenKeys {
        dpop_jkt: [1; 32],
        instance_jkt: None,
    };

    const fn attested(instance: u8) -> ProvenKeys {
        ProvenKeys {
            instance_jkt: Some([instance; 32]),
            ..KEYS
        }
    }

    fn verifier() -> PkceVerifier {
        PkceVerifier::generate(&mut |out: &mut [u8]| out.fill(7))
    }

    fn code(dpop_jkt: Option<[u8; 32]>, instance_jkt: Option<[u8; 32]>) -> IssuedCode {
        let binding = CodeBinding {
            client_id: "wallet".to_owned(),
            redirect_uri: "https://wallet.example/cb".to_owned(),
            code_challenge: verifier().challenge(),
            dpop_jkt,
            instance_jkt,
        };
        IssuedCode::new(binding, 1_000)
    }

    fn request() -> AuthorizationCodeRequest {
        AuthorizationCodeRequest {
            code: "code".to_owned(),
            redirect_uri: Some("https://wallet.example/cb".to_owned()),
            code_verifier: Some(verifier().as_str().to_owned()),
            client_id: Some("wallet".to_owned()),
            authorization_details: None,
        }
    }

    #[test]
    fn h5_core_a_code_is_redeemed_once() {
        let mut code = code(None, None);
        assert_eq!(code.redeem(&request(), &KEYS, 999), Ok(()));
        assert_eq!(code.redeem(&request(), &KEYS, 999), Err(CodeError::Reused));
    }

    #[test_case(|r| r.redirect_uri = Some("https://wallet.example/cb/".to_owned()) => CodeError::OtherRedirectUri ; "one slash")]
    #[test_case(|r| r.redirect_uri = None => CodeError::OtherRedirectUri ; "no redirect uri")]
    #[test_case(|r| r.client_id = Some("other".to_owned()) => CodeError::OtherClient ; "other client")]
    #[test_case(|r| r.client_id = None => CodeError::OtherClient ; "no client")]
    #[test_case(|r| r.code_verifier = None => CodeError::VerifierMissing ; "no verifier")]
    #[test_case(|r| r.code_verifier = Some("a".repeat(43)) => CodeError::WrongVerifier ; "wrong verifier")]
    fn h5_core_refused(change: fn(&mut AuthorizationCodeRequest)) -> CodeError {
        let (mut code, mut request) = (code(None, None), request());
        change(&mut request);
        let error = code.redeem(&request, &KEYS, 1).unwrap_err();
        assert_eq!(error.code(), TokenErrorCode::InvalidGrant);
        assert_eq!(
            code.redeem(&self::request(), &KEYS, 1),
            Ok(()),
            "a wrong try does not burn the code"
        );
        error
    }

    #[test]
    fn a_code_ends_and_belongs_to_a_key() {
        assert_eq!(
            code(None, None).redeem(&request(), &KEYS, 1_000),
            Err(CodeError::Expired)
        );
        assert_eq!(
            code(Some([2; 32]), None).redeem(&request(), &KEYS, 1),
            Err(CodeError::OtherKey)
        );
        assert_eq!(code(Some(KEYS.dpop_jkt), None).redeem(&request(), &KEYS, 1), Ok(()));
    }

    #[test_case(None, KEYS => Ok(()) ; "never attested")]
    #[test_case(None, attested(3) => Ok(()) ; "attested later")]
    #[test_case(Some([3; 32]), attested(3) => Ok(()) ; "the same instance")]
    #[test_case(Some([3; 32]), attested(4) => Err(CodeError::OtherInstance) ; "another instance")]
    #[test_case(Some([3; 32]), KEYS => Err(CodeError::OtherInstance) ; "not attested any more")]
    fn h6_core_a_code_belongs_to_an_instance(instance: Option<[u8; 32]>, keys: ProvenKeys) -> Result<(), CodeError> {
        code(None, instance).redeem(&request(), &keys, 1)
    }

    #[test_case("wallet", attested(3), 9 => Ok(()) ; "good")]
    #[test_case("wallet", attested(3), 10 => Err(RefreshError::Expired) ; "over")]
    #[test_case("wallet", ProvenKeys { dpop_jkt: [2; 32], ..attested(3) }, 9 => Err(RefreshError::OtherKey) ; "other key")]
    #[test_case("wallet", attested(4), 9 => Err(RefreshError::OtherInstance) ; "other instance")]
    #[test_case("wallet", KEYS, 9 => Err(RefreshError::OtherInstance) ; "not attested any more")]
    #[test_case("other", attested(3), 9 => Err(RefreshError::OtherClient) ; "other client")]
    fn refresh(client_id: &str, keys: ProvenKeys, now: u64) -> Result<(), RefreshError> {
        let issued = IssuedRefresh {
            client_id: Some("wallet".to_owned()),
            keys: attested(3),
            expires_at: 10,
        };
        let request = RefreshRequest {
            refresh_token: "r".to_owned(),
            client_id: Some(client_id.to_owned()),
            scope: None,
        };
        issued.check(&request, &keys, now)
    }
}
