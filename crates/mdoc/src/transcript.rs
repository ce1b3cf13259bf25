use cbor::Writer;
use jose::PublicJwk;
use sha2::{Digest, Sha256};

/// What a request by OpenID4VP, answered by redirect or direct post, asks a presentation to be for. All
/// of it comes from the signed request object. OpenID4VP 1.0 Appendix B.2.6.1
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'a> {
    /// `client_id`, with its prefix.
    pub client_id: &'a str,
    /// `nonce`
    pub nonce: &'a str,
    /// The verifier's key to which the response is encrypted; `None` for one in plain.
    pub encryption_key: Option<&'a PublicJwk>,
    /// `response_uri`, or `redirect_uri` where the request has that.
    pub response_uri: &'a str,
}

/// `SessionTranscript`: what a device authenticates itself for. ISO/IEC 18013-5 §9.1.5.1
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTranscript(Vec<u8>);

impl SessionTranscript {
    /// `[null, null, OpenID4VPHandover]`. OpenID4VP 1.0 Appendix B.2.6.1
    #[must_use]
    pub fn openid4vp(challenge: &Challenge<'_>) -> Self {
        let mut info = Writer::new();
        info.array(4).text(challenge.client_id).text(challenge.nonce);
        match challenge.encryption_key {
            Some(key) => info.bytes(&key.thumbprint()),
            None => info.null(),
        };
        info.text(challenge.response_uri);
        let mut writer = Writer::new();
        writer.array(3).null().null();
        writer.array(2).text("OpenID4VPHandover");
        writer.bytes(&Sha256::digest(info.into_bytes()));
        Self(writer.into_bytes())
    }

    /// Its encoding.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The example of Appendix B.2.6.1.
    #[test]
    fn a_transcript_is_that_of_the_specification() {
        let key = PublicJwk::parse(&json!({
            "kty": "EC",
            "crv": "P-256",
            "x": "DxiH5Q4Yx3UrukE2lWCErq8N8bqC9CHLLrAwLz5BmE0",
            "y": "XtLM4-3h5o3HUH0MHVJV0kyq0iBlrBwlh8qEDMZ4-Pc",
            "use": "enc",
            "alg": "ECDH-ES",
            "kid": "1",
        }));
        let transcript = SessionTranscript::openid4vp(&Challenge {
            client_id: "x509_san_dns:example.com",
            nonce: "exc7gBkxjx1rdc9udRrveKvSsJIq80avlXeLHhGwqtA",
            encryption_key: Some(&key.unwrap()),
            response_uri: "https://example.com/response",
        });
        let expected = "83f6f682714f70656e494434565048616e646f7665725820\
                        048bc053c00442af9b8eed494cefdd9d95240d254b046b11b68013722aad38ac";
        assert_eq!(hex::encode(transcript.as_bytes()), expected);
    }

    #[test]
    fn without_encryption_the_thumbprint_is_null() {
        let transcript = SessionTranscript::openid4vp(&Challenge {
            client_id: "a",
            nonce: "b",
            encryption_key: None,
            response_uri: "c",
        });
        let hash = Sha256::digest(hex::decode("8461616162f66163").unwrap());
        assert!(transcript.as_bytes().ends_with(&hash));
    }
}
