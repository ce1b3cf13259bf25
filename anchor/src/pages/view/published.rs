//! What organisations publish, in facts.

use jose::base64url;
use ledger::{AuditSnapshot, Document, Release, RuleEntry, Schema, Service};
use maud::{Markup, html};

use crate::pages::parts::fact;
use crate::pages::plain::plain;
use crate::pages::reader::{Reader, host_of};

impl Reader<'_> {
    pub(super) fn schema(&self, said: &Schema) -> Markup {
        let claims = said.claims.iter().map(|claim| self.localized(&claim.name));
        html! {
            dl.facts {
                (fact(self.t("payload.name"), &html! { bdi { (self.localized(&said.name)) } }))
                (fact(self.t("payload.claims"), &html! { ul.plain { @for claim in claims { li { bdi { (claim) } } } } }))
                (fact(self.t("payload.fingerprint"), &html! { code { (hex::encode(said.metadata)) } }))
            }
        }
    }

    pub(super) fn rule(&self, said: &RuleEntry) -> Markup {
        let hash = said.rule_hash().map(hex::encode).unwrap_or_default();
        html! {
            dl.facts {
                (fact(self.t("payload.name"), &html! { bdi { (self.localized(&said.name)) } }))
                (fact(self.t("payload.expression"), &html! { code { (plain(&said.expression)) } }))
                (fact(self.t("payload.fingerprint"), &html! { code { (hash) } }))
            }
        }
    }

    pub(super) fn service(&self, said: &Service) -> Markup {
        let competent = said.competent.as_str();
        html! {
            dl.facts {
                (fact(self.t("payload.name"), &html! { bdi { (self.localized(&said.name)) } }))
                (fact(self.t("payload.what"), &html! { bdi { (self.localized(&said.text)) } }))
                (fact(self.t("payload.competent"), &self.link(competent, &host_of(competent))))
                (fact(self.t("payload.legal_basis"), &html! {
                    ul.plain { @for law in &said.legal_basis { li { bdi { (self.localized(&law.name)) } } } }
                }))
                @if let Some(fee) = &said.fee {
                    @let parts = [("amount", self.number(fee.amount)), ("currency", fee.currency.clone())];
                    @let parts = parts.each_ref().map(|(place, text)| (*place, text.as_str()));
                    (fact(self.t("payload.fee"), &html! { (self.say("payload.fee_what", &parts)) }))
                }
                @if let Some(days) = said.time_limit_days {
                    (fact(self.t("payload.time_limit"), &html! { (self.count("payload.days", days.into())) }))
                }
                (fact(self.t("payload.complaints"), &html! { code { (plain(&said.complaints)) } }))
                @if let Some(rule) = &said.rule {
                    (fact(self.t("payload.rule"), &html! { code { (base64url::encode(rule.hash)) } }))
                }
            }
        }
    }

    pub(super) fn document(&self, said: &Document) -> Markup {
        html! {
            dl.facts {
                (fact(self.t("payload.name"), &html! { bdi { (self.localized(&said.title)) } }))
                (fact(self.t("payload.fingerprint"), &html! { code { (hex::encode(said.sha256)) } }))
                @if let Some(before) = &said.supersedes {
                    (fact(self.t("payload.supersedes"), &html! { code { (hex::encode(before)) } }))
                }
            }
        }
    }

    pub(super) fn audit_snapshot(&self, said: &AuditSnapshot) -> Markup {
        html! {
            dl.facts {
                (fact(self.t("payload.from"), &self.moment(said.from)))
                (fact(self.t("payload.until"), &self.moment(said.until)))
                (fact(self.t("payload.actions"), &html! { (self.number(said.size)) }))
                (fact(self.t("payload.root"), &html! { code { (hex::encode(said.root)) } }))
            }
            p.quiet { (self.t("payload.audit_what")) }
        }
    }

    pub(super) fn release(&self, said: &Release) -> Markup {
        html! {
            dl.facts {
                (fact(self.t("payload.release_version"), &html! { (said.version.to_string()) }))
                (fact(self.t("payload.files"), &html! {
                    ul.plain {
                        @for file in &said.artifacts {
                            li { (plain(&file.name)) br; code { (hex::encode(file.sha256)) } }
                        }
                    }
                }))
            }
        }
    }
}
