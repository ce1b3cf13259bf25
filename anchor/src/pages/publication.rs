//! What organisations publish, and who goes on for whom, in a sentence.

use ledger::{Family, Kind, Leaf, Localized, Payload};
use maud::{Markup, html};

use super::plain::plain;
use super::reader::{Reader, host_of};

impl Reader<'_> {
    /// The sentence of an entry that publishes something, seals what officials did, or lets an agency go on for
    /// another. `name` is a link to whom it is about.
    pub(super) fn publication(&self, kind: Kind, content: Option<&Payload>, name: &Markup) -> Option<Markup> {
        let (key, what): (&str, &Localized) = match (kind, content?) {
            (Kind::SchemaPublish, Payload::Schema(said)) => ("event.schema_published", &said.name),
            (_, Payload::Schema(said)) => ("event.schema_superseded", &said.name),
            (Kind::RulePublish, Payload::Rule(said)) => ("event.rule_published", &said.name),
            (_, Payload::Rule(said)) => ("event.rule_superseded", &said.name),
            (Kind::ServicePublish, Payload::Service(said)) => ("event.service_published", &said.name),
            (_, Payload::Service(said)) => ("event.service_superseded", &said.name),
            (_, Payload::Document(said)) => ("event.document", &said.title),
            (_, Payload::AuditSnapshot(said)) => {
                let parts = [("name", name.clone()), ("until", self.moment(said.until))];
                return Some(self.fill("event.audit_snapshot", &parts));
            }
            (_, Payload::Release(said)) => {
                let program = said.subject.rsplit('/').next().unwrap_or_default();
                let parts = [
                    ("program", html! { bdi { (plain(program)) } }),
                    ("version", html! { (said.version.to_string()) }),
                ];
                return Some(self.fill("event.release", &parts));
            }
            (_, Payload::Accreditation(said)) => {
                let old = said.succeeds.as_ref()?.as_str();
                let types = said.types.iter().map(|accredited| self.card_type(&accredited.vct));
                let parts = [
                    ("name", name.clone()),
                    ("old", self.link(old, &host_of(old))),
                    ("types", self.list(types.collect())),
                ];
                return Some(self.fill("event.succeeded", &parts));
            }
            _ => return None,
        };
        let what = html! { bdi { (self.localized(what)) } };
        Some(self.fill(key, &[("name", name.clone()), ("what", what)]))
    }
}

/// The organisation that a leaf is about: its subject, or the owner of it.
pub(super) fn organisation_of(leaf: &Leaf) -> &str {
    let subject = leaf.subject.as_str();
    match leaf.kind.family() {
        Some(Family::Schema | Family::Rule | Family::Service | Family::Document) => {
            subject.split_once('/').map_or(subject, |(owner, _)| owner)
        }
        _ => subject,
    }
}
