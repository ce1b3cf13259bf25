//! `/portal/registrar`: what waits for a decision, and deciding it.

use axum::extract::{Path, State};
use jose::base64url;
use maud::{Markup, html};

use super::application::said;
use super::error::{Answer, PortalError};
use super::hosts::{self, section as host_section};
use super::parts::{Field, filed_rows, form, hidden, history, once, remark, state_badge, submit};
use super::posted::Posted;
use super::visitor::Visitor;
use crate::pages::address;
use crate::pages::answer::back;
use crate::pages::icons::Tone;
use crate::pages::parts::fact;
use crate::pages::plain::plain;
use crate::pages::reader::{Reader, host_of};
use crate::portal::authority::request_key;
use crate::portal::content::{Applicant, Hosting};
use crate::portal::store::{Business, Filed};
use crate::portal::{Portal, Step, letter, next};
use crate::registrar::Application;

/// Longest name of an organisation in a letter.
const NAME: usize = 200;

/// What was handed in, what waits first.
pub(super) async fn list(State(portal): State<Portal>, visitor: Visitor) -> Answer {
    let name = visitor.operator_name()?;
    let reader = portal.reader(&visitor);
    let filed = portal.inner.store.handed_in().await?;
    let (waiting, others): (Vec<_>, Vec<_>) = filed.iter().partition(|filed| filed.state.waits());
    let title = reader.t("portal.registrar.title");
    let out = submit(reader.t("portal.sign_out"), false);
    let body = html! {
        h1 { (title) }
        p { (reader.fill("portal.registrar.signed_in", &[("name", html! { bdi { (plain(name)) } })])) }
        div.actions {
            a.button href=(reader.href("/portal/registrar/letters", &[])) { (reader.t("portal.letters.title")) }
            a.button href=(reader.href("/portal/registrar/complaints", &[])) { (reader.t("portal.complaints.list")) }
        }
        (rows(&reader, "portal.registrar.waiting", "portal.registrar.nothing_waits", &waiting))
        (rows(&reader, "portal.registrar.others", "portal.registrar.no_others", &others))
        (form(&reader, &visitor, "/portal/registrar/sign-out", &out))
    };
    Ok(portal.titled(&visitor, title, body))
}

fn rows(reader: &Reader<'_>, title: &str, empty: &str, filed: &[&Filed]) -> Markup {
    html! {
        section {
            h2 { (reader.t(title)) }
            @if filed.is_empty() { p.empty { (reader.t(empty)) } }
            (filed_rows(reader, filed.iter().copied(), path))
        }
    }
}

fn path(filed: &Filed) -> String {
    format!("/portal/registrar/applications/{}", filed.id)
}

/// One application, with all that was done and all that can be done.
pub(super) async fn page(State(portal): State<Portal>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.operator()?;
    let store = &portal.inner.store;
    let filed = store.application(&id).await?.ok_or(PortalError::NotFound)?;
    let steps = store.steps(&id).await?;
    let business = store.business(&filed.business).await?;
    let reader = portal.reader(&visitor);
    let in_force = store
        .in_force(&filed.business)
        .await?
        .filter(|other| other.id != filed.id);
    let proof = portal.host_proof(&filed).await?.filter(|_| filed.state.is_under_way());
    let is_proved = proof.as_ref().is_none_or(|proof| proof.counts(reader.now));
    let name = plain(filed.name(reader.language.tag()));
    let body = html! {
        (back(&reader, "/portal/registrar", "portal.registrar.back"))
        h1 { bdi { (name) } }
        p { (state_badge(&reader, filed.state)) }
        @if in_force.is_some() { (remark(Tone::Info, reader.t("portal.registrar.is_change"))) }
        (facts(&reader, &filed, business.as_ref()))
        (said(&portal, &reader, &filed))
        @if let Some(proof) = &proof {
            (host_section(&portal, &reader, &visitor, proof, &format!("{}/host", path(&filed))))
        }
        (decisions(&reader, &visitor, &filed, is_proved)?)
        (history(&reader, &filed, &steps, true))
    };
    Ok(portal.titled(&visitor, &name, body))
}

