//! Proving a host, as the applicant and the registrar see it.

use axum::extract::{Path, State};
use maud::{Markup, html};

use super::application::{own, path};
use super::error::{Answer, PortalError};
use super::parts::{Field, form, remark, submit};
use super::posted::Posted;
use super::visitor::Visitor;
use crate::pages::icons::Tone;
use crate::pages::plain::plain;
use crate::pages::reader::Reader;
use crate::portal::Portal;
use crate::portal::host::Outcome;
use crate::portal::store::{Filed, HostProof};

/// What has to stand where, and what came of the last look. `action` is where somebody asks for another.
pub(super) fn section(
    portal: &Portal,
    reader: &Reader<'_>,
    visitor: &Visitor,
    proof: &HostProof,
    action: &str,
) -> Markup {
    let place = portal.address_at(&proof.host).map(String::from).unwrap_or_default();
    let place = Field::new("host-place", reader.t("portal.host.place"), &place);
    let value = Field::new("host-value", reader.t("portal.host.value"), &proof.value);
    html! {
        section aria-labelledby="host-title" {
            h2 #host-title { (reader.t("portal.host.title")) }
            p { (reader.fill("portal.host.what", &[("host", html! { code { (plain(&proof.host)) } })])) }
            (place.line("text"))
            (value.line("text"))
            (result(reader, proof))
            (form(reader, visitor, action, &submit(reader.t("portal.host.look"), false)))
        }
    }
}

/// What came of the last look, and when that was.
pub(super) fn result(reader: &Reader<'_>, proof: &HostProof) -> Markup {
    let tone = match proof.outcome {
        Some(Outcome::Proved) if proof.counts(reader.now) => Tone::Good,
        Some(Outcome::Proved) | None => Tone::Info,
        Some(_) => Tone::Unsure,
    };
    let words = match proof.outcome {
        Some(Outcome::Proved) if !proof.counts(reader.now) => "portal.host.too_old",
        Some(outcome) => key(outcome),
        None => "portal.host.not_yet",
    };
    html! {
        (remark(tone, reader.t(words)))
        @if let Some(at) = proof.checked_at {
            p.quiet { (reader.fill("portal.host.looked", &[("time", reader.moment(at))])) }
        }
    }
}

fn key(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Proved => "portal.host.proved",
        Outcome::OtherText => "portal.host.other_text",
        Outcome::NoFile => "portal.host.no_file",
        Outcome::Redirect => "portal.host.redirect",
        Outcome::TooLong => "portal.host.too_long",
        Outcome::MediaType => "portal.host.media_type",
        Outcome::TooSlow => "portal.host.too_slow",
        Outcome::NotAllowed => "portal.host.not_allowed",
        Outcome::NotReached => "portal.host.not_reached",
    }
}

/// The applicant asks to look.
pub(super) async fn by_applicant(State(portal): State<Portal>, Path(id): Path<String>, posted: Posted) -> Answer {
    let visitor = posted.visitor;
    let filed = own(&portal, &visitor, &id).await?;
    look(&portal, &visitor, &filed).await?;
    Ok(portal.to(&visitor, &path(&filed)))
}

/// An operator asks to look.
pub(super) async fn by_registrar(State(portal): State<Portal>, Path(id): Path<String>, posted: Posted) -> Answer {
    let visitor = posted.visitor;
    visitor.operator()?;
    let filed = portal.inner.store.application(&id).await?;
    let filed = filed.filter(|filed| filed.state.waits()).ok_or(PortalError::NotFound)?;
    look(&portal, &visitor, &filed).await?;
    Ok(portal.to(&visitor, &format!("/portal/registrar/applications/{id}")))
}

async fn look(portal: &Portal, visitor: &Visitor, filed: &Filed) -> Result<(), PortalError> {
    if !filed.state.is_under_way() {
        return Err(crate::portal::StepError::NotNow.into());
    }
    let proof = portal.host_proof(filed).await?.ok_or(PortalError::NotFound)?;
    // Each look is a request to a host that somebody named.
    let counted = portal.inner.host_limit.count(Some(visitor.address), portal.now());
    counted.map_err(|seconds| PortalError::TooMany(seconds.into()))?;
    Ok(portal.look_at_host(filed, &proof).await?)
}

/// Nobody approves an organisation with keys of its own whose host is not proved.
pub(super) async fn check(portal: &Portal, filed: &Filed) -> Result<(), PortalError> {
    match portal.host_proof(filed).await? {
        Some(proof) if !proof.counts(portal.now()) => Err(PortalError::HostNotProved),
        _ => Ok(()),
    }
}
