//! `/portal/applications`: what an organisation has applied for, and what it may use.

use axum::extract::State;
use maud::{Markup, html};
use sha2::{Digest, Sha256};

use super::application::path as application_path;
use super::error::{Answer, PortalError};
use super::parts::{Field, filed_rows, form, hidden, once, submit};
use super::posted::Posted;
use super::visitor::Visitor;
use crate::pages::answer::back;
use crate::pages::plain::plain;
use crate::pages::reader::Reader;
use crate::portal::content::{Applicant, Content};
use crate::portal::store::{Account, Filed, NewApplication};
use crate::portal::{Portal, State as Stage};

/// The list, and the way to a new one.
pub(super) async fn list(State(portal): State<Portal>, visitor: Visitor) -> Answer {
    let account = visitor.account()?;
    let reader = portal.reader(&visitor);
    let filed = portal.inner.store.applications_of(&account.id).await?;
    let body = html! {
        h1 { (reader.t("portal.mine.title")) }
        p.lead { bdi { (plain(&account.organisation)) } }
        (checks(&reader, &filed))
        (applications(&reader, &filed))
        (new(&reader, &visitor))
        (leaving(&reader, &visitor))
    };
    Ok(portal.titled(&visitor, reader.t("portal.mine.title"), body))
}

/// *My checks*: what is on the ledger.
fn checks(reader: &Reader<'_>, filed: &[Filed]) -> Markup {
    let is_in_use = |filed: &&Filed| {
        filed.applicant == Applicant::Business && matches!(filed.state, Stage::Registered | Stage::Suspended)
    };
    let in_use: Vec<&Filed> = filed.iter().filter(is_in_use).collect();
    html! {
        @if !in_use.is_empty() {
            section aria-labelledby="checks" {
                h2 #checks { (reader.t("portal.checks.title")) }
                (filed_rows(reader, in_use, |filed| format!("/portal/checks/{}", filed.business)))
            }
        }
    }
}

fn applications(reader: &Reader<'_>, filed: &[Filed]) -> Markup {
    html! {
        section aria-labelledby="applications" {
            h2 #applications { (reader.t("portal.mine.applications")) }
            @if filed.is_empty() { p.empty { (reader.t("portal.mine.empty")) } }
            (filed_rows(reader, filed, application_path))
        }
    }
}

fn new(reader: &Reader<'_>, visitor: &Visitor) -> Markup {
    let kinds = [
        ("business", "portal.mine.new_business", "portal.mine.new_business_what"),
        ("agency", "portal.mine.new_agency", "portal.mine.new_agency_what"),
    ];
    html! {
        section aria-labelledby="new" {
            h2 #new { (reader.t("portal.mine.new")) }
            @for (kind, words, what) in kinds {
                p { (reader.t(what)) }
                (form(reader, visitor, "/portal/applications", &html! {
                    (once()) (hidden("kind", kind)) (submit(reader.t(words), kind == "business"))
                }))
            }
        }
    }
}

fn leaving(reader: &Reader<'_>, visitor: &Visitor) -> Markup {
    html! {
        section aria-labelledby="leaving" {
            h2 #leaving { (reader.t("portal.mine.next_time")) }
            p { (reader.t("portal.mine.code_what")) }
            (form(reader, visitor, "/portal/applications/code", &submit(reader.t("portal.mine.code"), false)))
            (form(reader, visitor, "/portal/sign-out", &submit(reader.t("portal.sign_out"), false)))
        }
    }
}

/// Begins an application. Sent twice, it begins one.
pub(super) async fn begin(State(portal): State<Portal>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let account = visitor.account()?;
    let applicant = match fields.text("kind") {
        "business" => Applicant::Business,
        "agency" => Applicant::Agency,
        _ => return Err(PortalError::Form("kind")),
    };
    let id = new_id(account, fields.once()?);
    let content = Content::new(&account.organisation);
    let new = NewApplication {
        id: &id,
        business: &id,
        account: &account.id,
        applicant,
        content: &content,
        contact: None,
    };
    portal.inner.store.file(&new, portal.now()).await?;
    Ok(portal.to(&visitor, &format!("/portal/applications/{id}")))
}

/// The public id of an application: the same for the same filled-in form, and nobody else's.
pub(super) fn new_id(account: &Account, once: &str) -> String {
    let hash = Sha256::new()
        .chain_update("holdfast/application-id/v1\n")
        .chain_update(&account.id)
        .chain_update([0])
        .chain_update(once)
        .finalize();
    hash.iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}

/// A code for the next time, shown once.
pub(super) async fn code(State(portal): State<Portal>, posted: Posted) -> Answer {
    let visitor = posted.visitor;
    let account = visitor.account()?;
    let code = service::letter_code::of(service::random::bytes());
    portal
        .inner
        .store
        .issue_letter(&code, &account.organisation, Some(&account.id), None, portal.now())
        .await?;
    let reader = portal.reader(&visitor);
    let shown = Field::new("next-code", reader.t("portal.mine.code_label"), &code);
    let body = html! {
        (back(&reader, "/portal/applications", "portal.mine.back"))
        h1 { (reader.t("portal.mine.code_title")) }
        p { (reader.t("portal.mine.code_once")) }
        (shown.line("text"))
    };
    Ok(portal.titled(&visitor, reader.t("portal.mine.code_title"), body))
}
