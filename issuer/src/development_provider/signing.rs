//! What the provider signs and publishes. OpenID Connect Core 1.0 §2, Discovery 1.0 §3

use jose::{JwsHeader, SignError, Signer, base64url, sign_compact};
use serde_json::{Value, json};

use super::{Code, Provider};

/// For how many seconds an ID Token is good.
const TOKEN_SECONDS: u64 = 300;

impl Provider {
    /// The ID Token for a code.
    pub(super) fn id_token(&self, code: &Code) -> Result<String, SignError> {
        let now = self.0.clock.now();
        let mut claims = json!({
            "iss": self.issuer(),
            "sub": code.person,
            "aud": code.client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "auth_time": now,
        });
        if let Some(nonce) = &code.nonce {
            claims["nonce"] = nonce.clone().into();
        }
        let header = JwsHeader::new(self.0.key.algorithm()).with_kid(self.kid());
        sign_compact(&header, claims.to_string().as_bytes(), &self.0.key)
    }

    /// What the provider says of itself.
    pub(super) fn metadata(&self) -> Value {
        let issuer = self.issuer();
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "scopes_supported": ["openid"],
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        })
    }

    /// Its key. RFC 7517
    pub(super) fn keys(&self) -> Value {
        let mut key = self.0.key.public_jwk().to_value();
        key["kid"] = self.kid().into();
        key["use"] = "sig".into();
        key["alg"] = "ES256".into();
        json!({ "keys": [key] })
    }

    fn kid(&self) -> String {
        base64url::encode(self.0.key.public_jwk().thumbprint())
    }
}
