//! What the log answers to an entry that it does not take, so that a writer can prove it. docs/ledger.md §13.

use jose::UnixTime;
use thiserror::Error;
use tlog::{LogKey, LogSigner, SignError};

use crate::hash::Hash;
use cbor::{CborError, Reader, Writer};

const VERSION: u64 = 1;
const CONTEXT: &str = "holdfast/refusal/v1";
/// Longest refusal in bytes.
const REFUSAL_CAP: usize = 256;
/// Longest code in bytes.
const CODE_CAP: usize = 64;

/// A refusal that the log signed. Made by [`Refusal::sign`] and [`UnverifiedRefusal::verify`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(UnverifiedRefusal);

/// A refusal as it came, nothing checked but its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedRefusal {
    leaf_hash: Hash,
    code: String,
    time: UnixTime,
    signature: [u8; 64],
}

/// Why a refusal proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RefusalError {
    /// Not deterministic CBOR of a refusal's shape.
    #[error("not a refusal: {0}")]
    Cbor(#[from] CborError),
    /// More than 256 bytes.
    #[error("the refusal is too long")]
    TooLong,
    /// The code is not 1 to 64 lower-case letters and `_`.
    #[error("the code of the refusal is malformed")]
    Code,
    /// It is about another entry.
    #[error("the refusal is of another entry")]
    OtherLeaf,
    /// The log did not sign it.
    #[error("the refusal is not signed by the log")]
    Signature,
}

impl Refusal {
    /// Refuses the entry of this leaf hash. `code` is that of the problem, `time` the log's.
    ///
    /// # Errors
    /// [`SignError`]
    pub fn sign(signer: &LogSigner, leaf_hash: Hash, code: &str, time: UnixTime) -> Result<Self, SignError> {
        let origin = signer.verifier_key().verifier_key().name().as_str();
        let signature = signer.sign_statement(&to_be_signed(origin, &leaf_hash, code, time))?;
        Ok(Self(UnverifiedRefusal {
            leaf_hash,
            code: code.to_owned(),
            time,
            signature,
        }))
    }

    /// The refusal's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .array(5)
            .uint(VERSION)
            .bytes(&self.0.leaf_hash)
            .text(&self.0.code);
        writer.uint(self.0.time).bytes(&self.0.signature);
        writer.into_bytes()
    }

    /// The code of the problem.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// When the log refused, by its clock.
    pub fn time(&self) -> UnixTime {
        self.0.time
    }

    /// Merkle leaf hash of the entry that was refused.
    pub fn leaf_hash(&self) -> Hash {
        self.0.leaf_hash
    }
}

impl UnverifiedRefusal {
    /// Reads a refusal. Its bytes are the only encoding of it.
    ///
    /// # Errors
    /// [`RefusalError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, RefusalError> {
        if bytes.len() > REFUSAL_CAP {
            return Err(RefusalError::TooLong);
        }
        let refusal = cbor::decode(bytes, Self::read)?;
        let is_of_codes = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        if (1..=CODE_CAP).contains(&refusal.code.len()) && refusal.code.bytes().all(is_of_codes) {
            Ok(refusal)
        } else {
            Err(RefusalError::Code)
        }
    }

    /// The entry that it claims to be about, where nobody knows another; says nothing until it is verified.
    pub fn dangerous_leaf_hash(&self) -> Hash {
        self.leaf_hash
    }

    /// Checks that one of these keys signed it, for the leaf of this hash.
    ///
    /// # Errors
    /// [`RefusalError`]
    pub fn verify(self, keys: &[LogKey], leaf_hash: &Hash) -> Result<Refusal, RefusalError> {
        if self.leaf_hash != *leaf_hash {
            return Err(RefusalError::OtherLeaf);
        }
        let is_signer = |key: &LogKey| {
            let origin = key.verifier_key().name().as_str();
            let message = to_be_signed(origin, &self.leaf_hash, &self.code, self.time);
            key.verify_statement(&message, &self.signature).is_ok()
        };
        if keys.iter().any(is_signer) {
            Ok(Refusal(self))
        } else {
            Err(RefusalError::Signature)
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(5)?;
        reader.uint_of(VERSION)?;
        Ok(Self {
            leaf_hash: reader.bytes_of()?,
            code: reader.text()?.to_owned(),
            time: reader.uint()?,
            signature: reader.bytes_of()?,
        })
    }
}

fn to_be_signed(origin: &str, leaf_hash: &Hash, code: &str, time: UnixTime) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(5).text(CONTEXT).text(origin).bytes(leaf_hash);
    writer.text(code).uint(time);
    writer.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn signer(origin: &str, seed: u8) -> LogSigner {
        LogSigner::from_seed(origin.parse().unwrap(), &[seed; 32]).unwrap()
    }

    fn refusal() -> Refusal {
        Refusal::sign(&signer("log.example", 1), [7; 32], "rate_limited", 1_763_640_000).unwrap()
    }

    fn verified(bytes: &[u8], origin: &str, seed: u8, leaf: Hash) -> Result<Refusal, RefusalError> {
        let keys = [signer(origin, seed).verifier_key().clone()];
        UnverifiedRefusal::parse(bytes)?.verify(&keys, &leaf)
    }

    #[test]
    fn a_refusal_comes_back_and_verifies() {
        let read = verified(&refusal().encode(), "log.example", 1, [7; 32]).unwrap();
        assert_eq!(read, refusal());
        assert_eq!((read.code(), read.time()), ("rate_limited", 1_763_640_000));
    }

    #[test_case("log.example", 2, 7 => RefusalError::Signature ; "another_key")]
    #[test_case("other.example", 1, 7 => RefusalError::Signature ; "another_log")]
    #[test_case("log.example", 1, 8 => RefusalError::OtherLeaf ; "another_leaf")]
    fn a_refusal_of_somebody_else(origin: &str, seed: u8, leaf: u8) -> RefusalError {
        verified(&refusal().encode(), origin, seed, [leaf; 32]).unwrap_err()
    }

    #[test]
    fn a_changed_byte_is_no_refusal() {
        let sound = refusal().encode();
        for place in 0..sound.len() {
            let mut changed = sound.clone();
            changed[place] ^= 1;
            assert!(verified(&changed, "log.example", 1, [7; 32]).is_err(), "byte {place}");
        }
    }

    #[test_case("" => RefusalError::Code ; "empty")]
    #[test_case("Rate" => RefusalError::Code ; "upper_case")]
    #[test_case("a name of somebody" => RefusalError::Code ; "words")]
    fn codes(code: &str) -> RefusalError {
        let refusal = Refusal::sign(&signer("log.example", 1), [7; 32], code, 1).unwrap();
        UnverifiedRefusal::parse(&refusal.encode()).unwrap_err()
    }
}
