//! Schemas, rules, services, documents, releases: what they are called, and their records. docs/ledger.md §3.1 and §6.

use did::Did;
use did::webvh::WebvhDid;

use crate::hash::{BlobRef, Hash};
use crate::leaf::{Head, read_blob_ref, write_blob_ref};
use crate::map::Family;
use crate::payload::ReleaseVersion;
use crate::record::{read_head, write_head};
use cbor::{CborError, Reader, Writer};

const VERSION: u64 = 1;
/// Longest name of a rule, service, document or program.
const NAME: usize = 64;
/// Longest name of a card type.
const VCT: usize = 200;

/// The subject of a schema, rule, service, document or release. docs/ledger.md §3.1
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectSubject {
    family: Family,
    owner: Option<Did>,
    name: String,
    text: String,
}

impl ObjectSubject {
    /// What this organisation calls by this name; `None` where the family has no owner, or the name is none.
    pub fn owned(family: Family, owner: &Did, name: &str) -> Option<Self> {
        Self::parse_owned(family, &format!("{owner}/{}/{name}", family.word()?))
    }

    /// A program that the log of this origin anchors; `None` where the name is none.
    pub fn release(origin: &str, name: &str) -> Option<Self> {
        Self::parse(Family::Release, origin, &format!("{origin}/release/{name}"))
    }

    /// Reads a subject of a family on the log of this origin.
    pub fn parse(family: Family, origin: &str, subject: &str) -> Option<Self> {
        if family != Family::Release {
            return Self::parse_owned(family, subject);
        }
        let name = subject.strip_prefix(origin)?.strip_prefix("/release/")?;
        is_name(name).then(|| Self {
            family,
            owner: None,
            name: name.to_owned(),
            text: subject.to_owned(),
        })
    }

    /// Reads a subject that an organisation owns.
    pub fn parse_owned(family: Family, subject: &str) -> Option<Self> {
        let (owner, rest) = subject.split_once('/')?;
        let (word, name) = rest.split_once('/')?;
        let fits = match family {
            Family::Schema => is_vct(name),
            Family::Rule | Family::Service | Family::Document => is_name(name),
            Family::Policy | Family::Organisation | Family::Release => false,
        };
        if !fits || family.word() != Some(word) {
            return None;
        }
        let owner: WebvhDid = owner.parse().ok()?;
        Some(Self {
            family,
            owner: Some(owner.did().clone()),
            name: name.to_owned(),
            text: subject.to_owned(),
        })
    }

    /// What it is.
    pub fn family(&self) -> Family {
        self.family
    }

    /// Who may write it; `None` for a release, which a release key of the policy signs.
    pub fn owner(&self) -> Option<&Did> {
        self.owner.as_ref()
    }

    /// Its name; of a schema, the vct.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The subject of its leaves.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn is_name(text: &str) -> bool {
    let is_of_names = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=NAME).contains(&text.len()) && text.bytes().all(is_of_names)
}

fn is_vct(text: &str) -> bool {
    (1..=VCT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The record of a schema, rule, service, document or release. docs/ledger.md §6
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRecord {
    /// What it is.
    pub family: Family,
    /// The subject of its leaves.
    pub subject: String,
    /// The newest payload.
    pub payload: BlobRef,
    /// What the state function and readers ask of it.
    pub detail: ObjectDetail,
    /// The newest leaf; the next one points to it.
    pub head: Head,
}

/// What a record says of an object beside its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectDetail {
    /// Nothing: schema, service.
    Nothing,
    /// The rule hash. docs/rules.md §5
    Rule(Hash),
    /// SHA-256 of the document.
    Document(Hash),
    /// The version of the release.
    Release(ReleaseVersion),
}

impl ObjectRecord {
    /// True for a payload that this record names.
    pub fn names_blob(&self, hash: &Hash) -> bool {
        self.payload.hash == *hash
    }

    /// Reads a record. Its bytes are the only encoding of it.
    ///
    /// # Errors
    /// [`CborError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, CborError> {
        cbor::decode(bytes, Self::read)
    }

    /// The bytes whose hash is the value in the map.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .array(6)
            .uint(VERSION)
            .uint(self.family.number())
            .text(&self.subject);
        write_blob_ref(&mut writer, &self.payload);
        match &self.detail {
            ObjectDetail::Nothing => writer.null(),
            ObjectDetail::Rule(hash) | ObjectDetail::Document(hash) => writer.bytes(hash),
            ObjectDetail::Release(ReleaseVersion([major, minor, patch])) => writer
                .array(3)
                .uint(u64::from(*major))
                .uint(u64::from(*minor))
                .uint(u64::from(*patch)),
        };
        writer.array(3);
        write_head(&mut writer, &self.head);
        writer.into_bytes()
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(6)?;
        reader.uint_of(VERSION)?;
        let family = Family::from_number(reader.uint()?).ok_or(CborError::UnexpectedValue)?;
        let subject = reader.text()?.to_owned();
        let payload = read_blob_ref(reader)?;
        let detail = read_detail(family, reader)?;
        reader.array_of(3)?;
        Ok(Self {
            family,
            subject,
            payload,
            detail,
            head: read_head(reader)?,
        })
    }
}

