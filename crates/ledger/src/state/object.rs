//! Schema, rule, service, document, release. docs/ledger.md §5.8.

use super::authority::{check_owner, check_release_key};
use super::{Entry, Records, Rejection};
use crate::kind::Kind;
use crate::map::Family;
use crate::object::{ObjectDetail, ObjectRecord};
use crate::payload::{Document, Payload, Policy, Release};

/// The record after an entry of these kinds.
pub(super) fn apply(state: &dyn Records, policy: &Policy, entry: &Entry) -> Result<ObjectRecord, Rejection> {
    let leaf = entry.leaf();
    let payload = Payload::parse(leaf.kind, entry.payload())?;
    if payload.subject() != Some(leaf.subject.as_str()) {
        return Err(Rejection::SubjectDiffers);
    }
    let family = leaf.kind.family().ok_or(Rejection::SubjectNotObject)?;
    let before = state.object(&leaf.subject);
    check_publication(leaf.kind, before)?;
    let detail = detail(&payload, before)?;
    if family == Family::Release {
        check_release_key(state, policy, entry)?;
    } else {
        check_owner(state, entry)?;
    }
    Ok(ObjectRecord {
        family,
        subject: leaf.subject.clone(),
        payload: leaf.payload,
        detail,
        head: entry.as_head(),
    })
}

/// Publish is the first, supersede any later one. Documents and releases have one kind for both.
fn check_publication(kind: Kind, before: Option<&ObjectRecord>) -> Result<(), Rejection> {
    match (kind, before) {
        (Kind::SchemaPublish | Kind::RulePublish | Kind::ServicePublish, Some(_)) => Err(Rejection::AlreadyPublished),
        (Kind::SchemaSupersede | Kind::RuleSupersede | Kind::ServiceSupersede, None) => Err(Rejection::NotPublished),
        _ => Ok(()),
    }
}

fn detail(payload: &Payload, before: Option<&ObjectRecord>) -> Result<ObjectDetail, Rejection> {
    match payload {
        Payload::Rule(rule) => Ok(ObjectDetail::Rule(rule.rule_hash()?)),
        Payload::Document(document) => next_document(document, before),
        Payload::Release(release) => next_release(release, before),
        _ => Ok(ObjectDetail::Nothing),
    }
}

fn next_document(document: &Document, before: Option<&ObjectRecord>) -> Result<ObjectDetail, Rejection> {
    let newest = match before.map(|record| record.detail) {
        Some(ObjectDetail::Document(hash)) => Some(hash),
        _ => None,
    };
    if document.supersedes == newest {
        Ok(ObjectDetail::Document(document.sha256))
    } else {
        Err(Rejection::DocumentSupersedes)
    }
}

fn next_release(release: &Release, before: Option<&ObjectRecord>) -> Result<ObjectDetail, Rejection> {
    match before.map(|record| record.detail) {
        Some(ObjectDetail::Release(newest)) if newest >= release.version => Err(Rejection::ReleaseNotNewer),
        _ => Ok(ObjectDetail::Release(release.version)),
    }
}
