//! An SD-JWT+KB taken to pieces that can be put together again. docs/offline-qr.md §3

use cbor::{Reader, Writer};
use jose::base64url;
use sha2::{Digest, Sha256};

use super::content::ContentError;
use super::short_form::{Known, expand, shorten, take};

/// Disclosures of a presentation, at most.
const DISCLOSURES: usize = 64;
/// Bytes of a signature, ES256 and EdDSA.
const SIGNATURE: usize = 64;

/// One presentation, and the query that it answers.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Presentation {
    pub(super) query: String,
    /// The SD-JWT+KB in compact form. RFC 9901 §4
    pub(super) text: String,
}

impl Presentation {
    /// Writes it; `None` for a text that has another structure.
    pub(super) fn write(&self, writer: &mut Writer, values: &mut Vec<u8>, nonce: &str) -> Option<()> {
        let (sd_jwt, key_binding) = self.text.split_at_checked(self.text.rfind('~')? + 1)?;
        let mut parts = sd_jwt.strip_suffix('~')?.split('~');
        let known = Known { nonce, sd_hash: None };
        writer.array(5).text(&self.query);
        write_jws(writer, values, parts.next()?, known)?;
        let disclosures: Vec<&str> = parts.collect();
        writer.array(disclosures.len());
        for disclosure in disclosures {
            writer.text(&shorten(&decoded(disclosure)?, values, known));
        }
        if key_binding.is_empty() {
            writer.null();
            return Some(());
        }
        let sd_hash = sd_hash(sd_jwt);
        let known = Known {
            nonce,
            sd_hash: Some(&sd_hash),
        };
        writer.array(2);
        write_jws(writer, values, key_binding, known)
    }

    pub(super) fn read(reader: &mut Reader<'_>, values: &mut &[u8], nonce: &str) -> Result<Self, ContentError> {
        reader.array_of(5)?;
        let query = reader.text()?.to_owned();
        let known = Known { nonce, sd_hash: None };
        let mut text = read_jws(reader, values, known)?;
        text.push('~');
        for disclosure in reader.list(DISCLOSURES, |reader| reader.text().map_err(ContentError::from))? {
            let disclosure = expand(disclosure, values, known).ok_or(ContentError::ShortForm)?;
            text.push_str(&base64url::encode(disclosure));
            text.push('~');
        }
        if !reader.skip_null()? {
            reader.array_of(2)?;
            let sd_hash = sd_hash(&text);
            let known = Known {
                nonce,
                sd_hash: Some(&sd_hash),
            };
            text.push_str(&read_jws(reader, values, known)?);
        }
        Ok(Self { query, text })
    }
}

/// Header and payload; the signature goes to the values.
fn write_jws(writer: &mut Writer, values: &mut Vec<u8>, jws: &str, known: Known<'_>) -> Option<()> {
    let mut parts = jws.split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let signature = base64url::decode(signature).ok()?;
    if parts.next().is_some() || signature.len() != SIGNATURE {
        return None;
    }
    for (part, known) in [(header, known.of_header()), (payload, known)] {
        writer.text(&shorten(&decoded(part)?, values, known));
    }
    values.extend_from_slice(&signature);
    Some(())
}

fn read_jws(reader: &mut Reader<'_>, values: &mut &[u8], known: Known<'_>) -> Result<String, ContentError> {
    let mut part = |known| {
        let text = expand(reader.text()?, values, known).ok_or(ContentError::ShortForm)?;
        Ok::<_, ContentError>(base64url::encode(text))
    };
    let (header, payload) = (part(known.of_header())?, part(known)?);
    let signature = take(values, SIGNATURE).ok_or(ContentError::ShortForm)?;
    Ok(format!("{header}.{payload}.{}", base64url::encode(signature)))
}

fn decoded(part: &str) -> Option<String> {
    String::from_utf8(base64url::decode(part).ok()?).ok()
}

/// RFC 9901 §4.3.1
fn sd_hash(sd_jwt: &str) -> String {
    base64url::encode(Sha256::digest(sd_jwt))
}

#[cfg(test)]
mod tests {

    use test_case::test_case;

    use super::*;

    #[test_case("{}", "\u{5}" => true ; "in_the_payload")]
    #[test_case("\u{5}", "{}" => false ; "in_the_header")]
    fn the_hash_of_the_sd_jwt_stands_in_a_key_binding(header: &str, payload: &str) -> bool {
        let mut writer = Writer::new();
        writer.array(5).text("q").text("{}").text("{}").array(0);
        writer.array(2).text(header).text(payload);
        let mut values: &[u8] = &[0; 2 * SIGNATURE];
        let read = cbor::decode(&writer.into_bytes(), |reader: &mut Reader<'_>| {
            Presentation::read(reader, &mut values, "nonce")
        });
        assert!(matches!(read, Ok(_) | Err(ContentError::ShortForm)));
        read.is_ok()
    }
}
