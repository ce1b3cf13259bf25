use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jose::base64url;
use serde_json::Value;
use zeroize::Zeroizing;

/// The claim that holds it.
const CLAIM: &str = "portrait";
/// Longest picture in bytes. Cards carry far smaller ones.
const LONGEST: usize = 64 * 1024;
/// Pictures that a page shows.
const TYPES: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];

/// How pictures begin that say nothing else about what they are.
const BEGINNINGS: [(&str, &[u8]); 2] = [("image/png", b"\x89PNG\r\n\x1a\n"), ("image/jpeg", b"\xff\xd8\xff")];

/// The picture of a person, shown once and then overwritten. `Debug` shows its length alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Portrait {
    media_type: &'static str,
    bytes: Zeroizing<Vec<u8>>,
}

impl Portrait {
    /// The claim of this name, where it is a picture in a `data:` address (RFC 2397 §3), or the bytes of one, as an mdoc
    /// has it (ISO/IEC 18013-5 §7.2.2).
    pub(super) fn of_claim(name: &str, value: &Value) -> Option<Self> {
        let text = (name == CLAIM).then_some(value)?.as_str()?;
        let portrait = match text.split_once(";base64,") {
            Some((kind, encoded)) => Self {
                media_type: TYPES
                    .into_iter()
                    .find(|known| kind.strip_prefix("data:") == Some(*known))?,
                bytes: Zeroizing::new(STANDARD.decode(encoded).ok()?),
            },
            None => Self::of_bytes(Zeroizing::new(base64url::decode(text).ok()?))?,
        };
        (portrait.bytes.len() <= LONGEST).then_some(portrait)
    }

    /// By its first bytes.
    fn of_bytes(bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        let known = BEGINNINGS.iter().find(|(_, beginning)| bytes.starts_with(beginning));
        let media_type = known.map(|(media_type, _)| *media_type)?;
        Some(Self { media_type, bytes })
    }

    /// Its media type.
    pub fn media_type(&self) -> &'static str {
        self.media_type
    }

    /// The picture, which is overwritten once it was sent.
    pub fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.bytes
    }
}

impl fmt::Debug for Portrait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Portrait({} bytes)", self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_portrait_is_a_picture_under_its_name() {
        let portrait = Portrait::of_claim("portrait", &json!("data:image/png;base64,AQID")).unwrap();
        assert_eq!(
            (portrait.media_type(), portrait.bytes.as_slice()),
            ("image/png", &[1, 2, 3][..])
        );
        assert_eq!(format!("{portrait:?}"), "Portrait(3 bytes)");
        let bytes = Portrait::of_claim("portrait", &json!("_9j_4A")).unwrap();
        assert_eq!(
            (bytes.media_type(), bytes.bytes.as_slice()),
            ("image/jpeg", &[0xff, 0xd8, 0xff, 0xe0][..])
        );
        for (name, value) in [
            ("portrait", json!("PHNjcmlwdD4")),
            ("picture", json!("data:image/png;base64,AQID")),
            ("portrait", json!("data:image/svg+xml;base64,AQID")),
            ("portrait", json!("data:text/html;base64,AQID")),
            ("portrait", json!("image/png;base64,AQID")),
            ("portrait", json!("data:image/png;base64,?")),
            ("portrait", json!(7)),
        ] {
            assert_eq!(Portrait::of_claim(name, &value), None, "{name} {value}");
        }
    }
}
