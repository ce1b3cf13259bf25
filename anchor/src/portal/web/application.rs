//! `/portal/applications/{id}`: one application, with everything that was done with it.

use axum::extract::{Path, State};
use did::Did;
use ledger::Scope;
use maud::{Markup, html};

use super::applications::new_id;
use super::content::{about_form, agency_form, file_form};
use super::error::{Answer, PortalError};
use super::hosts::section as host_section;
use super::parts::{Field, form, hidden, history, once, remark, state_badge, submit as button};
use super::posted::Posted;
use super::purposes::{name as purpose_name, purposes_section};
use super::visitor::Visitor;
use crate::pages::address;
use crate::pages::answer::back;
use crate::pages::icons::Tone;
use crate::pages::plain::plain;
use crate::pages::reader::Reader;
use crate::portal::content::{Applicant, Gap, Hosting, Terms};
use crate::portal::formats::registered_rule;
use crate::portal::store::{Filed, NewApplication};
use crate::portal::{Actor, Portal, State as Stage, Step};

/// The application of this id, if it is this organisation's.
pub(super) async fn own(portal: &Portal, visitor: &Visitor, id: &str) -> Result<Filed, PortalError> {
    let account = visitor.account()?;
    let filed = portal.inner.store.application(id).await?;
    filed
        .filter(|filed| filed.account == account.id)
        .ok_or(PortalError::NotFound)
}

/// The address of an application's page.
pub(super) fn path(filed: &Filed) -> String {
    format!("/portal/applications/{}", filed.id)
}

/// The page.
pub(super) async fn page(State(portal): State<Portal>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let filed = own(&portal, &visitor, &id).await?;
    let reader = portal.reader(&visitor);
    let steps = portal.inner.store.steps(&filed.id).await?;
    let business = portal.inner.store.business(&filed.business).await?;
    let did = business.and_then(|business| business.did);
    let proof = portal.host_proof(&filed).await?.filter(|_| filed.state.is_under_way());
    let name = plain(filed.name(reader.language.tag()));
    let body = html! {
        (back(&reader, "/portal/applications", "portal.mine.back"))
        h1 { bdi { (name) } }
        p { (state_badge(&reader, filed.state)) }
        p { (reader.t(meaning(filed.state))) }
        @if filed.state == Stage::Question { (question(&portal, &reader, &visitor, &filed, &steps)) }
        @if filed.state.is_open() { (editing(&portal, &reader, &visitor, &filed)) }
        @else { (said(&portal, &reader, &filed)) }
        @if let Some(proof) = &proof {
            (host_section(&portal, &reader, &visitor, proof, &format!("{}/host", path(&filed))))
        }
        @if filed.state == Stage::Draft { (handing_in(&portal, &reader, &visitor, &filed)) }
        @if filed.state == Stage::Registered { (in_force(&reader, &visitor, &filed)) }
        (history(&reader, &filed, &steps, false))
        @if let Some(did) = did {
            p { a href=(reader.href(&address::organisation(&did), &[])) { (reader.t("portal.application.explorer")) } }
        }
    };
    Ok(portal.titled(&visitor, &name, body))
}

/// What a state means for whoever applied.
fn meaning(state: Stage) -> &'static str {
    match state {
        Stage::Draft => "portal.meaning.draft",
        Stage::Submitted | Stage::Answered | Stage::ApprovedByOne | Stage::RefusedByOne => "portal.meaning.waits",
        Stage::Question => "portal.meaning.question",
        Stage::Approved => "portal.meaning.approved",
        Stage::Refused => "portal.meaning.refused",
        Stage::Registered => "portal.meaning.registered",
        Stage::Replaced => "portal.meaning.replaced",
        Stage::Suspended => "portal.meaning.suspended",
        Stage::Revoked => "portal.meaning.revoked",
        Stage::Expired => "portal.meaning.expired",
    }
}

/// What the registrar asks, and where to answer, once nothing is missing.
fn question(
    portal: &Portal,
    reader: &Reader<'_>,
    visitor: &Visitor,
    filed: &Filed,
    steps: &[crate::portal::store::Taken],
) -> Markup {
    let gaps = gaps(portal, filed);
    let asked = steps.iter().rev().find(|taken| taken.step == Step::Ask);
    let answer = Field::new("words", reader.t("portal.application.answer"), "").required();
    let fields = html! {
        (hidden("version", &filed.version.to_string()))
        (answer.area(5))
        (button(reader.t("portal.application.send_answer"), true))
    };
    html! {
        section aria-labelledby="question" {
            h2 #question { (reader.t("portal.application.question")) }
            @if let Some(asked) = asked { blockquote { p { bdi { (asked.words) } } } }
            @if gaps.is_empty() { (form(reader, visitor, &format!("{}/answer", path(filed)), &fields)) }
            @else { (missing(reader, &gaps)) }
        }
    }
}

