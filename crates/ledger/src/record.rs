//! The record of an organisation: what the map says about it. docs/ledger.md §6.

use std::collections::BTreeMap;

use jose::{PublicJwk, UnixTime};

use crate::did_state::DidState;
use crate::hash::{BlobRef, Hash};
use crate::keys::{KeyLookup, KeySet, Purposes};
use crate::kind::Part;
use crate::leaf::{Head, LeafPointer, read_blob_ref, write_blob_ref};
use crate::payload::{ACCESS_CERTIFICATES, ACCREDITED_TYPES};
use cbor::{CborError, Reader, Writer};

const VERSION: u64 = 1;

/// Everything the ledger says about one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationRecord {
    pub(crate) did: String,
    pub(crate) did_state: DidState,
    pub(crate) keys: KeySet,
    pub(crate) accreditation: Option<AccreditationEntry>,
    pub(crate) relying_party: Option<RelyingPartyEntry>,
    pub(crate) status_snapshot: Option<SnapshotEntry>,
    pub(crate) audit_snapshot: Option<SnapshotEntry>,
    pub(crate) heads: BTreeMap<Part, Head>,
}

/// What an agency may issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccreditationEntry {
    pub(crate) types: Vec<(String, UnixTime)>,
    pub(crate) payload: BlobRef,
    pub(crate) succession: Option<Succession>,
}

/// That an agency goes on for one that lost its keys. docs/ledger.md §4.2
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// It counts from then on.
    pub from: UnixTime,
    /// The agency that lost its keys.
    pub succeeds: String,
}

/// What a business may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingPartyEntry {
    /// The scope payload.
    pub payload: BlobRef,
    /// SHA-256 of each access certificate.
    pub certificates: Vec<Hash>,
    /// Registered while now is earlier.
    pub valid_until: UnixTime,
}

/// Newest status snapshot or audit snapshot of an agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotEntry {
    /// Root of the tree.
    pub root: Hash,
    /// Leaves of the tree: chunks of lists, or actions.
    pub size: u64,
    /// When the lists were like this, or until when the actions go.
    pub time: UnixTime,
    /// Entry of the log.
    pub index: u64,
    /// The snapshot payload.
    pub payload: BlobRef,
}

impl OrganisationRecord {
    /// The organisation.
    pub fn did(&self) -> &str {
        &self.did
    }

    /// State of its DID log.
    pub fn did_state(&self) -> &DidState {
        &self.did_state
    }

    /// True after a did deactivate: no key counts any more.
    pub fn is_deactivated(&self) -> bool {
        self.did_state.deactivated
    }

    /// The key of this DID URL, if it may sign credentials, status lists and requests.
    pub fn assertion_key(&self, kid: &str) -> KeyLookup {
        self.key(kid, Purposes::ASSERTION_METHOD)
    }

    /// The key of this DID URL, if it may write to the ledger.
    pub fn ledger_key(&self, kid: &str) -> KeyLookup {
        self.key(kid, Purposes::CAPABILITY_INVOCATION)
    }

    /// Every key that may sign credentials, status lists and requests, with its fragment.
    pub fn assertion_keys(&self) -> impl Iterator<Item = (&str, &PublicJwk)> {
        self.keys.current_for(Purposes::ASSERTION_METHOD)
    }

    fn key(&self, kid: &str, purpose: Purposes) -> KeyLookup {
        match kid
            .strip_prefix(self.did.as_str())
            .and_then(|rest| rest.strip_prefix('#'))
        {
            Some(fragment) => self.keys.find(fragment, purpose),
            None => KeyLookup::Never,
        }
    }

    /// Accreditation for a card type, where there is one now.
    pub fn accreditation(&self, vct: &str, now: UnixTime) -> Option<&AccreditationEntry> {
        let entry = self.accreditation.as_ref()?;
        let lasts = |(name, until): &(String, UnixTime)| name == vct && now < *until;
        (entry.has_begun(now) && entry.types.iter().any(lasts)).then_some(entry)
    }

    /// Whether it is accredited for any card type.
    pub fn is_accredited(&self, now: UnixTime) -> bool {
        let entry = self.accreditation.as_ref().filter(|entry| entry.has_begun(now));
        entry.is_some_and(|entry| entry.types.iter().any(|(_, until)| now < *until))
    }

    /// The whole accreditation, whatever has run out of it.
    pub fn accreditation_entry(&self) -> Option<&AccreditationEntry> {
        self.accreditation.as_ref()
    }

