//! `/portal/privacy/{business}/{purpose}`: the privacy notice of a purpose, from a template.

use axum::extract::{Path, State};
use ledger::Channel;
use maud::html;

use super::application::asked_scope;
use super::error::{Answer, PortalError};
use super::visitor::Visitor;
use crate::pages::parts::fact;
use crate::pages::plain::plain;
use crate::portal::{Portal, State as Stage};

/// What a person reads before agreeing: who asks, what, why, for how long, and what they can do. GDPR Article 13
pub(super) async fn notice(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((business, purpose)): Path<(String, String)>,
) -> Answer {
    let all = portal.inner.store.applications_for(&business).await?;
    // What was in force stays readable: people come back to a notice after they agreed.
    let is_public = |stage: Stage| {
        matches!(
            stage,
            Stage::Registered | Stage::Suspended | Stage::Replaced | Stage::Revoked | Stage::Expired
        )
    };
    let filed = all.into_iter().find(|filed| is_public(filed.state));
    let filed = filed.ok_or(PortalError::NotFound)?;
    let scope = asked_scope(&portal, &filed).ok_or(PortalError::NotFound)?;
    let purpose = scope.purpose(&purpose).ok_or(PortalError::NotFound)?;
    let reader = portal.reader(&visitor);
    let name = reader.localized(&scope.name);
    let needed = reader.claims(purpose, |credential| &credential.needed);
    let optional = reader.left_out(purpose);
    let choices = reader.all_choices(purpose);
    let channel = match purpose.channel {
        Channel::Online => reader.t("scope.online"),
        Channel::InPerson => reader.t("scope.in_person"),
    };
    let contact = filed.contact.as_ref();
    let title = reader.say("portal.notice.title", &[("name", &name)]);
    let body = html! {
        h1 { (title) }
        p.lead { bdi { (reader.purpose_name(purpose)) } }
        dl.facts {
            (fact(reader.t("portal.notice.who"), &html! { bdi { (name) } }))
            @if let Some(contact) = contact {
                (fact(reader.t("portal.notice.contact"), &html! { a href={ "mailto:" (contact.mail) } { (plain(&contact.mail)) } }))
            }
            @if !needed.is_empty() { (fact(reader.t("scope.needed_label"), &reader.list(needed))) }
            @for choices in &choices { (fact(reader.t("scope.choice_label"), choices)) }
            @if !optional.is_empty() { (fact(reader.t("scope.optional_label"), &reader.list(optional))) }
            (fact(reader.t("scope.kept_label"), &html! { span.sentence { (reader.kept(purpose)) } }))
            (fact(reader.t("scope.channel_label"), &html! { (channel) }))
        }
        section aria-labelledby="rights" {
            h2 #rights { (reader.t("portal.notice.rights")) }
            ul.bullets {
                li { (reader.t("portal.notice.right_refuse")) }
                li { (reader.t("portal.notice.right_ask")) }
                li { (reader.t("portal.notice.right_delete")) }
                li { a href=(reader.href("/portal/complaints", &[])) { (reader.t("portal.notice.right_complain")) } }
            }
        }
        p.quiet { (reader.t("portal.notice.template")) }
    };
    Ok(portal.titled(&visitor, &title, body))
}
