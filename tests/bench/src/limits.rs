//! The limits: the bare signatures and checks that a row cannot do without, nothing else.
//!
//! The library is the one that we use, the fastest on the machines we know, and keys are
//! parsed before the clock runs.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    ParsedPublicKey, VerificationAlgorithm,
};
use sha2::{Digest, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection};

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

/// Entries written to a log, as bare as they can be: one check each, the same hashes, the same bytes as raw rows in the
/// same batches, and one durable commit for each batch.
pub(crate) struct BareAppend {
    connection: SqliteConnection,
    checks: BareChecks,
    written: u64,
}

impl BareAppend {
    /// A new file; `signed` is how long the signed part of an entry is.
    pub(crate) async fn new(file: &Path, signed: usize) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let table = "CREATE TABLE rows (hash BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID";
        sqlx::raw_sql(table).execute(&mut connection).await?;
        Ok(Self {
            connection,
            checks: BareChecks::ed25519(&[signed])?,
            written: 0,
        })
    }

    /// Writes so many entries, each of rows of these lengths, and commits.
    pub(crate) async fn batch(&mut self, entries: usize, rows: &[usize]) -> Result<()> {
        let mut transaction = self.connection.begin().await?;
        for _ in 0..entries {
            self.checks.run()?;
            for length in rows {
                self.written += 1;
                let mut bytes = self.written.to_be_bytes().to_vec();
                bytes.resize((*length).max(8), b'r');
                let hash: [u8; 32] = Sha256::digest(&bytes).into();
                let insert = sqlx::query("INSERT INTO rows (hash, bytes) VALUES (?, ?)");
                insert
                    .bind(hash.to_vec())
                    .bind(bytes)
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }
}