    /// What it may ask.
    pub fn relying_party(&self) -> Option<&RelyingPartyEntry> {
        self.relying_party.as_ref()
    }

    /// Newest root of its status lists.
    pub fn status_snapshot(&self) -> Option<&SnapshotEntry> {
        self.status_snapshot.as_ref()
    }

    /// Newest root of the log of its officials' actions.
    pub fn audit_snapshot(&self) -> Option<&SnapshotEntry> {
        self.audit_snapshot.as_ref()
    }

    /// Newest leaf of a part; the next one points to it.
    pub fn head(&self, part: Part) -> Option<&Head> {
        self.heads.get(&part)
    }

    /// True for a payload that this record names.
    pub fn names_blob(&self, hash: &Hash) -> bool {
        let named = [
            Some(self.did_state.line),
            self.accreditation.as_ref().map(|entry| entry.payload),
            self.relying_party.as_ref().map(|entry| entry.payload),
            self.status_snapshot.map(|entry| entry.payload),
            self.audit_snapshot.map(|entry| entry.payload),
        ];
        named.into_iter().flatten().any(|blob| blob.hash == *hash)
    }

    /// Reads a record. Its bytes are the only encoding of it.
    pub fn parse(bytes: &[u8]) -> Result<Self, CborError> {
        cbor::decode(bytes, Self::read)
    }

    /// The DID at the beginning of a record; nothing after it is read, and no key is decoded.
    pub(crate) fn dangerous_claimed_did(bytes: &[u8]) -> Option<String> {
        let mut reader = Reader::new(bytes);
        reader.array_of(10).ok()?;
        reader.uint_of(VERSION).ok()?;
        reader.text().ok().map(str::to_owned)
    }

    /// The bytes whose hash is the value in the map.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(10).uint(VERSION).text(&self.did);
        self.did_state.write(&mut writer);
        self.keys.write(&mut writer);
        write_optional(&mut writer, self.accreditation.as_ref(), AccreditationEntry::write);
        write_optional(&mut writer, self.relying_party.as_ref(), RelyingPartyEntry::write);
        write_optional(&mut writer, self.status_snapshot.as_ref(), SnapshotEntry::write);
        write_optional(&mut writer, self.audit_snapshot.as_ref(), SnapshotEntry::write);
        writer.array(self.heads.len());
        for (part, head) in &self.heads {
            writer.array(4).uint(part.number());
            write_head(&mut writer, head);
        }
        writer.into_bytes()
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(10)?;
        reader.uint_of(VERSION)?;
        let did = reader.text()?.to_owned();
        let did_state = DidState::read(reader)?;
        let keys = KeySet::read(reader)?;
        let accreditation = read_optional(reader, AccreditationEntry::read)?;
        let relying_party = read_optional(reader, RelyingPartyEntry::read)?;
        let status_snapshot = read_optional(reader, SnapshotEntry::read)?;
        let audit_snapshot = read_optional(reader, SnapshotEntry::read)?;
        let heads = read_heads(reader)?;
        Ok(Self {
            did,
            did_state,
            keys,
            accreditation,
            relying_party,
            status_snapshot,
            audit_snapshot,
            heads,
        })
    }
}

impl AccreditationEntry {
    /// The accreditation payload.
    pub fn payload(&self) -> &BlobRef {
        &self.payload
    }

    /// Card types and until when each may be issued.
    pub fn types(&self) -> &[(String, UnixTime)] {
        &self.types
    }

    /// For whom it goes on and from when, where it is a succession.
    pub fn succession(&self) -> Option<&Succession> {
        self.succession.as_ref()
    }

    fn has_begun(&self, now: UnixTime) -> bool {
        self.succession.as_ref().is_none_or(|succession| succession.from <= now)
    }

