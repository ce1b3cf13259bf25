//! The parts of an application that are not its purposes: who, how it is reached, where its checks run, its keys.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use maud::{Markup, html};

use super::application::{own, path};
use super::error::{Answer, PortalError};
use super::parts::{Field, form, submit, upload};
use super::posted::{Fields, Posted};
use super::visitor::Visitor;
use crate::pages::plain::plain;
use crate::pages::reader::Reader;
use crate::portal::Portal;
use crate::portal::authority::request_key;
use crate::portal::contact::{Contact, ContactError};
use crate::portal::content::{Applicant, Hosting, LANGUAGES, LONGEST_DAYS, is_impersonal, is_web_address};
use crate::portal::store::Filed;
use crate::registrar::Application;

/// Longest name or text in one language: what the ledger takes.
pub(super) const TEXT: usize = 200;

/// Texts in every language, from fields `name_en`, `name_de`, `name_fr`. Only English has to be there; what looks like
/// the address or number of a person is not taken.
pub(super) fn texts(fields: &Fields, name: &'static str) -> Result<BTreeMap<String, String>, PortalError> {
    let mut texts = BTreeMap::new();
    for language in LANGUAGES {
        let text = fields.text(&format!("{name}_{language}"));
        let is_missing = text.is_empty() && language == "en";
        let fits = text.chars().count() <= TEXT && !text.chars().any(char::is_control) && is_impersonal(text);
        if is_missing || !fits {
            return Err(PortalError::Form(name));
        }
        if !text.is_empty() {
            texts.insert(language.to_owned(), text.to_owned());
        }
    }
    Ok(texts)
}

