//! What a wallet says of itself when it fetches a request by POST.
//! OpenID4VP 1.0 §5.10, §10
//!
//! ```text
//! wallet_metadata=%7B%22vp_formats_supported%22%3A…&wallet_nonce=qPmxiNFCR3QTm19POc8u
//! ```

use jose::OverBudget;
use jose::strict_json::{self, Limits};
use serde_json::{Map, Value, json};

use super::metadata::{ECDH_ES, ES256};
use crate::form::{self, FormError};
use crate::formats::{own_formats, parameters};
use crate::{ClientId, DcqlQuery, ErrorCode, Nonce, TokenError};

/// The body of the POST that fetches a request object. Every wallet of this
/// kind says the same of itself, so that nobody is told apart by it.
/// OpenID4VP 1.0 §15.5
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestUriPost(String);

/// What a verifier read from such a body. OpenID4VP 1.0 §5.10
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReceivedRequestUriPost {
    wallet_nonce: Option<Nonce>,
}

/// Why a request object is not made for a wallet. OpenID4VP 1.0 §5.10
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestUriPostError {
    /// The body is no form in UTF-8.
    #[error("the body is not a form")]
    NotAForm,
    /// More bytes or parameters than [`crate::budget::FORM`] allows.
    #[error(transparent)]
    OverBudget(OverBudget),
    /// A parameter stands there twice. RFC 6749 §3.1
    #[error("a parameter stands there twice")]
    RepeatedParameter,
    /// `wallet_nonce` is empty, too long or not URL-safe.
    #[error("wallet_nonce: {0}")]
    WalletNonce(TokenError),
    /// `wallet_metadata` is no strict JSON object, or a member of it is of the wrong type.
    #[error("wallet_metadata is malformed")]
    Malformed,
    /// The wallet shows no cards in formats, and with signatures, in which they are asked for.
    #[error("the wallet supports none of the formats that are asked for")]
    Formats,
    /// The wallet does not know how the verifier names itself.
    #[error("the wallet does not support the client id prefix")]
    Prefix,
    /// The wallet cannot check ES256 signatures of requests.
    #[error("the wallet does not support the signature of the request")]
    Signing,
    /// The wallet cannot encrypt with ECDH-ES.
    #[error("the wallet does not support the encryption of the response")]
    Encryption,
}

impl RequestUriPostError {
    /// The code for the reply. OpenID4VP 1.0 §8.5
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Formats => ErrorCode::VpFormatsNotSupported,
            _ => ErrorCode::InvalidRequest,
        }
    }
}

impl RequestUriPost {
    /// With this nonce, which has to come back in the request.
    pub fn new(wallet_nonce: &Nonce) -> Self {
        Self(
            url::form_urlencoded::Serializer::new(String::new())
                .append_pair("wallet_metadata", &own_wallet_metadata().to_string())
                .append_pair("wallet_nonce", wallet_nonce.as_str())
                .finish(),
        )
    }

    /// The encoded body.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ReceivedRequestUriPost {
    /// Reads the body, for a verifier that names itself like this, asks this,
    /// and wants an encrypted response or not. What a wallet does not say of
    /// itself is no hindrance; what it says and does not fit is. Unknown
    /// parameters are ignored.
    pub fn parse(
        body: &[u8],
        client_id: &ClientId,
        query: &DcqlQuery,
        encrypted: bool,
    ) -> Result<Self, RequestUriPostError> {
        std::str::from_utf8(body).map_err(|_| RequestUriPostError::NotAForm)?;
        if let Some(text) = parameter(body, "wallet_metadata")? {
            let metadata = strict_json::parse(text.as_bytes(), &Limits::MESSAGE);
            let Ok(Value::Object(metadata)) = metadata else {
                return Err(RequestUriPostError::Malformed);
            };
            check(&metadata, client_id, query, encrypted)?;
        }
        let wallet_nonce = parameter(body, "wallet_nonce")?
            .map(|text| Nonce::parse(&text))
            .transpose()
            .map_err(RequestUriPostError::WalletNonce)?;
        Ok(Self { wallet_nonce })
    }

    /// What the request has to carry back.
    pub fn wallet_nonce(&self) -> Option<&str> {
        self.wallet_nonce.as_ref().map(Nonce::as_str)
    }
}

/// The metadata of our own wallet.
fn own_wallet_metadata() -> Value {
    json!({
        "vp_formats_supported": own_formats(),
        "client_id_prefixes_supported": ClientId::SUPPORTED_PREFIXES,
        "request_object_signing_alg_values_supported": [ES256],
        "response_types_supported": ["vp_token"],
        "response_modes_supported": ["direct_post.jwt", "direct_post"],
        ENCRYPTION: [ECDH_ES],
        "authorization_encryption_enc_values_supported": ["A128GCM", "A256GCM"],
    })
}

fn check(
    metadata: &Map<String, Value>,
    client_id: &ClientId,
    query: &DcqlQuery,
    encrypted: bool,
) -> Result<(), RequestUriPostError> {
    if let Some(formats) = metadata.get("vp_formats_supported") {
        check_formats(formats.as_object().ok_or(RequestUriPostError::Malformed)?, query)?;
    }
    let signing = "request_object_signing_alg_values_supported";
    names(metadata, signing, &[ES256.into()], RequestUriPostError::Signing)?;
    let prefixes = "client_id_prefixes_supported";
    let prefix = client_id.prefix().into();
    names(metadata, prefixes, &[prefix], RequestUriPostError::Prefix)?;
    if encrypted {
        names(metadata, ENCRYPTION, &[ECDH_ES.into()], RequestUriPostError::Encryption)?;
    }
    Ok(())
}