    fn write(&self, writer: &mut Writer) {
        let items = if self.succession.is_some() { 4 } else { 2 };
        writer.array(items).array(self.types.len());
        for (vct, until) in &self.types {
            writer.array(2).text(vct).uint(*until);
        }
        write_blob_ref(writer, &self.payload);
        if let Some(succession) = &self.succession {
            writer.uint(succession.from).text(&succession.succeeds);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        let is_succession = match reader.array()? {
            2 => false,
            4 => true,
            _ => return Err(CborError::UnexpectedLength),
        };
        let types = reader.list(ACCREDITED_TYPES, |reader| {
            reader.array_of(2)?;
            Ok::<_, CborError>((reader.text()?.to_owned(), reader.uint()?))
        })?;
        ascending(types.is_sorted_by(|a, b| a.0 < b.0))?;
        let payload = read_blob_ref(reader)?;
        let succession = if is_succession {
            Some(Succession {
                from: reader.uint()?,
                succeeds: reader.text()?.to_owned(),
            })
        } else {
            None
        };
        Ok(Self {
            types,
            payload,
            succession,
        })
    }
}

impl RelyingPartyEntry {
    fn write(&self, writer: &mut Writer) {
        writer.array(3);
        write_blob_ref(writer, &self.payload);
        writer.array(self.certificates.len());
        for hash in &self.certificates {
            writer.bytes(hash);
        }
        writer.uint(self.valid_until);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(3)?;
        let payload = read_blob_ref(reader)?;
        let certificates = reader.list(ACCESS_CERTIFICATES, Reader::bytes_of)?;
        ascending(certificates.is_sorted_by(|a, b| a < b))?;
        Ok(Self {
            payload,
            certificates,
            valid_until: reader.uint()?,
        })
    }
}

impl SnapshotEntry {
    fn write(&self, writer: &mut Writer) {
        writer
            .array(5)
            .bytes(&self.root)
            .uint(self.size)
            .uint(self.time)
            .uint(self.index);
        write_blob_ref(writer, &self.payload);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(5)?;
        Ok(Self {
            root: reader.bytes_of()?,
            size: reader.uint()?,
            time: reader.uint()?,
            index: reader.uint()?,
            payload: read_blob_ref(reader)?,
        })
    }
}

/// The record of the policy. docs/ledger.md §6
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRecord {
    /// The log's name.
    pub origin: String,
    /// The policy payload.
    pub payload: BlobRef,
    /// Newest policy leaf.
    pub head: Head,
}

impl PolicyRecord {
    /// The bytes whose hash is the value in the map.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(4).uint(VERSION).text(&self.origin);
        write_blob_ref(&mut writer, &self.payload);
        writer.array(3);
        write_head(&mut writer, &self.head);
        writer.into_bytes()
    }

    /// Reads a record. Its bytes are the only encoding of it.
    pub fn parse(bytes: &[u8]) -> Result<Self, CborError> {
        cbor::decode(bytes, |reader: &mut Reader<'_>| {
            reader.array_of(4)?;
            reader.uint_of(VERSION)?;
            let origin = reader.text()?.to_owned();
            let payload = read_blob_ref(reader)?;
            reader.array_of(3)?;
            Ok(Self {
                origin,
                payload,
                head: read_head(reader)?,
            })
        })
    }
}

pub(crate) fn write_head(writer: &mut Writer, head: &Head) {
    writer.uint(head.seq).uint(head.leaf.index).bytes(&head.leaf.hash);
}

pub(crate) fn read_head(reader: &mut Reader<'_>) -> Result<Head, CborError> {
    let seq = reader.uint()?;
    Ok(Head {
        seq,
        leaf: LeafPointer {
            index: reader.uint()?,
            hash: reader.bytes_of()?,
        },
    })
}

fn read_heads(reader: &mut Reader<'_>) -> Result<BTreeMap<Part, Head>, CborError> {
    let heads = reader.list(Part::OF_ORGANISATION.len(), |reader| {
        reader.array_of(4)?;
        let part = Part::from_number(reader.uint()?);
        let part = part.filter(|part| Part::OF_ORGANISATION.contains(part));
        let part = part.ok_or(CborError::UnexpectedValue)?;
        Ok::<_, CborError>((part, read_head(reader)?))
    })?;
    ascending(heads.is_sorted_by(|a, b| a.0 < b.0))?;
    Ok(heads.into_iter().collect())
}

fn write_optional<T>(writer: &mut Writer, value: Option<&T>, write: impl FnOnce(&T, &mut Writer)) {
    match value {
        Some(value) => write(value, writer),
        None => {
            writer.null();
        }
    }
}

fn read_optional<'a, T>(
    reader: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, CborError>,
) -> Result<Option<T>, CborError> {
    if reader.skip_null()? {
        Ok(None)
    } else {
        read(reader).map(Some)
    }
}

pub(crate) fn ascending(is_ascending: bool) -> Result<(), CborError> {
    if is_ascending {
        Ok(())
    } else {
        Err(CborError::UnexpectedValue)
    }
}
