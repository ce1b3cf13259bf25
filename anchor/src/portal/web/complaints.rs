//! Complaints: handing one in, and the registrar's list.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use maud::html;
use serde_json::json;

use super::error::{Answer, PortalError};
use super::parts::{Field, form, hidden, remark, submit, upload};
use super::posted::{Posted, bytes};
use super::visitor::Visitor;
use crate::pages::answer::back;
use crate::pages::icons::Tone;
use crate::pages::plain::plain;
use crate::pages::reader::host_of;
use crate::portal::complaints::{Finding, LONGEST, verify_complaint};
use crate::portal::{Portal, Refusal, State as Stage};

/// Media types of complaint files by a program. The files are CBOR; the other is what older programs say.
const TYPES: [&str; 2] = ["application/cbor", "application/json"];

/// `/portal/complaints`
pub(super) async fn page(State(portal): State<Portal>, visitor: Visitor) -> Answer {
    let reader = portal.reader(&visitor);
    let title = reader.t("portal.complaints.title");
    let file = Field::new("complaint", reader.t("portal.complaints.file"), "").required();
    let fields = html! {
        (file.file(".cbor,application/cbor"))
        (submit(reader.t("portal.complaints.send"), true))
    };
    let body = html! {
        (back(&reader, "/portal", "portal.back"))
        h1 { (title) }
        p.lead { (reader.t("portal.complaints.lead")) }
        (remark(Tone::Unsure, reader.t("portal.complaints.warning")))
        (upload(&reader, &visitor, "/portal/complaints", &fields))
    };
    Ok(portal.titled(&visitor, title, body))
}

/// A file by a form.
pub(super) async fn by_form(State(portal): State<Portal>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    count(&portal, &visitor)?;
    let (finding, is_new) = take(&portal, fields.bytes("complaint")).await?;
    let reader = portal.reader(&visitor);
    let title = reader.t("portal.complaints.taken");
    let body = html! {
        (back(&reader, "/portal", "portal.back"))
        h1 { (title) }
        p {
            @if is_new { (reader.t("portal.complaints.counted")) } @else { (reader.t("portal.complaints.known")) }
        }
        p { (reader.link(&finding.did, &host_of(&finding.did))) ": " (plain(&finding.asked.join(", "))) }
    };
    Ok(portal.titled(&visitor, title, body))
}

/// A file by a program: the file is the body.
pub(super) async fn by_program(State(portal): State<Portal>, visitor: Visitor, request: Request) -> Answer {
    count(&portal, &visitor)?;
    let (parts, body) = request.into_parts();
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = kind.unwrap_or_default().split(';').next().unwrap_or_default();
    if !TYPES.iter().any(|known| essence.trim().eq_ignore_ascii_case(known)) {
        return Err(PortalError::MediaType);
    }
    let (finding, is_new) = take(&portal, &bytes(body, LONGEST).await?).await?;
    let complaints = portal.counts().of(&finding.did).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let answer = json!({"did": finding.did, "asked": finding.asked, "hour": finding.hour, "complaints": complaints});
    Ok((status, Json(answer)).into_response())
}

/// Signatures cost work: so many complaints of one address, and no more.
fn count(portal: &Portal, visitor: &Visitor) -> Result<(), PortalError> {
    let limit = &portal.inner.complaint_limit;
    limit
        .count(Some(visitor.address), portal.now())
        .map_err(|seconds| PortalError::TooMany(seconds.into()))
}

/// Checks a file and keeps what it proves; whether that is new.
async fn take(portal: &Portal, file: &[u8]) -> Result<(Finding, bool), PortalError> {
    let now = portal.now();
    let finding = verify_complaint(portal.inner.complaints.as_ref(), file, now)?;
    if finding.did.parse::<did::Did>().is_err() {
        return Err(Refusal::Form.into());
    }
    let is_new = portal.inner.store.keep_complaint(&finding, now).await?;
    if is_new {
        tracing::warn!("a complaint was proved");
    }
    Ok((finding, is_new))
}

/// `/portal/registrar/complaints`: who was complained of, with a way to act at once.
pub(super) async fn list(State(portal): State<Portal>, visitor: Visitor) -> Answer {
    visitor.operator()?;
    let store = &portal.inner.store;
    let mut rows = Vec::new();
    for complaint in store.complaints().await? {
        let filed = store.in_force_of(&complaint.did).await?;
        rows.push((complaint, filed));
    }
    let reader = portal.reader(&visitor);
    let title = reader.t("portal.complaints.list");
    let body = html! {
        (back(&reader, "/portal/registrar", "portal.registrar.back"))
        h1 { (title) }
        p { (reader.t("portal.complaints.list_what")) }
        @if rows.is_empty() { p.empty { (reader.t("portal.complaints.none")) } }
        ul.rows {
            @for (complaint, filed) in &rows {
                @let name = filed.as_ref().map_or_else(|| host_of(&complaint.did), |filed| plain(filed.name(reader.language.tag())));
                li {
                    p { (reader.link(&complaint.did, &name)) }
                    p { (reader.fill("portal.complaints.asked", &[("asked", html! { bdi { (plain(&complaint.asked)) } }), ("time", reader.moment(complaint.hour()))])) }
                    p.quiet { (reader.fill("portal.complaints.received", &[("time", reader.moment(complaint.received_at()))])) }
                    @if let Some(filed) = filed {
                        p { a href=(reader.href(&format!("/portal/registrar/applications/{}", filed.id), &[])) { (reader.t("portal.complaints.application")) } }
                        @if filed.state == Stage::Registered { (suspend(&portal, &visitor, filed)) }
                        @else { p { (super::parts::state_badge(&reader, filed.state)) } }
                    }
                }
            }
        }
    };
    Ok(portal.titled(&visitor, title, body))
}

/// Suspending, in one step from the list.
fn suspend(portal: &Portal, visitor: &Visitor, filed: &crate::portal::store::Filed) -> maud::Markup {
    let reader = portal.reader(visitor);
    let fields = html! {
        (hidden("version", &filed.version.to_string()))
        (hidden("words", reader.t("portal.complaints.reason")))
        (submit(reader.t("portal.decide.suspend"), true))
    };
    form(
        &reader,
        visitor,
        &format!("/portal/registrar/applications/{}/suspend", filed.id),
        &fields,
    )
}