fn facts(reader: &Reader<'_>, filed: &Filed, business: Option<&Business>) -> Markup {
    let applicant = match filed.applicant {
        Applicant::Business => reader.t("portal.registrar.business"),
        Applicant::Agency => reader.t("portal.registrar.agency"),
    };
    let hosting = match filed.content.hosting {
        Hosting::Hosted => reader.t("portal.about.hosted"),
        Hosting::Own => reader.t("portal.about.own"),
    };
    let did = business.and_then(|business| business.did.as_deref());
    html! {
        dl.facts {
            (fact(reader.t("portal.registrar.organisation"), &html! { bdi { (plain(&filed.organisation)) } }))
            (fact(reader.t("portal.registrar.kind"), &html! { (applicant) }))
            @if filed.applicant == Applicant::Business {
                (fact(reader.t("portal.about.hosting"), &html! { (hosting) }))
            }
            @if let Some(contact) = &filed.contact {
                (fact(reader.t("portal.about.mail"), &html! { bdi { (plain(&contact.mail)) } }))
            }
            (fact(reader.t("portal.about.days"), &html! { (filed.content.days) }))
            @if let Some(did) = did {
                (fact(reader.t("organisation.identifier"), &html! {
                    a href=(reader.href(&address::organisation(did), &[])) { code { (plain(did)) } }
                }))
            }
            (keys(reader, filed))
        }
    }
}

/// What an application file and a certificate request bring: nobody decides on a DID, a host or a key unseen.
fn keys(reader: &Reader<'_>, filed: &Filed) -> Markup {
    let content = &filed.content;
    let is_own = filed.applicant == Applicant::Agency || content.hosting == Hosting::Own;
    let file = Application::parse(content.file.as_bytes()).ok().filter(|_| is_own);
    let csr = request_key(&content.csr).ok().filter(|_| is_own);
    let scope = file.as_ref().and_then(|file| file.scope().ok());
    let listed = scope.map(|scope| scope.access_certificates).unwrap_or_default();
    html! {
        @if let Some(file) = &file {
            @let did = file.did().as_str();
            (fact(reader.t("portal.registrar.file_did"), &html! { code { (plain(did)) } }))
            (fact(reader.t("portal.registrar.file_host"), &html! { code { (host_of(did)) } }))
        }
        @for certificate in listed {
            (fact(reader.t("portal.registrar.file_certificate"), &html! { code { (base64url::encode(certificate)) } }))
        }
        @if let Some(key) = &csr {
            (fact(reader.t("portal.registrar.csr_key"), &html! { code { (base64url::encode(key.thumbprint())) } }))
        }
    }
}

/// What this operator can do now.
fn decisions(reader: &Reader<'_>, visitor: &Visitor, filed: &Filed, is_proved: bool) -> Result<Markup, PortalError> {
    let actor = visitor.operator()?;
    let all = [
        (Step::Approve, "portal.decide.approve"),
        (Step::Ask, "portal.decide.ask"),
        (Step::Refuse, "portal.decide.refuse"),
        (Step::Suspend, "portal.decide.suspend"),
        (Step::Confirm, "portal.decide.confirm"),
        (Step::Lift, "portal.decide.lift"),
        (Step::Revoke, "portal.decide.revoke"),
    ];
    let can: Vec<_> = all
        .into_iter()
        .filter(|(step, _)| next(&filed.standing(), actor, *step).is_ok())
        .filter(|(step, _)| is_proved || *step != Step::Approve)
        .collect();
    Ok(html! {
        section aria-labelledby="decide" {
            h2 #decide { (reader.t("portal.decide.title")) }
            @if can.is_empty() { p.empty { (reader.t("portal.decide.nothing")) } }
            @else { p { (reader.t("portal.decide.four_eyes")) } }
            @if !is_proved { (remark(Tone::Unsure, reader.t("portal.error.host_not_proved"))) }
            @for (step, words) in can {
                (form(reader, visitor, &format!("{}/{}", path(filed), step.as_str()), &decision(reader, filed, step, words)))
            }
        }
    })
}

