//! The limits: the bare signatures and checks that a row cannot do without, nothing else.
//!
//! The library is the one that we use, the fastest on the machines we know, and keys are
//! parsed before the clock runs.

use anyhow::{Context, Result, ensure};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    ParsedPublicKey, VerificationAlgorithm,
};

/// Signature checks, each with a key of its own.
pub(crate) struct BareChecks {
    checks: Vec<(ParsedPublicKey, Vec<u8>, Vec<u8>)>,
}

impl BareChecks {
    /// One P-256 check for each message length.
    pub(crate) fn p256(lengths: &[usize]) -> Result<Self> {
        let random = SystemRandom::new();
        Self::new(&ECDSA_P256_SHA256_FIXED, lengths, |message| {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok()?;
            let signature = pair.sign(&random, message).ok()?;
            Some((pair.public_key().as_ref().to_vec(), signature.as_ref().to_vec()))
        })
    }

    /// One Ed25519 check for each message length.
    pub(crate) fn ed25519(lengths: &[usize]) -> Result<Self> {
        Self::new(&ED25519, lengths, |message| {
            let pair = Ed25519KeyPair::generate().ok()?;
            let signature = pair.sign(message);
            Some((pair.public_key().as_ref().to_vec(), signature.as_ref().to_vec()))
        })
    }

    fn new(
        algorithm: &'static dyn VerificationAlgorithm,
        lengths: &[usize],
        sign: impl Fn(&[u8]) -> Option<(Vec<u8>, Vec<u8>)>,
    ) -> Result<Self> {
        let check = |length: &usize| {
            let message = vec![b'm'; *length];
            let (key, signature) = sign(&message).context("cannot sign")?;
            let key = ParsedPublicKey::new(algorithm, key).context("cannot parse a key")?;
            Ok((key, message, signature))
        };
        Ok(Self {
            checks: lengths.iter().map(check).collect::<Result<_>>()?,
        })
    }

    /// Makes every check once.
    pub(crate) fn run(&self) -> Result<()> {
        for (key, message, signature) in &self.checks {
            ensure!(key.verify_sig(message, signature).is_ok(), "a bare check fails");
        }
        Ok(())
    }
}

/// One P-256 signature over a message of this length.
pub(crate) struct BareSignature {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    message: Vec<u8>,
}

impl BareSignature {
    pub(crate) fn p256(length: usize) -> Result<Self> {
        Ok(Self {
            pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).context("cannot make a key")?,
            random: SystemRandom::new(),
            message: vec![b'm'; length],
        })
    }

    /// Signs once.
    pub(crate) fn run(&self) -> Result<()> {
        let signature = self.pair.sign(&self.random, &self.message);
        ensure!(signature.is_ok(), "a bare signature fails");
        Ok(())
    }
}