/// A field for each language.
pub(super) fn text_fields(
    reader: &Reader<'_>,
    name: &str,
    labels: [&'static str; 3],
    texts: &BTreeMap<String, String>,
) -> Markup {
    html! {
        @for (language, label) in LANGUAGES.into_iter().zip(labels) {
            @let id = format!("{name}_{language}");
            @let value = texts.get(language).map_or("", String::as_str);
            @let field = Field::new(&id, reader.t(label), value);
            @if language == "en" { (field.required().line("text")) } @else { (field.line("text")) }
        }
    }
}

/// Who applies, how it is reached, and where its checks run.
pub(super) fn about_form(reader: &Reader<'_>, visitor: &Visitor, filed: &Filed, hosted: bool) -> Markup {
    let content = &filed.content;
    let contact = filed.contact.clone().unwrap_or_default();
    let days = content.days.to_string();
    let names = ["portal.about.name_en", "portal.about.name_de", "portal.about.name_fr"];
    let mail = Field::new("mail", reader.t("portal.about.mail"), &contact.mail)
        .hint(reader.t("portal.about.mail_hint"))
        .required();
    let page = Field::new("page", reader.t("portal.about.page"), &contact.page);
    let days = Field::new("days", reader.t("portal.about.days"), &days).required();
    let fields = html! {
        (text_fields(reader, "name", names, &content.name))
        (mail.line("email"))
        (page.line("url"))
        (days.line("number"))
        @if filed.applicant == Applicant::Business { (business_fields(reader, filed, hosted)) }
        (submit(reader.t("portal.application.save"), false))
    };
    html! {
        section aria-labelledby="about" {
            h2 #about { (reader.t("portal.about.title")) }
            (form(reader, visitor, &format!("{}/about", path(filed)), &fields))
        }
    }
}

fn business_fields(reader: &Reader<'_>, filed: &Filed, hosted: bool) -> Markup {
    let hosting = match filed.content.hosting {
        Hosting::Hosted => "hosted",
        Hosting::Own => "own",
    };
    let all = [
        ("hosted", reader.t("portal.about.hosted")),
        ("own", reader.t("portal.about.own")),
    ];
    let options: Vec<_> = all.into_iter().filter(|(value, _)| hosted || *value == "own").collect();
    let privacy = Field::new("privacy", reader.t("portal.about.privacy"), &filed.content.privacy)
        .hint(reader.t("portal.about.privacy_hint"));
    html! {
        (Field::new("hosting", reader.t("portal.about.hosting"), hosting).choice(&options))
        (privacy.line("url"))
    }
}

/// Card types and evidence of an agency.
pub(super) fn agency_form(portal: &Portal, reader: &Reader<'_>, visitor: &Visitor, filed: &Filed) -> Markup {
    let content = &filed.content;
    let evidence = Field::new("evidence", reader.t("portal.agency.evidence"), &content.evidence)
        .hint(reader.t("portal.agency.evidence_hint"))
        .required();
    let fields = html! {
        fieldset {
            legend { (reader.t("portal.agency.card_types")) }
            @for card in &portal.inner.cards {
                div.tick {
                    input type="checkbox" id={ "card-" (card.name) } name="card" value=(card.vct)
                        checked[content.card_types.iter().any(|vct| vct == card.vct)];
                    label for={ "card-" (card.name) } { (reader.card_type(card.vct)) }
                }
            }
        }
        (evidence.area(3))
        (submit(reader.t("portal.application.save"), false))
    };
    html! {
        section aria-labelledby="agency" {
            h2 #agency { (reader.t("portal.agency.title")) }
            (form(reader, visitor, &format!("{}/agency", path(filed)), &fields))
        }
    }
}

/// The application file, for whoever has keys of its own.
pub(super) fn file_form(reader: &Reader<'_>, visitor: &Visitor, filed: &Filed) -> Markup {
    let file = Field::new("file", reader.t("portal.file.file"), "")
        .hint(reader.t("portal.file.file_hint"))
        .required();
    let csr = Field::new("csr", reader.t("portal.file.csr"), "").hint(reader.t("portal.file.csr_hint"));
    let known = Application::parse(filed.content.file.as_bytes()).ok();
    let fields = html! {
        (file.file("application/json"))
        @if filed.applicant == Applicant::Business { (csr.file(".pem,.csr")) }
        (submit(reader.t("portal.file.send"), false))
    };
    html! {
        section aria-labelledby="file-title" {
            h2 #file-title { (reader.t("portal.file.title")) }
            p { (reader.t("portal.file.what")) }
            @if let Some(known) = known {
                p { (reader.t("portal.file.held")) " " code { (plain(known.did().as_str())) } }
            }
            (upload(reader, visitor, &format!("{}/file", path(filed)), &fields))
        }
    }
}

/// Keeps who applies.
pub(super) async fn about(State(portal): State<Portal>, Path(id): Path<String>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let mut filed = own(&portal, &visitor, &id).await?;
    let contact = Contact::parse(fields.text("mail"), fields.text("page")).map_err(|error| match error {
        ContactError::Mail => PortalError::Form("mail"),
        ContactError::Person => PortalError::Form("mail_of_a_person"),
        ContactError::Page => PortalError::Form("page"),
    })?;
    let content = &mut filed.content;
    content.name = texts(&fields, "name")?;
    content.days = u32::try_from(fields.number("days")?).unwrap_or(u32::MAX);
    if !(1..=LONGEST_DAYS).contains(&content.days) {
        return Err(PortalError::Form("days"));
    }
    if filed.applicant == Applicant::Business {
        content.hosting = match fields.text("hosting") {
            "hosted" if portal.inner.verifier.is_some() => Hosting::Hosted,
            "own" => Hosting::Own,
            _ => return Err(PortalError::Form("hosting")),
        };
        // Keys and DID stay with the verifier that has them.
        let in_force = portal.inner.store.in_force(&filed.business).await?;
        if in_force.is_some_and(|before| before.content.hosting != content.hosting) {
            return Err(PortalError::Form("hosting"));
        }
        let privacy = fields.text("privacy");
        if !privacy.is_empty() && (!is_web_address(privacy) || privacy.contains('@')) {
            return Err(PortalError::Form("privacy"));
        }
        privacy.clone_into(&mut content.privacy);
    }
    filed.contact = Some(contact);
    keep(&portal, &visitor, &filed).await
}

/// Keeps card types and evidence.
pub(super) async fn agency(State(portal): State<Portal>, Path(id): Path<String>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let mut filed = own(&portal, &visitor, &id).await?;
    let evidence = fields.text("evidence");
    if evidence.chars().count() > 500 {
        return Err(PortalError::Form("evidence"));
    }
    evidence.clone_into(&mut filed.content.evidence);
    let known = |vct: &&str| portal.inner.cards.iter().any(|card| card.vct == *vct);
    filed.content.card_types = fields.all("card").filter(known).map(str::to_owned).collect();
    keep(&portal, &visitor, &filed).await
}

/// Keeps the application file, once it is one.
pub(super) async fn file(State(portal): State<Portal>, Path(id): Path<String>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let mut filed = own(&portal, &visitor, &id).await?;
    let application = Application::parse(fields.bytes("file")).map_err(|_| PortalError::Form("file"))?;
    let is_of_the_kind = match filed.applicant {
        Applicant::Business => application.scope().is_ok(),
        Applicant::Agency => application.accreditation(portal.now()).is_ok(),
    };
    // The DID of an organisation does not change; a later application comes with the same one.
    let business = portal.inner.store.business(&filed.business).await?;
    let settled = business.and_then(|business| business.did);
    let is_own = match settled {
        Some(did) => did == application.did().as_str(),
        None => is_nobodys(&portal, application.did().as_str()).await?,
    };
    if !is_of_the_kind || !is_own {
        return Err(PortalError::Form("file"));
    }
    let csr = fields.text("csr");
    if !csr.is_empty() {
        request_key(csr).map_err(|_| PortalError::Form("csr"))?;
    }
    csr.clone_into(&mut filed.content.csr);
    fields.text("file").clone_into(&mut filed.content.file);
    keep(&portal, &visitor, &filed).await
}

/// Whether a DID is nobody's so far, here and on the ledger. The first line of its log is public: whoever brings one
/// that is known already has shown nothing.
async fn is_nobodys(portal: &Portal, did: &str) -> Result<bool, PortalError> {
    if portal.inner.store.has_did(did).await? {
        return Ok(false);
    }
    let record = portal.inner.registrar.record(did, portal.now()).await;
    let record = record.map_err(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "the ledger cannot be asked");
        PortalError::Ledger
    })?;
    Ok(record.is_none())
}

/// Writes what was changed, and shows the application.
pub(super) async fn keep(portal: &Portal, visitor: &Visitor, filed: &Filed) -> Answer {
    if portal.inner.store.write_content(filed).await? {
        Ok(portal.to(visitor, &path(filed)))
    } else {
        Err(PortalError::Changed)
    }
}
