//! What is encrypted: presentations, and what the verifier lacks. docs/offline-qr.md §3

use cbor::{CborError, Reader, Writer};

use super::presentation::Presentation;
use crate::budget::{BudgetField, BudgetLine};
use crate::packed::{pack, unpack};

/// Presentations of an answer, at most.
pub(super) const PRESENTATIONS: usize = 16;
/// Bundles of an answer, at most.
pub(super) const BUNDLES: usize = 4;
/// Status proofs of an answer, at most.
pub(super) const STATUS_PROOFS: usize = 8;

/// Texts, and bundles or status proofs, unpacked.
const TEXTS_CAP: usize = 16 * 1024;
const EVIDENCE_CAP: usize = 48 * 1024;

const VERSION: u64 = 1;

/// What is encrypted. Nothing in it is verified.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) presentations: Vec<Presentation>,
    pub(super) bundles: Vec<Vec<u8>>,
    pub(super) status_proofs: Vec<Vec<u8>>,
}

/// What both sides know of the challenge.
pub(super) struct Context<'a> {
    pub(super) dictionary: &'a [u8],
    pub(super) nonce: &'a str,
}

/// Why content cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContentError {
    Packing,
    Cbor(CborError),
    ShortForm,
}

impl From<CborError> for ContentError {
    fn from(error: CborError) -> Self {
        Self::Cbor(error)
    }
}

impl Content {
    /// The plaintext, and what its fields cost; `None` where a presentation is none.
    pub(super) fn encode(&self, context: &Context<'_>) -> Option<(Vec<u8>, Vec<BudgetLine>)> {
        let mut values = Vec::new();
        let mut writer = Writer::new();
        writer.array(self.presentations.len());
        for presentation in &self.presentations {
            presentation.write(&mut writer, &mut values, context.nonce)?;
        }
        let texts = writer.into_bytes();
        let packed_texts = pack(context.dictionary, &texts);
        let dictionary = evidence_dictionary(context, &texts);
        let bundles = pack_list(&dictionary, &self.bundles);
        let status_proofs = pack_list(&dictionary, &self.status_proofs);
        let mut writer = Writer::new();
        writer.array(5).uint(VERSION).bytes(&packed_texts).bytes(&values);
        for packed in [&bundles, &status_proofs] {
            match packed {
                Some(packed) => writer.bytes(packed),
                None => writer.null(),
            };
        }
        let as_text: usize = self.presentations.iter().map(|one| one.text.len()).sum();
        let lines = vec![
            line(BudgetField::Texts, as_text, packed_texts.len()),
            line(BudgetField::Values, 0, values.len()),
            line(BudgetField::Bundles, total(&self.bundles), length(bundles.as_ref())),
            line(
                BudgetField::StatusProofs,
                total(&self.status_proofs),
                length(status_proofs.as_ref()),
            ),
        ];
        Some((writer.into_bytes(), lines))
    }

    pub(super) fn parse(bytes: &[u8], context: &Context<'_>) -> Result<Self, ContentError> {
        cbor::decode(bytes, |reader: &mut Reader<'_>| {
            reader.array_of(5)?;
            reader.uint_of(VERSION)?;
            let texts = unpack(context.dictionary, reader.bytes()?, TEXTS_CAP).ok_or(ContentError::Packing)?;
            let mut values = reader.bytes()?;
            let presentations = cbor::decode(&texts, |reader: &mut Reader<'_>| {
                reader.list(PRESENTATIONS, |reader| {
                    Presentation::read(reader, &mut values, context.nonce)
                })
            })?;
            if !values.is_empty() {
                return Err(ContentError::ShortForm);
            }
            let dictionary = evidence_dictionary(context, &texts);
            Ok(Self {
                presentations,
                bundles: unpack_list(reader, &dictionary, BUNDLES)?,
                status_proofs: unpack_list(reader, &dictionary, STATUS_PROOFS)?,
            })
        })
    }
}

/// Bundles and status proofs name what the texts name.
fn evidence_dictionary(context: &Context<'_>, texts: &[u8]) -> Vec<u8> {
    [context.dictionary, texts].concat()
}

fn pack_list(dictionary: &[u8], items: &[Vec<u8>]) -> Option<Vec<u8>> {
    if items.is_empty() {
        return None;
    }
    let mut writer = Writer::new();
    writer.array(items.len());
    for item in items {
        writer.bytes(item);
    }
    Some(pack(dictionary, &writer.into_bytes()))
}

fn unpack_list(reader: &mut Reader<'_>, dictionary: &[u8], cap: usize) -> Result<Vec<Vec<u8>>, ContentError> {
    if reader.skip_null()? {
        return Ok(Vec::new());
    }
    let bytes = unpack(dictionary, reader.bytes()?, EVIDENCE_CAP).ok_or(ContentError::Packing)?;
    let items: Vec<Vec<u8>> = cbor::decode(&bytes, |reader: &mut Reader<'_>| {
        reader.list(cap, |reader| Ok::<_, CborError>(reader.bytes()?.to_vec()))
    })?;
    if items.is_empty() {
        return Err(CborError::UnexpectedLength.into());
    }
    Ok(items)
}

fn line(field: BudgetField, before: usize, after: usize) -> BudgetLine {
    BudgetLine { field, before, after }
}

fn total(items: &[Vec<u8>]) -> usize {
    items.iter().map(Vec::len).sum()
}

fn length(packed: Option<&Vec<u8>>) -> usize {
    packed.map_or(0, Vec::len)
}