fn read_detail(family: Family, reader: &mut Reader<'_>) -> Result<ObjectDetail, CborError> {
    match family {
        Family::Schema | Family::Service => {
            reader.null()?;
            Ok(ObjectDetail::Nothing)
        }
        Family::Rule => Ok(ObjectDetail::Rule(reader.bytes_of()?)),
        Family::Document => Ok(ObjectDetail::Document(reader.bytes_of()?)),
        Family::Release => {
            reader.array_of(3)?;
            let version = [number(reader)?, number(reader)?, number(reader)?];
            Ok(ObjectDetail::Release(ReleaseVersion(version)))
        }
        Family::Policy | Family::Organisation => Err(CborError::UnexpectedValue),
    }
}

fn number(reader: &mut Reader<'_>) -> Result<u32, CborError> {
    u32::try_from(reader.uint()?).map_err(|_| CborError::UnexpectedValue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaf::LeafPointer;
    use test_case::test_case;

    const OWNER: &str = "did:webvh:QmVUE1PXRETvpMn2MVPwUTsxki8kWQPqqK2pUxXgjDcv6w:agency.example";

    #[test_case(Family::Rule, "/rule/age-18" => true ; "rule")]
    #[test_case(Family::Schema, "/schema/https://a.example/t/1" => true ; "vct_with_slashes")]
    #[test_case(Family::Rule, "/service/age-18" => false ; "word_of_another_family")]
    #[test_case(Family::Rule, "/rule/Age" => false ; "upper_case")]
    #[test_case(Family::Rule, "/rule/" => false ; "no_name")]
    #[test_case(Family::Service, "/service/a/b" => false ; "path")]
    #[test_case(Family::Release, "/release/wallet" => false ; "release_of_an_organisation")]
    #[test_case(Family::Organisation, "" => false ; "organisation")]
    fn owned_subjects(family: Family, rest: &str) -> bool {
        ObjectSubject::parse(family, "log.example", &format!("{OWNER}{rest}")).is_some()
    }

    #[test_case("log.example/log/release/wallet" => true ; "release")]
    #[test_case("other.example/log/release/wallet" => false ; "of_another_log")]
    #[test_case("log.example/log/release/wallet/1" => false ; "path")]
    fn releases(subject: &str) -> bool {
        ObjectSubject::parse(Family::Release, "log.example/log", subject).is_some()
    }

    #[test]
    fn a_subject_is_made_of_owner_word_and_name() {
        let owner: Did = OWNER.parse().unwrap();
        let subject = ObjectSubject::owned(Family::Document, &owner, "fees").unwrap();
        assert_eq!(subject.as_str(), format!("{OWNER}/document/fees"));
        assert_eq!(subject.owner(), Some(&owner));
        assert_eq!(subject.name(), "fees");
        assert_eq!(ObjectSubject::owned(Family::Release, &owner, "fees"), None);
    }

    #[test_case(Family::Schema, ObjectDetail::Nothing ; "schema")]
    #[test_case(Family::Rule, ObjectDetail::Rule([3; 32]) ; "rule")]
    #[test_case(Family::Service, ObjectDetail::Nothing ; "service")]
    #[test_case(Family::Document, ObjectDetail::Document([4; 32]) ; "document")]
    #[test_case(Family::Release, ObjectDetail::Release(ReleaseVersion([1, 2, 3])) ; "release")]
    fn a_record_comes_back(family: Family, detail: ObjectDetail) {
        let record = ObjectRecord {
            family,
            subject: "a subject".to_owned(),
            payload: BlobRef::of(b"{}"),
            detail,
            head: Head {
                seq: 2,
                leaf: LeafPointer {
                    index: 7,
                    hash: [1; 32],
                },
            },
        };
        assert_eq!(ObjectRecord::parse(&record.encode()), Ok(record));
    }
}
