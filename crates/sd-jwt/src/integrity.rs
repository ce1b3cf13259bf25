//! What a referenced document must hash to. draft-ietf-oauth-sd-jwt-vc §6, W3C SRI §3.
//!
//! ```text
//! sha256-vJKakJAQkDYkIhGrT1M3nxRuSj9udH0l1PXB06QHto8=
//! ```

use std::fmt;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jose::{Budget, OverBudget, Work};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// Why integrity metadata was refused, or a document by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IntegrityError {
    /// Not a string of hash expressions. W3C SRI §3.5.
    #[error("malformed integrity metadata")]
    Malformed,
    /// None of the algorithms is SHA-256, SHA-384 or SHA-512.
    #[error("no hash algorithm of the integrity metadata is supported")]
    Unsupported,
    /// The document has another hash.
    #[error("the document has another hash")]
    Mismatch,
    /// Hashing it exceeds the budget.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}

/// The weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

/// Integrity metadata with the hashes of its strongest algorithm.
#[derive(Clone, PartialEq, Eq)]
pub struct Integrity {
    text: String,
    algorithm: Algorithm,
    hashes: Vec<Vec<u8>>,
}

impl Integrity {
    /// Reads integrity metadata: one or more hash expressions between white space. Of several
    /// algorithms the strongest counts; unknown ones are passed over, as long as one is known.
    /// Options after `?` have no meaning yet and are passed over too.
    pub fn parse(text: &str) -> Result<Self, IntegrityError> {
        let mut strongest: Option<(Algorithm, Vec<Vec<u8>>)> = None;
        let mut expressions = 0;
        for expression in text.split_ascii_whitespace() {
            expressions += 1;
            let hash = expression.split_once('?').map_or(expression, |(hash, _)| hash);
            let (name, value) = hash.split_once('-').ok_or(IntegrityError::Malformed)?;
            let Some(algorithm) = Algorithm::named(name)? else {
                continue;
            };
            let hash = decode(value).filter(|hash| !hash.is_empty());
            let hash = hash.ok_or(IntegrityError::Malformed)?;
            match &mut strongest {
                Some((known, _)) if *known > algorithm => {}
                Some((known, hashes)) if *known == algorithm => hashes.push(hash),
                _ => strongest = Some((algorithm, vec![hash])),
            }
        }
        match strongest {
            Some((algorithm, hashes)) => Ok(Self {
                text: text.to_owned(),
                algorithm,
                hashes,
            }),
            None if expressions == 0 => Err(IntegrityError::Malformed),
            None => Err(IntegrityError::Unsupported),
        }
    }

    /// Checks the octets of a document as they were retrieved: one of the hashes is theirs.
    pub fn check(&self, document: &[u8], budget: &mut Budget) -> Result<(), IntegrityError> {
        budget.spend(Work::Hashes, 1)?;
        let hash = self.algorithm.hash(document);
        match self.hashes.contains(&hash) {
            true => Ok(()),
            false => Err(IntegrityError::Mismatch),
        }
    }

    /// Integrity metadata of a document, with SHA-256.
    #[must_use]
    pub fn of(document: &[u8]) -> Self {
        let hash = Algorithm::Sha256.hash(document);
        Self {
            text: format!("sha256-{}", BASE64.encode(&hash)),
            algorithm: Algorithm::Sha256,
            hashes: vec![hash],
        }
    }

    /// The text as it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Integrity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Integrity({})", self.text)
    }
}

impl Algorithm {
    /// The algorithm of that name; `None` where it is a name, but none that is known.
    fn named(name: &str) -> Result<Option<Self>, IntegrityError> {
        match name {
            "sha256" => Ok(Some(Self::Sha256)),
            "sha384" => Ok(Some(Self::Sha384)),
            "sha512" => Ok(Some(Self::Sha512)),
            "" => Err(IntegrityError::Malformed),
            name if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) => Ok(None),
            _ => Err(IntegrityError::Malformed),
        }
    }

    fn hash(self, document: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(document).to_vec(),
            Self::Sha384 => Sha384::digest(document).to_vec(),
            Self::Sha512 => Sha512::digest(document).to_vec(),
        }
    }
}

