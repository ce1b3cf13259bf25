//! Entries of the log in plain words.

use ledger::{Authority, Kind, Leaf, LeafError, Payload, RevocationReason};
use maud::{Markup, html};

use super::Pages;
use super::address;
use super::answer::PageError;
use super::directory::EntryRow;
use super::host::{Host, StoredEntry};
use super::icons::{Tone, icon};
use super::plain::plain;
use super::publication::organisation_of;
use super::reader::Reader;

/// An entry with what it says.
pub(super) struct Event {
    pub(super) row: EntryRow,
    pub(super) stored: StoredEntry,
    pub(super) leaf: Result<Leaf, LeafError>,
    /// What it says; `None` where the payload does not follow its schema.
    pub(super) content: Option<Payload>,
    /// What the subject is called.
    name: String,
}

impl Event {
    /// The leaf, where the entry was taken.
    pub(super) fn taken(&self) -> Option<&Leaf> {
        self.leaf.as_ref().ok().filter(|_| !self.row.is_refused)
    }
}

impl<H: Host> Pages<H> {
    /// Reads an entry that the directory lists.
    pub(super) async fn event(&self, reader: &Reader<'_>, row: EntryRow) -> Result<Event, PageError> {
        let stored = self.inner.host.entry(row.number).await?.ok_or(PageError::NotFound)?;
        let leaf = Leaf::parse(&stored.leaf);
        let content = leaf
            .as_ref()
            .ok()
            .and_then(|leaf| Payload::parse(leaf.kind, &stored.payload).ok());
        let name = match (&leaf, &content) {
            (Ok(leaf), Some(Payload::Accreditation(said))) => reader.name(&leaf.subject, Some(&said.name)),
            (Ok(leaf), Some(Payload::Scope(said))) => reader.name(&leaf.subject, Some(&said.name)),
            (Ok(leaf), _) => {
                let did = organisation_of(leaf);
                let organisation = self.inner.directory.organisation(did).await?;
                reader.name(did, organisation.and_then(|row| row.name).as_ref())
            }
            (Err(_), _) => String::new(),
        };
        Ok(Event {
            row,
            stored,
            leaf,
            content,
            name,
        })
    }

    /// Reads a list of entries.
    pub(super) async fn events(&self, reader: &Reader<'_>, rows: Vec<EntryRow>) -> Result<Vec<Event>, PageError> {
        let mut events = Vec::with_capacity(rows.len());
        for row in rows {
            events.push(self.event(reader, row).await?);
        }
        Ok(events)
    }
}

