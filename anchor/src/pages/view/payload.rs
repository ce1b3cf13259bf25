//! What an entry says, in words.

use ledger::{Accreditation, MapHead, Payload, Policy, Scope, StatusSnapshot};
use maud::{Markup, html};

use crate::pages::address;
use crate::pages::changes::keys_of;
use crate::pages::event::Event;
use crate::pages::parts::{fact, table};
use crate::pages::plain::plain;
use crate::pages::reader::{Reader, host_of};

/// Status lists named on a page, at most.
const LISTS: usize = 20;

impl Reader<'_> {
    /// The payload of an entry in words.
    pub(super) fn payload(&self, event: &Event) -> Markup {
        match (&event.leaf, &event.content) {
            (Ok(_), Some(Payload::Policy(policy))) => self.policy(policy),
            (Ok(leaf), Some(Payload::DidLine(line))) => self.keys(line, &leaf.subject),
            (Ok(_), Some(Payload::Accreditation(said))) => self.accreditation(said),
            (Ok(_), Some(Payload::Revocation(said))) => {
                html! { dl.facts { (fact(self.t("payload.reason"), &html! { (self.reason(said.reason)) })) } }
            }
            (Ok(_), Some(Payload::Scope(said))) => self.whole_scope(said),
            (Ok(_), Some(Payload::StatusSnapshot(said))) => self.snapshot(said),
            (Ok(_), Some(Payload::MapHead(said))) => self.map_head(said),
            (Ok(_), Some(Payload::Schema(said))) => self.schema(said),
            (Ok(_), Some(Payload::Rule(said))) => self.rule(said),
            (Ok(_), Some(Payload::Service(said))) => self.service(said),
            (Ok(_), Some(Payload::Document(said))) => self.document(said),
            (Ok(_), Some(Payload::AuditSnapshot(said))) => self.audit_snapshot(said),
            (Ok(_), Some(Payload::Release(said))) => self.release(said),
            (Ok(_) | Err(_), _) => html! { p { (self.t("payload.unreadable")) } },
        }
    }

    fn accreditation(&self, said: &Accreditation) -> Markup {
        let types = said.types.iter();
        let rows: Vec<_> = types
            .map(|each| vec![self.card_type(&each.vct), self.day(each.until)])
            .collect();
        html! {
            dl.facts {
                (fact(self.t("payload.name"), &html! { bdi { (self.localized(&said.name)) } }))
                @if let Some(old) = &said.succeeds {
                    (fact(self.t("payload.succeeds"), &self.link(old.as_str(), &host_of(old.as_str()))))
                }
            }
            (table(self.t("payload.types"), &[self.t("payload.card"), self.t("payload.until")], &rows))
        }
    }

    /// A scope with what holds for all its purposes.
    pub(super) fn whole_scope(&self, said: &Scope) -> Markup {
        let certificates = said.access_certificates.iter().map(hex::encode);
        html! {
            (self.scope(said))
            dl.facts {
                (fact(self.t("payload.valid_until"), &self.day(said.valid_until)))
                (fact(self.t("payload.certificates"), &html! {
                    ul.plain { @for hash in certificates { li { code { (hash) } } } }
                }))
            }
        }
    }

    /// The keys of a DID document.
    pub(super) fn keys(&self, line: &[u8], did: &str) -> Markup {
        let keys = keys_of(line, did);
        let row = |(name, key): (&String, &crate::pages::changes::Key)| {
            let mut uses = Vec::new();
            if key.asserts {
                uses.push(html! { (self.t("payload.asserts")) });
            }
            if key.writes {
                uses.push(html! { (self.t("payload.writes")) });
            }
            vec![
                html! { code { "#" (plain(name)) } },
                self.list(uses),
                html! { (key.algorithm) },
                html! { code { (key.thumbprint) } },
            ]
        };
        let rows: Vec<_> = keys.iter().map(row).collect();
        let heads = [
            self.t("payload.key"),
            self.t("payload.use"),
            self.t("payload.algorithm"),
            self.t("payload.thumbprint"),
        ];
        html! {
            @if rows.is_empty() { p { (self.t("payload.no_keys")) } } @else { (table(self.t("payload.keys"), &heads, &rows)) }
        }
    }

    fn snapshot(&self, said: &StatusSnapshot) -> Markup {
        html! {
            dl.facts {
                (fact(self.t("payload.snapshot_time"), &self.moment(said.time)))
                (fact(self.t("payload.lists"), &html! {
                    ul.plain {
                        @for list in said.lists.iter().take(LISTS) { li { code { (plain(&list.uri)) } } }
                        @if said.lists.len() > LISTS { li { (self.count("scope.more", (said.lists.len() - LISTS) as u64)) } }
                    }
                }))
                (fact(self.t("payload.root"), &html! { code { (hex::encode(said.root)) } }))
            }
            p.quiet { (self.t("payload.snapshot_what")) }
        }
    }

    fn map_head(&self, said: &MapHead) -> Markup {
        html! {
            dl.facts {
                (fact(self.t("payload.covers"), &html! { (self.count("common.entries", said.size)) }))
                (fact(self.t("payload.root"), &html! { code { (hex::encode(said.root)) } }))
            }
            p.quiet { (self.t("payload.map_head_what")) }
        }
    }

    /// The rules of the log.
    pub(super) fn policy(&self, said: &Policy) -> Markup {
        let governance = [
            ("needed", self.number(said.governance.threshold())),
            ("all", self.number(said.governance.keys().len() as u64)),
        ];
        let governance = governance.each_ref().map(|(place, text)| (*place, text.as_str()));
        let limits = [
            ("hour", self.number(said.limits.writes_per_hour.into())),
            ("day", self.number(said.limits.writes_per_day.into())),
            ("snapshots", self.number(said.limits.snapshots_per_hour.into())),
        ];
        let limits = limits.each_ref().map(|(place, text)| (*place, text.as_str()));
        html! {
            dl.facts {
                (fact(self.t("payload.policy_version"), &html! { (self.number(said.version)) }))
                (fact(self.t("payload.registrars"), &html! {
                    ul.plain { @for did in &said.registrars { li {
                        a href=(self.href(&address::organisation(did.as_str()), &[])) { bdi { (host_of(did.as_str())) } }
                    } } }
                }))
                (fact(self.t("payload.governance"), &html! { (self.say("payload.governance_what", &governance)) }))
                (fact(self.t("payload.limits"), &html! { (self.say("payload.limits_what", &limits)) }))
                (fact(self.t("payload.pack"), &html! {
                    (self.say("payload.pack_what", &[("version", &self.number(said.trust_pack.version))])) " "
                    code { (hex::encode(said.trust_pack.sha256)) }
                }))
            }
            h3 { (self.t("payload.quorum")) }
            pre tabindex="0" aria-label=(self.t("payload.quorum")) { code { (said.quorum) } }
        }
    }
}