/// Everything that can be changed while it is open.
fn editing(portal: &Portal, reader: &Reader<'_>, visitor: &Visitor, filed: &Filed) -> Markup {
    let hosted = portal.inner.verifier.is_some();
    html! {
        (about_form(reader, visitor, filed, hosted))
        @match filed.applicant {
            Applicant::Business => {
                (purposes_section(portal, reader, visitor, filed))
                @if filed.content.hosting == Hosting::Own { (file_form(reader, visitor, filed)) }
            },
            Applicant::Agency => {
                (agency_form(portal, reader, visitor, filed))
                (file_form(reader, visitor, filed))
            },
        }
    }
}

/// What the application says, when it can no longer be changed.
pub(super) fn said(portal: &Portal, reader: &Reader<'_>, filed: &Filed) -> Markup {
    let content = &filed.content;
    let scope = asked_scope(portal, filed);
    html! {
        section aria-labelledby="said" {
            h2 #said { (reader.t("portal.application.said")) }
            @if filed.applicant == Applicant::Business {
                @if let Some(scope) = &scope { (reader.scope(scope)) }
                (rules_of(portal, reader, filed))
            } @else {
                p { (reader.list(content.card_types.iter().map(|vct| reader.card_type(vct)).collect())) }
                p { bdi { (plain(&content.evidence)) } }
            }
            @if let Some(until) = filed.valid_until {
                p { (reader.fill("portal.application.until", &[("day", reader.day(until))])) }
            }
        }
    }
}

/// What an application asks, as the ledger would say it. Certificates and subject come with the decision.
pub(super) fn asked_scope(portal: &Portal, filed: &Filed) -> Option<Scope> {
    let subject: Did = "did:web:applicant.invalid".parse().ok()?;
    let notices = portal.address(&format!("/portal/privacy/{}", filed.business));
    let terms = Terms {
        subject: &subject,
        certificates: &[],
        valid_until: filed.valid_until.unwrap_or_default(),
        notices: &notices,
        cards: &portal.inner.cards,
    };
    filed.content.scope(&terms).ok()
}

/// By which rule each purpose is decided, where one goes along with it.
fn rules_of(portal: &Portal, reader: &Reader<'_>, filed: &Filed) -> Markup {
    html! {
        @for purpose in &filed.content.purposes {
            @if let Some(rule) = registered_rule(purpose, &portal.inner.cards).ok().flatten() {
                p {
                    (reader.fill("portal.application.rule", &[("purpose", html! { bdi { (purpose_name(reader, purpose)) } })]))
                    " " code { (rule.text()) }
                    @if !purpose.time_zone.is_empty() {
                        " " (reader.fill("portal.application.zone", &[("zone", html! { bdi { (plain(&purpose.time_zone)) } })]))
                    }
                }
            }
        }
    }
}

/// What is missing, or the button.
fn handing_in(portal: &Portal, reader: &Reader<'_>, visitor: &Visitor, filed: &Filed) -> Markup {
    let gaps = gaps(portal, filed);
    let fields = html! {
        (hidden("version", &filed.version.to_string()))
        (button(reader.t("portal.application.submit"), true))
    };
    html! {
        section aria-labelledby="submit" {
            h2 #submit { (reader.t("portal.application.submit_title")) }
            @if gaps.is_empty() {
                p { (reader.t("portal.application.submit_what")) }
                (form(reader, visitor, &format!("{}/submit", path(filed)), &fields))
            } @else { (missing(reader, &gaps)) }
        }
    }
}

fn missing(reader: &Reader<'_>, gaps: &[Gap]) -> Markup {
    html! {
        p { (reader.t("portal.application.missing")) }
        ul.bullets { @for gap in gaps { li { (reader.t(gap_key(*gap))) } } }
    }
}

/// What is missing.
fn gaps(portal: &Portal, filed: &Filed) -> Vec<Gap> {
    let content = &filed.content;
    content.gaps(filed.applicant, filed.contact.is_some(), &portal.inner.cards)
}

fn gap_key(gap: Gap) -> &'static str {
    match gap {
        Gap::Name => "portal.gap.name",
        Gap::Contact => "portal.gap.contact",
        Gap::NoPurpose => "portal.gap.no_purpose",
        Gap::PurposeText => "portal.gap.purpose_text",
        Gap::NoClaim => "portal.gap.no_claim",
        Gap::LoneChoice => "portal.gap.lone_choice",
        Gap::ChoiceWithin => "portal.gap.choice_within",
        Gap::Rule => "portal.gap.rule",
        Gap::RuleInFormats => "portal.gap.rule_in_formats",
        Gap::Privacy => "portal.gap.privacy",
        Gap::File => "portal.gap.file",
        Gap::CardTypes => "portal.gap.card_types",
        Gap::Evidence => "portal.gap.evidence",
        Gap::Days => "portal.gap.days",
    }
}