impl Reader<'_> {
    /// A list of entries, each in a sentence.
    pub(super) fn event_list(&self, events: &[Event]) -> Markup {
        html! {
            ol.events {
                @for event in events {
                    li class=[self.weight(event)] {
                        p { (self.sentence(event)) }
                        (self.event_place(event))
                    }
                }
            }
        }
    }

    /// Where an entry stands, and when it was written.
    pub(super) fn event_place(&self, event: &Event) -> Markup {
        html! {
            p.quiet {
                a href=(self.href(&address::entry(event.row.number), &[])) {
                    (self.say("entry.number", &[("number", &self.number(event.row.number))]))
                }
                @if let Some(time) = event.row.time { " · " (self.moment(time)) }
            }
        }
    }

    /// Alarms stand out, what the log writes for itself steps back.
    fn weight(&self, event: &Event) -> Option<&'static str> {
        match event.row.kind {
            _ if event.row.is_refused => Some("alarm"),
            Some(Kind::MapHead) => Some("own"),
            _ => None,
        }
    }

    /// What an entry did, in a sentence.
    pub(super) fn sentence(&self, event: &Event) -> Markup {
        let leaf = match &event.leaf {
            Ok(leaf) if event.row.is_refused => return self.refused_sentence(leaf.kind),
            Ok(leaf) => leaf,
            Err(error) => return self.unreadable_sentence(*error),
        };
        let name = self.link(organisation_of(leaf), &event.name);
        if let Some(words) = self.publication(leaf.kind, event.content.as_ref(), &name) {
            return words;
        }
        let say = |key, more: &[(&str, Markup)]| {
            let parts = [("name", name.clone()), ("registrar", self.author(leaf))];
            self.fill(key, &[&parts, more].concat())
        };
        match (leaf.kind, &event.content) {
            (Kind::DidCreate, _) if leaf.authority == Authority::PayloadProof => say("event.registrar_created", &[]),
            (Kind::DidCreate, _) => say("event.created", &[]),
            (Kind::DidUpdate, _) => say("event.updated", &[]),
            (Kind::DidRotate, _) => say("event.rotated", &[]),
            (Kind::DidDeactivate, _) => say("event.deactivated", &[]),
            (Kind::RelyingPartyRegister, Some(Payload::Scope(scope))) => {
                say("event.registered", &[("asks", self.asks(scope))])
            }
            (_, Some(Payload::Scope(scope))) => say("event.scope_changed", &[("asks", self.asks(scope))]),
            (_, Some(Payload::Accreditation(said))) => {
                let types = said.types.iter().map(|accredited| self.card_type(&accredited.vct));
                say("event.accredited", &[("types", self.list(types.collect()))])
            }
            (Kind::AccreditationRevoke, Some(Payload::Revocation(said))) => say(
                "event.accreditation_ended",
                &[("reason", html! { (self.reason(said.reason)) })],
            ),
            (_, Some(Payload::Revocation(said))) => say(
                "event.registration_ended",
                &[("reason", html! { (self.reason(said.reason)) })],
            ),
            (_, Some(Payload::StatusSnapshot(said))) => say(
                "event.snapshot",
                &[("lists", html! { (self.count("event.lists", said.lists.len() as u64)) })],
            ),
            (_, Some(Payload::Policy(said))) => {
                say("event.policy", &[("version", html! { (self.number(said.version)) })])
            }
            (_, Some(Payload::MapHead(said))) => say(
                "event.map_head",
                &[("size", html! { (self.count("common.entries", said.size)) })],
            ),
            (_, _) => html! { (self.t("event.unreadable")) },
        }
    }

    /// The registrar who signed, as a link to its own record.
    fn author(&self, leaf: &Leaf) -> Markup {
        html! {
            @match signer(leaf) {
                Some(did) => a href=(self.href(&address::organisation(did), &[])) { (self.t("event.registrar")) },
                None => (self.t("event.registrar")),
            }
        }
    }

    fn refused_sentence(&self, kind: Kind) -> Markup {
        let kind = html! { (self.kind(kind)) };
        html! { (icon(Tone::Bad)) " " (self.fill("event.refused", &[("kind", kind)])) }
    }

    fn unreadable_sentence(&self, error: LeafError) -> Markup {
        let words = match error {
            LeafError::UnknownKind(kind) => self.say("event.unknown", &[("kind", &kind.to_string())]),
            _ => self.t("event.unreadable").to_owned(),
        };
        html! { (icon(Tone::Bad)) " " (words) }
    }

    /// What a kind of entry is called.
    pub(super) fn kind(&self, kind: Kind) -> &str {
        match kind {
            Kind::Policy => self.t("kind.policy"),
            Kind::DidCreate => self.t("kind.did_create"),
            Kind::DidUpdate => self.t("kind.did_update"),
            Kind::DidRotate => self.t("kind.did_rotate"),
            Kind::DidDeactivate => self.t("kind.did_deactivate"),
            Kind::AccreditationGrant => self.t("kind.accreditation_grant"),
            Kind::AccreditationRevoke => self.t("kind.accreditation_revoke"),
            Kind::RelyingPartyRegister => self.t("kind.relying_party_register"),
            Kind::RelyingPartyUpdate => self.t("kind.relying_party_update"),
            Kind::RelyingPartyRevoke => self.t("kind.relying_party_revoke"),
            Kind::StatusSnapshot => self.t("kind.status_snapshot"),
            Kind::MapHead => self.t("kind.map_head"),
            Kind::SchemaPublish => self.t("kind.schema_publish"),
            Kind::SchemaSupersede => self.t("kind.schema_supersede"),
            Kind::RulePublish => self.t("kind.rule_publish"),
            Kind::RuleSupersede => self.t("kind.rule_supersede"),
            Kind::ServicePublish => self.t("kind.service_publish"),
            Kind::ServiceSupersede => self.t("kind.service_supersede"),
            Kind::Document => self.t("kind.document"),
            Kind::AuditSnapshot => self.t("kind.audit_snapshot"),
            Kind::Release => self.t("kind.release"),
            _ => self.t("kind.other"),
        }
    }

    /// Why something was taken back.
    pub(super) fn reason(&self, reason: RevocationReason) -> &str {
        match reason {
            RevocationReason::Ended => self.t("reason.ended"),
            RevocationReason::Superseded => self.t("reason.superseded"),
            RevocationReason::KeyCompromise => self.t("reason.key_compromise"),
            RevocationReason::Misuse => self.t("reason.misuse"),
            _ => self.t("reason.other"),
        }
    }

    /// Who wrote an entry.
    pub(super) fn authority(&self, leaf: &Leaf) -> Markup {
        match &leaf.authority {
            Authority::Log => html! { (self.t("authority.log")) },
            Authority::PayloadProof => html! { (self.t("authority.payload_proof")) },
            Authority::Signatures(signatures) => html! {
                ul.plain {
                    @for signature in signatures {
                        li {
                            @match signature.key_id.split_once('#') {
                                Some((did, _)) if did == organisation_of(leaf) => (self.t("authority.subject")),
                                Some((did, _)) => a href=(self.href(&address::organisation(did), &[])) {
                                    (self.t("authority.registrar"))
                                },
                                None if leaf.kind == Kind::Release => (self.t("authority.release_key")),
                                None => (self.t("authority.governance")),
                            }
                            br; code { (plain(&signature.key_id)) }
                        }
                    }
                }
            },
        }
    }
}

/// Whose key signed an entry.
fn signer(leaf: &Leaf) -> Option<&str> {
    match &leaf.authority {
        Authority::Signatures(signatures) => Some(signatures.first()?.key_id.split_once('#')?.0),
        Authority::Log | Authority::PayloadProof => None,
    }
}
