use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use zeroize::Zeroizing;

/// The claim that holds it.
const CLAIM: &str = "portrait";
/// Longest picture in bytes. Cards carry far smaller ones.
const LONGEST: usize = 64 * 1024;
/// Pictures that a page shows.
const TYPES: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];

/// The picture of a person, shown once and then overwritten. `Debug` shows its length alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Portrait {
    media_type: &'static str,
    bytes: Zeroizing<Vec<u8>>,
}

impl Portrait {
    /// The claim of this name, where it is a picture in a `data:` address. RFC 2397 §3
    pub(super) fn of_claim(name: &str, value: &Value) -> Option<Self> {
        let (kind, encoded) = (name == CLAIM).then_some(value)?.as_str()?.split_once(";base64,")?;
        let media_type = TYPES
            .into_iter()
            .find(|known| kind.strip_prefix("data:") == Some(*known))?;
        let bytes = Zeroizing::new(STANDARD.decode(encoded).ok()?);
        (bytes.len() <= LONGEST).then_some(Self { media_type, bytes })
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
        for (name, value) in [
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
