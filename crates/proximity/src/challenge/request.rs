//! The signed part of a challenge. docs/offline-qr.md §2

use cbor::{CborError, Reader, Writer};
use jose::strict_json::{self, Limits};
use jose::{PublicJwk, UnixTime};
use ledger::UnverifiedLandmark;
use oid4vp::DcqlQuery;

use super::ChallengeError;
use super::held::{Accepted, HELD_ISSUERS, HeldIssuer};

/// Landmarks in a challenge, at most.
const LANDMARKS: usize = 2;

/// What a business asks, and of whom it knows what.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    pub(super) did: String,
    pub(super) fragment: String,
    pub(super) purpose: String,
    pub(super) query: DcqlQuery,
    /// The query as it was written.
    pub(super) query_text: String,
    pub(super) nonce: [u8; 16],
    pub(super) issued_at: UnixTime,
    pub(super) expires_at: UnixTime,
    pub(super) key: PublicJwk,
    /// Newest first.
    pub(super) landmarks: Vec<UnverifiedLandmark>,
    /// Sorted by DID.
    pub(super) held: Vec<HeldIssuer>,
    pub(super) accepted: Accepted,
}

impl Request {
    pub(super) fn write(&self) -> Result<Vec<u8>, ChallengeError> {
        let mut writer = Writer::new();
        writer
            .array(11)
            .text(&self.did)
            .text(&self.fragment)
            .text(&self.purpose)
            .text(&self.query_text)
            .bytes(&self.nonce)
            .uint(self.issued_at)
            .uint(self.expires_at)
            .bytes(&self.key.sec1_compressed().ok_or(ChallengeError::Key)?)
            .array(self.landmarks.len());
        for landmark in &self.landmarks {
            landmark.write(&mut writer);
        }
        writer.array(self.held.len());
        for issuer in &self.held {
            issuer.write(&mut writer);
        }
        self.accepted.write(&mut writer);
        Ok(writer.into_bytes())
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ChallengeError> {
        reader.array_of(11)?;
        let did = reader.text()?.to_owned();
        let fragment = reader.text()?.to_owned();
        let purpose = reader.text()?.to_owned();
        let query_text = reader.text()?.to_owned();
        let query = query(&query_text)?;
        let nonce = reader.bytes_of()?;
        let issued_at = reader.uint()?;
        let expires_at = reader.uint()?;
        let key: [u8; 33] = reader.bytes_of()?;
        let key = PublicJwk::from_p256_sec1(&key).map_err(|_| ChallengeError::Key)?;
        Ok(Self {
            did,
            fragment,
            purpose,
            query,
            query_text,
            nonce,
            issued_at,
            expires_at,
            key,
            landmarks: landmarks(reader)?,
            held: held(reader)?,
            accepted: Accepted::read(reader)?,
        })
    }
}

fn query(text: &str) -> Result<DcqlQuery, ChallengeError> {
    let value = strict_json::parse(text.as_bytes(), &Limits::MESSAGE).map_err(|_| ChallengeError::Query)?;
    DcqlQuery::parse(&value).map_err(|_| ChallengeError::Query)
}

fn landmarks(reader: &mut Reader<'_>) -> Result<Vec<UnverifiedLandmark>, CborError> {
    let landmarks = reader.list(LANDMARKS, UnverifiedLandmark::read)?;
    let bare = landmarks
        .iter()
        .all(|landmark| landmark.clone().without_cosignatures() == *landmark);
    if bare && landmarks.is_sorted_by(|newer, older| newer.dangerous_size() > older.dangerous_size()) {
        Ok(landmarks)
    } else {
        Err(CborError::UnexpectedValue)
    }
}

fn held(reader: &mut Reader<'_>) -> Result<Vec<HeldIssuer>, CborError> {
    let held = reader.list(HELD_ISSUERS, HeldIssuer::read)?;
    if held.is_sorted_by(|a, b| a.did < b.did) {
        Ok(held)
    } else {
        Err(CborError::UnexpectedValue)
    }
}