/// Widening and renewing, and giving up.
fn in_force(reader: &Reader<'_>, visitor: &Visitor, filed: &Filed) -> Markup {
    let change = html! { (once()) (button(reader.t("portal.application.change"), true)) };
    let reason = Field::new("words", reader.t("portal.application.end_reason"), "").required();
    let end = html! {
        (hidden("version", &filed.version.to_string()))
        (reason.area(2))
        (button(reader.t("portal.application.end"), false))
    };
    html! {
        section aria-labelledby="change" {
            h2 #change { (reader.t("portal.application.change_title")) }
            p { (reader.t("portal.application.change_what")) }
            (form(reader, visitor, &format!("{}/change", path(filed)), &change))
        }
        section aria-labelledby="end" {
            h2 #end { (reader.t("portal.application.end_title")) }
            (remark(Tone::Unsure, reader.t("portal.application.end_what")))
            (form(reader, visitor, &format!("{}/end", path(filed)), &end))
        }
    }
}

/// Hands an application in. What says yes or no alone needs nobody's look, and is written at once.
pub(super) async fn submit(State(portal): State<Portal>, Path(id): Path<String>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    check_complete(&portal, &own(&portal, &visitor, &id).await?)?;
    let (store, now) = (&portal.inner.store, portal.now());
    let version = fields.number("version")?;
    store
        .apply(&id, version, Actor::Applicant, Step::Submit, "", now)
        .await?;
    // What was handed in no longer changes; what was read before that may have.
    let filed = own(&portal, &visitor, &id).await?;
    if filed.state == Stage::Submitted && !needs_review(&portal, &filed).await? {
        store
            .apply(&id, filed.version, Actor::Rule, Step::Pass, "", now)
            .await?;
        portal.settle().await;
    }
    Ok(portal.to(&visitor, &path(&filed)))
}

/// Whether people decide on what was handed in.
async fn needs_review(portal: &Portal, filed: &Filed) -> Result<bool, PortalError> {
    let store = &portal.inner.store;
    // Who was taken off does not come back unseen, whatever it asks.
    if store.was_taken_off(&filed.account).await? {
        return Ok(true);
    }
    let in_force = store.in_force(&filed.business).await?;
    let before = in_force.as_ref().map(|filed| &filed.content);
    Ok(filed
        .content
        .needs_review((filed.applicant, &filed.organisation), before, &portal.inner.cards))
}

/// Nothing that lacks something goes to the registrar: approved, it could not be written to the ledger, and would stay
/// so for good.
fn check_complete(portal: &Portal, filed: &Filed) -> Result<(), PortalError> {
    if gaps(portal, filed).is_empty() {
        Ok(())
    } else {
        Err(PortalError::Incomplete)
    }
}

/// Answers a question. What the application says may have changed since it was handed in.
pub(super) async fn answer(State(portal): State<Portal>, Path(id): Path<String>, posted: Posted) -> Answer {
    check_complete(&portal, &own(&portal, &posted.visitor, &id).await?)?;
    take(&portal, posted, &id, Step::Answer).await
}

/// Gives up what was registered.
pub(super) async fn end(State(portal): State<Portal>, Path(id): Path<String>, posted: Posted) -> Answer {
    let answer = take(&portal, posted, &id, Step::Revoke).await?;
    portal.settle().await;
    Ok(answer)
}

/// One step of the applicant with its words.
async fn take(portal: &Portal, posted: Posted, id: &str, step: Step) -> Answer {
    let Posted { visitor, fields } = posted;
    let filed = own(portal, &visitor, id).await?;
    let version = fields.number("version")?;
    let store = &portal.inner.store;
    store
        .apply(id, version, Actor::Applicant, step, fields.text("words"), portal.now())
        .await?;
    Ok(portal.to(&visitor, &path(&filed)))
}

/// Begins an application that takes the place of what is registered: wider, narrower, or the same again.
pub(super) async fn change(State(portal): State<Portal>, Path(id): Path<String>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let filed = own(&portal, &visitor, &id).await?;
    if filed.state != Stage::Registered {
        return Err(crate::portal::StepError::NotNow.into());
    }
    let next = new_id(visitor.account()?, fields.once()?);
    let new = NewApplication {
        id: &next,
        business: &filed.business,
        account: &filed.account,
        applicant: filed.applicant,
        content: &filed.content,
        contact: filed.contact.as_ref(),
    };
    portal.inner.store.file(&new, portal.now()).await?;
    Ok(portal.to(&visitor, &format!("/portal/applications/{next}")))
}