fn decision(reader: &Reader<'_>, filed: &Filed, step: Step, words: &str) -> Markup {
    let id = format!("words-{}", step.as_str());
    let label = match step {
        Step::Ask => reader.t("portal.decide.question"),
        _ => reader.t("portal.decide.reason"),
    };
    html! {
        (hidden("version", &filed.version.to_string()))
        @if step.needs_words() {
            div.field {
                label for=(id) { (label) }
                textarea id=(id) name="words" rows="3" required {}
            }
        }
        (submit(reader.t(words), step == Step::Approve))
    }
}

/// Takes a step.
pub(super) async fn step(
    State(portal): State<Portal>,
    Path((id, step)): Path<(String, String)>,
    posted: Posted,
) -> Answer {
    let Posted { visitor, fields } = posted;
    let actor = visitor.operator()?;
    let step = Step::named(&step).ok_or(PortalError::NotFound)?;
    let store = &portal.inner.store;
    let version = fields.number("version")?;
    if step == Step::Approve {
        // What it says, and so its host, changes with the version alone.
        let filed = store.application(&id).await?.ok_or(PortalError::NotFound)?;
        hosts::check(&portal, &filed).await?;
    }
    let state = store
        .apply(&id, version, actor, step, fields.text("words"), portal.now())
        .await?;
    tracing::info!(application = %id, step = step.as_str(), state = state.as_str(), "the registrar took a step");
    portal.settle().await;
    Ok(portal.to(&visitor, &format!("/portal/registrar/applications/{id}")))
}

/// `/portal/registrar/letters`
pub(super) async fn letters(State(portal): State<Portal>, visitor: Visitor) -> Answer {
    visitor.operator()?;
    let reader = portal.reader(&visitor);
    let title = reader.t("portal.letters.title");
    let name = Field::new("organisation", reader.t("portal.letters.organisation"), "").required();
    let fields = html! { (once()) (name.line("text")) (submit(reader.t("portal.letters.make"), true)) };
    let body = html! {
        (back(&reader, "/portal/registrar", "portal.registrar.back"))
        h1 { (title) }
        p { (reader.t("portal.letters.what")) }
        (remark(Tone::Info, reader.t("portal.letters.own")))
        (form(&reader, &visitor, "/portal/registrar/letters", &fields))
    };
    Ok(portal.titled(&visitor, title, body))
}

/// Makes a code for a letter, shown once.
pub(super) async fn new_letter(State(portal): State<Portal>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let operator = visitor.operator_name()?;
    let organisation = fields.text("organisation");
    if !(1..=NAME).contains(&organisation.chars().count()) || organisation.chars().any(char::is_control) {
        return Err(PortalError::Form("organisation"));
    }
    // Sent twice, the form makes one code: it follows from the form and the secret of its session.
    let code = letter::code_of(visitor.form_token(), fields.once()?, organisation);
    let store = &portal.inner.store;
    store
        .issue_letter(&code, organisation, None, Some(operator), portal.now())
        .await?;
    let reader = portal.reader(&visitor);
    let title = reader.t("portal.letters.made");
    let shown = Field::new("code", reader.t("portal.letters.code"), &code);
    let body = html! {
        (back(&reader, "/portal/registrar/letters", "portal.letters.back"))
        h1 { (title) }
        p { bdi { (plain(organisation)) } }
        (remark(Tone::Unsure, reader.t("portal.letters.once")))
        (shown.line("text"))
    };
    Ok(portal.titled(&visitor, title, body))
}
