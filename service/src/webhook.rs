//! Messages to somebody's server, signed so that it can tell whose they are. Standard Webhooks 1.0

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

/// What the receiver was given once, and the signatures are made with: `whsec_` and base64.
/// Standard Webhooks 1.0, "Signature scheme"
#[derive(Clone)]
pub struct WebhookSecret(hmac::Key);

/// Names of the headers that [`WebhookSecret::headers`] fills in. Standard Webhooks 1.0, "Webhook Headers"
pub const WEBHOOK_HEADERS: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];

/// The text is no secret: not `whsec_` followed by base64 of 24 to 64 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a webhook secret: whsec_ and base64 of 24 to 64 bytes")]
pub struct WebhookSecretError;

impl WebhookSecret {
    /// Reads a secret.
    ///
    /// # Errors
    /// [`WebhookSecretError`]
    pub fn parse(text: &str) -> Result<Self, WebhookSecretError> {
        let encoded = text.trim().strip_prefix("whsec_").ok_or(WebhookSecretError)?;
        let secret = STANDARD.decode(encoded).map_err(|_| WebhookSecretError)?;
        if !(24..=64).contains(&secret.len()) {
            return Err(WebhookSecretError);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &secret)))
    }

    /// The values of [`WEBHOOK_HEADERS`] for a message: what names it, so that a repeated one is known, when it is
    /// sent (seconds since 1970) and the signature over both and the body.
    #[must_use]
    pub fn headers(&self, id: &str, at: u64, body: &[u8]) -> [String; 3] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(format!("{id}.{at}.").as_bytes());
        context.update(body);
        let signature = STANDARD.encode(context.sign().as_ref());
        [id.to_owned(), at.to_string(), format!("v1,{signature}")]
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// The message that the reference libraries test with.
    #[test]
    fn the_signature_is_that_of_the_reference() {
        let secret = WebhookSecret::parse(SECRET).unwrap();
        let body = br#"{"test": 2432232314}"#;
        let [id, at, signature] = secret.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(
            (id.as_str(), at.as_str()),
            ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330")
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test_case("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" ; "without_its_prefix")]
    #[test_case("whsec_MfKQ9r8G" ; "too_short")]
    #[test_case("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS?" ; "not_base64")]
    fn refused(text: &str) {
        assert_eq!(WebhookSecret::parse(text).unwrap_err(), WebhookSecretError);
    }

    #[test]
    fn the_secret_is_not_shown() {
        let shown = format!("{:?}", WebhookSecret::parse(SECRET).unwrap());
        assert_eq!(shown, "WebhookSecret(..)");
    }
}