/// `base64-value` of CSP Level 3 §2.3.1: both alphabets, padding or none. What is compared are the
/// octets: bits that encode nothing do no harm, and a hash of the wrong length is that of no
/// document. The specification's own example has both.
fn decode(value: &str) -> Option<Vec<u8>> {
    let standard: String = value
        .chars()
        .map(|character| match character {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    BASE64.decode(standard).ok()
}

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    // Hashes of "abc": FIPS 180-4 examples.
    const SHA256: &str = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
    const SHA384: &str = "sha384-ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn";
    const SHA512: &str =
        "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==";

    fn check(text: &str, document: &[u8]) -> Result<(), IntegrityError> {
        Integrity::parse(text)?.check(document, &mut Budget::NOTHING.allow(Work::Hashes, 1))
    }

    #[test_case(SHA256 => Ok(()); "sha256")]
    #[test_case(SHA384 => Ok(()); "sha384")]
    #[test_case(SHA512 => Ok(()); "sha512")]
    #[test_case("sha256-ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0" => Ok(()); "the other alphabet without padding")]
    #[test_case(&format!("  {SHA256}?ct=application/json\t") => Ok(()); "white space and an option")]
    #[test_case(&format!("md5-kAFQmDzST7DWlj99KOF/cg== {SHA256}") => Ok(()); "an unknown algorithm beside a known one")]
    #[test_case(&format!("sha256-{} {SHA256}", "A".repeat(43)) => Ok(()); "any of two hashes of one algorithm")]
    #[test_case(&format!("sha512-{} {SHA256}", "A".repeat(86)) => Err(IntegrityError::Mismatch); "the strongest counts and it differs")]
    #[test_case(&format!("{SHA256} sha512-{}", "A".repeat(86)) => Err(IntegrityError::Mismatch); "the strongest counts in any order")]
    #[test_case(&format!("{SHA512} sha256-{}", "A".repeat(43)) => Ok(()); "a weaker one that differs does not count")]
    #[test_case("md5-kAFQmDzST7DWlj99KOF/cg==" => Err(IntegrityError::Unsupported); "unknown algorithms only")]
    #[test_case("" => Err(IntegrityError::Malformed); "empty")]
    #[test_case("   " => Err(IntegrityError::Malformed); "white space only")]
    #[test_case("sha256" => Err(IntegrityError::Malformed); "no hash")]
    #[test_case("sha256-" => Err(IntegrityError::Malformed); "empty hash")]
    #[test_case("sha256-ungWv48B" => Err(IntegrityError::Mismatch); "a hash cut off")]
    #[test_case("sha256-9cLlJNXN+TsMk+PmKjZ5t0WRL5ca/xGgX3c1ULmXfh=" => Err(IntegrityError::Mismatch); "an example of the specification")]
    #[test_case("sha256-@@@" => Err(IntegrityError::Malformed); "no base64")]
    #[test_case("-ungWv48Bz" => Err(IntegrityError::Malformed); "no name")]
    #[test_case(&SHA256.replace("sha256", "SHA256") => Err(IntegrityError::Unsupported); "names are case sensitive")]
    fn of_abc(text: &str) -> Result<(), IntegrityError> {
        check(text, b"abc")
    }

    #[test]
    fn another_document_is_refused() {
        for text in [SHA256, SHA384, SHA512] {
            assert_eq!(check(text, b"abd"), Err(IntegrityError::Mismatch));
        }
    }

    #[test]
    fn what_is_made_is_read_and_holds() {
        let made = Integrity::of(b"abc");
        assert_eq!(made.as_str(), SHA256);
        assert_eq!(check(made.as_str(), b"abc"), Ok(()));
    }

    #[test]
    fn a_hash_has_its_price() {
        let mut nothing = Budget::NOTHING;
        let refused = Integrity::of(b"abc").check(b"abc", &mut nothing);
        assert_eq!(refused, Err(IntegrityError::OverBudget(OverBudget(Work::Hashes))));
    }
}
