//! Webhooks: messages that a business takes at an address of its own, signed so that it knows who
//! sent them. Standard Webhooks 1.0 (standardwebhooks.com)
//!
//! What is signed is `{webhook-id}.{webhook-timestamp}.{body}`, by HMAC-SHA256 (RFC 2104) with a
//! secret that both sides hold. Whoever takes a message refuses one whose time is more than five
//! minutes off, and takes no `webhook-id` twice.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroizing;

/// Names the message, the same each time it is sent.
pub const ID: &str = "webhook-id";
/// When it was sent, in seconds since 1970.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// One signature or several, with spaces between.
pub const SIGNATURE: &str = "webhook-signature";

/// How far the time of a message may be off, in seconds.
pub const TOLERANCE: u64 = 300;

/// How long until the next attempt, in seconds, after so many that failed.
const PAUSES: [u64; 8] = [30, 120, 600, 3_600, 14_400, 43_200, 86_400, 86_400];

/// Attempts after which an address counts as gone.
pub const ATTEMPTS: u32 = 9;

/// How a secret begins, as it is written for others.
const PREFIX: &str = "whsec_";

/// What messages to one address are signed with. Never shown by `Debug`, wiped when dropped.
pub struct WebhookSecret(Zeroizing<Vec<u8>>);

/// Why a message is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// One of the three headers is missing, or there twice.
    #[error("a header is missing")]
    Header,
    /// Its time is more than five minutes off: it may have been sent before.
    #[error("the time of the message is too far off")]
    Time,
    /// No signature is of this secret over these bytes.
    #[error("the signature is wrong")]
    Signature,
}

impl WebhookSecret {
    /// A fresh secret of 256 random bits.
    #[must_use]
    pub fn generate() -> Self {
        Self(Zeroizing::new(crate::random::bytes::<32>().to_vec()))
    }

    /// Reads what [`Self::dangerous_reveal`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        (24..=64).contains(&bytes.len()).then(|| Self(Zeroizing::new(bytes)))
    }

    /// The secret itself, for whoever takes the messages.
    #[must_use]
    pub fn dangerous_reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(self.0.as_slice()))
    }

    /// The value of `webhook-signature` for a message that is sent at this time.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: u64, body: &[u8]) -> String {
        let tag = hmac::sign(&self.key(), &signed(id, timestamp, body));
        format!("v1,{}", STANDARD.encode(tag.as_ref()))
    }

    /// The three headers of a message that is sent at this time; `None` where its name is no value of a header.
    #[must_use]
    pub fn headers(&self, id: &str, timestamp: u64, body: &[u8]) -> Option<[(HeaderName, HeaderValue); 3]> {
        let value = |text: &str| HeaderValue::from_str(text).ok();
        Some([
            (HeaderName::from_static(ID), value(id)?),
            (HeaderName::from_static(TIMESTAMP), HeaderValue::from(timestamp)),
            (
                HeaderName::from_static(SIGNATURE),
                value(&self.sign(id, timestamp, body))?,
            ),
        ])
    }

    /// Checks a message as whoever takes it must.
    ///
    /// # Errors
    /// [`WebhookError`]
    pub fn verify(&self, headers: &HeaderMap, body: &[u8], now: u64) -> Result<(), WebhookError> {
        let id = header(headers, ID)?;
        let timestamp: u64 = header(headers, TIMESTAMP)?.parse().map_err(|_| WebhookError::Header)?;
        if timestamp.abs_diff(now) > TOLERANCE {
            return Err(WebhookError::Time);
        }
        let signed = signed(id, timestamp, body);
        let key = self.key();
        let of_secret = |signature: &str| {
            let tag = signature
                .strip_prefix("v1,")
                .and_then(|text| STANDARD.decode(text).ok());
            tag.is_some_and(|tag| hmac::verify(&key, &signed, &tag).is_ok())
        };
        if header(headers, SIGNATURE)?.split(' ').any(of_secret) {
            Ok(())
        } else {
            Err(WebhookError::Signature)
        }
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0)
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// Seconds until the next attempt after so many that failed, one at least; `None` where the address
/// counts as gone.
#[must_use]
pub fn pause_after(failures: u32) -> Option<u64> {
    let place = usize::try_from(failures.saturating_sub(1)).ok()?;
    PAUSES.get(place).copied()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, WebhookError> {
    let mut values = headers.get_all(name).iter();
    match (values.next().and_then(|value| value.to_str().ok()), values.next()) {
        (Some(value), None) => Ok(value),
        _ => Err(WebhookError::Header),
    }
}

fn signed(id: &str, timestamp: u64, body: &[u8]) -> Vec<u8> {
    let mut signed = format!("{id}.{timestamp}.").into_bytes();
    signed.extend_from_slice(body);
    signed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const MESSAGE: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const SENT_AT: u64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn headers(id: &str, timestamp: &str, signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [(ID, id), (TIMESTAMP, timestamp), (SIGNATURE, signature)] {
            headers.insert(name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_message_is_signed_as_in_the_example() {
        let secret = WebhookSecret::parse(SECRET).unwrap();
        assert_eq!(secret.sign(MESSAGE, SENT_AT, BODY), SIGNED);
        let sent: HeaderMap = secret.headers(MESSAGE, SENT_AT, BODY).unwrap().into_iter().collect();
        assert_eq!(secret.verify(&sent, BODY, SENT_AT), Ok(()));
        assert_eq!(secret.dangerous_reveal(), SECRET);
        assert_eq!(format!("{secret:?}"), "WebhookSecret(…)");
    }

    #[test]
    fn what_was_changed_or_is_old_is_not_believed() {
        let secret = WebhookSecret::parse(SECRET).unwrap();
        let good = headers(MESSAGE, "1614265330", &format!("v1,AAAA {SIGNED}"));
        assert_eq!(secret.verify(&good, BODY, SENT_AT + TOLERANCE), Ok(()));
        let late = secret.verify(&good, BODY, SENT_AT + TOLERANCE + 1);
        assert_eq!(late, Err(WebhookError::Time));
        assert_eq!(secret.verify(&good, b"{}", SENT_AT), Err(WebhookError::Signature));
        let other_id = headers("msg_other", "1614265330", SIGNED);
        assert_eq!(secret.verify(&other_id, BODY, SENT_AT), Err(WebhookError::Signature));
        let other_time = headers(MESSAGE, "1614265331", SIGNED);
        assert_eq!(secret.verify(&other_time, BODY, SENT_AT), Err(WebhookError::Signature));
        let other_secret = WebhookSecret::generate();
        assert_eq!(other_secret.verify(&good, BODY, SENT_AT), Err(WebhookError::Signature));
        assert_eq!(
            secret.verify(&HeaderMap::new(), BODY, SENT_AT),
            Err(WebhookError::Header)
        );
    }

    #[test]
    fn pauses_grow_from_half_a_minute_to_a_day_and_end() {
        let pauses: Vec<u64> = (1..ATTEMPTS).filter_map(pause_after).collect();
        assert_eq!((pauses.first(), pauses.last()), (Some(&30), Some(&86_400)));
        assert!(pauses.is_sorted());
        assert_eq!(pause_after(ATTEMPTS), None);
    }
}