/// Whether the wallet could answer with the formats that it has. §11.1
fn check_formats(formats: &Map<String, Value>, query: &DcqlQuery) -> Result<(), RequestUriPostError> {
    let mut shown = Vec::new();
    for asked in query.credentials() {
        match shows(formats, asked.format()) {
            Ok(()) => shown.push(asked.id()),
            Err(RequestUriPostError::Formats) => {}
            Err(error) => return Err(error),
        }
    }
    match query.is_satisfied_by(|id| shown.contains(&id)) {
        true => Ok(()),
        false => Err(RequestUriPostError::Formats),
    }
}

/// Whether the wallet has a format, with values that suit us.
fn shows(formats: &Map<String, Value>, name: &str) -> Result<(), RequestUriPostError> {
    let said = formats.get(name).ok_or(RequestUriPostError::Formats)?;
    let said = said.as_object().ok_or(RequestUriPostError::Malformed)?;
    let ours = parameters(name).ok_or(RequestUriPostError::Formats)?;
    for (list, values) in ours.as_object().into_iter().flatten() {
        let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
        names(said, list, values, RequestUriPostError::Formats)?;
    }
    Ok(())
}

/// Whether a list, where it is there, names one of these values.
fn names(
    object: &Map<String, Value>,
    list: &str,
    values: &[Value],
    otherwise: RequestUriPostError,
) -> Result<(), RequestUriPostError> {
    let Some(items) = object.get(list) else { return Ok(()) };
    let alike = |item: &Value| values.iter().all(|value| value.is_string() == item.is_string());
    let items = items.as_array().filter(|items| items.iter().all(alike));
    let items = items.ok_or(RequestUriPostError::Malformed)?;
    if items.iter().any(|item| values.contains(item)) {
        Ok(())
    } else {
        Err(otherwise)
    }
}

fn parameter(body: &[u8], name: &str) -> Result<Option<String>, RequestUriPostError> {
    form::parameter(body, name).map_err(|error| match error {
        FormError::OverBudget(over) => RequestUriPostError::OverBudget(over),
        FormError::Repeated => RequestUriPostError::RepeatedParameter,
    })
}

const ENCRYPTION: &str = "authorization_encryption_alg_values_supported";

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn client_id() -> ClientId {
        "x509_san_dns:client.example.org".parse().unwrap()
    }

    fn query() -> DcqlQuery {
        let asked = json!({ "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:card:1"] } });
        DcqlQuery::parse(&json!({ "credentials": [asked] })).unwrap()
    }

    fn read(metadata: &Value) -> Result<ReceivedRequestUriPost, RequestUriPostError> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("wallet_metadata", &metadata.to_string())
            .append_pair("wallet_nonce", "n")
            .append_pair("later", "x")
            .finish();
        ReceivedRequestUriPost::parse(body.as_bytes(), &client_id(), &query(), true)
    }

    #[test]
    fn what_our_wallet_says_suits_our_verifier() {
        let nonce = Nonce::parse("qPmxiNFCR3QTm19POc8u").unwrap();
        let body = RequestUriPost::new(&nonce);
        let received = ReceivedRequestUriPost::parse(body.as_str().as_bytes(), &client_id(), &query(), true).unwrap();
        assert_eq!(received.wallet_nonce(), Some(nonce.as_str()));
    }

    #[test]
    fn nothing_has_to_be_said() {
        assert_eq!(
            ReceivedRequestUriPost::parse(b"", &client_id(), &query(), true),
            Ok(ReceivedRequestUriPost::default())
        );
        assert!(read(&json!({})).is_ok());
        // The example of §5.10.
        let example = json!({ "vp_formats_supported": { "dc+sd-jwt": {
            "sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"] } } });
        assert!(read(&example).is_ok());
    }

    #[test_case(json!([]) => RequestUriPostError::Malformed ; "an array")]
    #[test_case(json!({"vp_formats_supported": []}) => RequestUriPostError::Malformed ; "formats are an array")]
    #[test_case(json!({"vp_formats_supported": {"mso_mdoc": {}}}) => RequestUriPostError::Formats ; "another format")]
    #[test_case(json!({"vp_formats_supported": {"dc+sd-jwt": {"kb-jwt_alg_values": ["ES384"]}}}) => RequestUriPostError::Formats ; "another algorithm of key binding")]
    #[test_case(json!({"client_id_prefixes_supported": ["redirect_uri"]}) => RequestUriPostError::Prefix ; "another prefix")]
    #[test_case(json!({"client_id_prefixes_supported": "x509_san_dns"}) => RequestUriPostError::Malformed ; "a prefix as text")]
    #[test_case(json!({"request_object_signing_alg_values_supported": ["EdDSA"]}) => RequestUriPostError::Signing ; "another signature")]
    #[test_case(json!({"authorization_encryption_alg_values_supported": ["RSA-OAEP"]}) => RequestUriPostError::Encryption ; "another encryption")]
    fn refused(metadata: Value) -> RequestUriPostError {
        read(&metadata).unwrap_err()
    }

    #[test_case(b"wallet_nonce=a&wallet_nonce=b" => RequestUriPostError::RepeatedParameter ; "nonce twice")]
    #[test_case(b"wallet_nonce=" => RequestUriPostError::WalletNonce(TokenError::Empty) ; "nonce is empty")]
    #[test_case(b"wallet_metadata={" => RequestUriPostError::Malformed ; "no json")]
    #[test_case(br#"wallet_metadata={"a":1,"a":2}"# => RequestUriPostError::Malformed ; "a name twice")]
    #[test_case(b"\xff" => RequestUriPostError::NotAForm ; "no text")]
    fn bodies(body: &[u8]) -> RequestUriPostError {
        ReceivedRequestUriPost::parse(body, &client_id(), &query(), true).unwrap_err()
    }
}
