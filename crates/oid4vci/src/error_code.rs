//! Error codes on the wire: name, HTTP status, body.

use jose::strict_json::{self, Limits, StrictJsonError};
use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $wire:literal, $status:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// Every code, for tests and documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The value of `error` on the wire.
            #[must_use]
            pub const fn wire_name(self) -> &'static str {
                match self { $(Self::$variant => $wire,)* }
            }

            /// The HTTP status the code is sent with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// The code with this wire name, if it is one of these.
            #[must_use]
            pub fn from_wire(name: &str) -> Option<Self> {
                match name { $($wire => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

error_codes! {
    /// Errors of the token endpoint. RFC 6749 §5.2, OpenID4VCI 1.0 §6.3, RFC 9449 §5 and §8
    TokenErrorCode {
        /// A parameter is missing, repeated or malformed, or a transaction code is unexpected or missing.
        InvalidRequest = "invalid_request", 400;
        /// Client authentication failed, or an anonymous client is not taken.
        InvalidClient = "invalid_client", 401;
        /// The code or the transaction code is wrong, expired or used.
        InvalidGrant = "invalid_grant", 400;
        /// The client may not use this grant type.
        UnauthorizedClient = "unauthorized_client", 400;
        /// The grant type is not supported.
        UnsupportedGrantType = "unsupported_grant_type", 400;
        /// The scope is unknown or exceeds the grant.
        InvalidScope = "invalid_scope", 400;
        /// `authorization_details` ask for more than was authorized. RFC 9396 §6
        InvalidAuthorizationDetails = "invalid_authorization_details", 400;
        /// The DPoP proof is invalid. RFC 9449 §5
        InvalidDpopProof = "invalid_dpop_proof", 400;
        /// The DPoP proof must carry the nonce sent along. RFC 9449 §8
        UseDpopNonce = "use_dpop_nonce", 400;
    }
}

error_codes! {
    /// Errors of the authorization endpoint and of the one for pushed requests.
    /// RFC 6749 §4.1.2.1, RFC 9126 §2.3, RFC 9396 §5, RFC 9449 §10.1
    AuthorizationRequestErrorCode {
        /// A parameter is missing, repeated or malformed, or PKCE is missing or `plain`.
        InvalidRequest = "invalid_request", 400;
        /// The client is unknown or did not authenticate.
        InvalidClient = "invalid_client", 401;
        /// The client may not ask so.
        UnauthorizedClient = "unauthorized_client", 400;
        /// The person, or the server, said no.
        AccessDenied = "access_denied", 400;
        /// Another response type than `code`.
        UnsupportedResponseType = "unsupported_response_type", 400;
        /// No scope that means a credential here.
        InvalidScope = "invalid_scope", 400;
        /// `authorization_details` is unusable, or names what is not there.
        InvalidAuthorizationDetails = "invalid_authorization_details", 400;
        /// The server failed.
        ServerError = "server_error", 500;
        /// The server cannot answer at this moment.
        TemporarilyUnavailable = "temporarily_unavailable", 503;
        /// The DPoP proof is invalid.
        InvalidDpopProof = "invalid_dpop_proof", 400;
        /// The DPoP proof must carry the nonce sent along.
        UseDpopNonce = "use_dpop_nonce", 400;
    }
}

error_codes! {
    /// Errors of a request made with an access token. RFC 6750 §3.1, RFC 9449 §7.1 and §9
    AuthorizationErrorCode {
        /// The access token is unknown, expired, or bound to another key.
        InvalidToken = "invalid_token", 401;
        /// The access token does not cover what is asked.
        InsufficientScope = "insufficient_scope", 403;
        /// The DPoP proof is invalid.
        InvalidDpopProof = "invalid_dpop_proof", 401;
        /// The DPoP proof must carry the nonce sent along.
        UseDpopNonce = "use_dpop_nonce", 401;
    }
}

error_codes! {
    /// Errors of the credential and the deferred credential endpoint. OpenID4VCI 1.0 §8.3.1.2 and §9.3
    CredentialErrorCode {
        /// A parameter is missing, repeated, unsupported or malformed.
        InvalidCredentialRequest = "invalid_credential_request", 400;
        /// The credential configuration is unknown.
        UnknownCredentialConfiguration = "unknown_credential_configuration", 400;
        /// The credential identifier is unknown.
        UnknownCredentialIdentifier = "unknown_credential_identifier", 400;
        /// `proofs` is missing, a key proof is invalid or has no `c_nonce`.
        InvalidProof = "invalid_proof", 400;
        /// A key proof carries a `c_nonce` that is not, or no longer, valid.
        InvalidNonce = "invalid_nonce", 400;
        /// The encryption parameters are invalid or missing.
        InvalidEncryptionParameters = "invalid_encryption_parameters", 400;
        /// The issuer will not issue; the wallet treats it as final.
        CredentialRequestDenied = "credential_request_denied", 400;
        /// The deferred transaction is unknown or already used.
        InvalidTransactionId = "invalid_transaction_id", 400;
    }
}

error_codes! {
    /// Errors of the notification endpoint. OpenID4VCI 1.0 §11.3
    NotificationErrorCode {
        /// The notification id is unknown.
        InvalidNotificationId = "invalid_notification_id", 400;
        /// A parameter is missing, repeated or malformed.
        InvalidNotificationRequest = "invalid_notification_request", 400;
    }
}

/// The JSON body of every error response of these endpoints. RFC 6749 §5.2
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The wire name of the code.
    pub error: String,
    /// A human-readable ASCII text for developers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_description: Option<String>,
}

impl ErrorBody {
    /// A body with a wire name alone.
    #[must_use]
    pub fn new(wire_name: &str) -> Self {
        Self {
            error: wire_name.to_owned(),
            error_description: None,
        }
    }

    /// A body with a description. Characters outside `%x20-21 / %x23-5B / %x5D-7E` are left out.
    #[must_use]
    pub fn described(wire_name: &str, description: &str) -> Self {
        let text = description.chars().filter(|c| is_description_char(*c)).collect();
        Self {
            error: wire_name.to_owned(),
            error_description: Some(text),
        }
    }

    /// Parses the body of an error response.
    pub fn parse(bytes: &[u8]) -> Result<Self, StrictJsonError> {
        strict_json::from_slice(bytes, &Limits::MESSAGE)
    }
}

/// Whether a character may stand in `error_description` and `event_description`. OpenID4VCI 1.0 §8.3.1.2
pub(crate) fn is_description_char(c: char) -> bool {
    matches!(c, '\x20'..='\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_names_come_back_as_the_same_code() {
        for code in CredentialErrorCode::ALL {
            assert_eq!(CredentialErrorCode::from_wire(code.wire_name()), Some(*code));
            assert_eq!(code.status(), 400);
        }
        for code in TokenErrorCode::ALL {
            assert_eq!(TokenErrorCode::from_wire(code.wire_name()), Some(*code));
        }
        for code in AuthorizationRequestErrorCode::ALL {
            assert_eq!(AuthorizationRequestErrorCode::from_wire(code.wire_name()), Some(*code));
        }
        for code in AuthorizationErrorCode::ALL {
            assert_eq!(AuthorizationErrorCode::from_wire(code.wire_name()), Some(*code));
        }
        for code in NotificationErrorCode::ALL {
            assert_eq!(NotificationErrorCode::from_wire(code.wire_name()), Some(*code));
        }
        assert_eq!(TokenErrorCode::from_wire("no_such_code"), None);
    }

    #[test]
    fn a_description_keeps_only_the_allowed_characters() {
        let body = ErrorBody::described("invalid_proof", "key \"\\\u{e9}\n7");
        assert_eq!(
            serde_json::to_string(&body).unwrap(),
            r#"{"error":"invalid_proof","error_description":"key 7"}"#
        );
        assert_eq!(
            ErrorBody::parse(br#"{"error":"invalid_proof"}"#).unwrap(),
            ErrorBody::new("invalid_proof")
        );
    }
}
