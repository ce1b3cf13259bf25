//! Coming in: by the code of a letter, by a card, as an operator of the registrar.

use axum::extract::State;
use axum::http::HeaderMap;
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::error::{Answer, PortalError};
use super::parts::{Field, form, remark, submit};
use super::posted::Posted;
use super::visitor::Visitor;
use crate::pages::answer::back;
use crate::pages::icons::Tone;
use crate::portal::{CardSignIn, Portal, ProvisionError};

/// Longest code that is looked at, in characters.
const CODE: usize = 40;

/// `/portal/sign-in`
pub(super) async fn page(State(portal): State<Portal>, visitor: Visitor) -> Answer {
    let reader = portal.reader(&visitor);
    let code = Field::new("code", reader.t("portal.sign_in.code"), "")
        .hint(reader.t("portal.sign_in.code_hint"))
        .required();
    let letter = html! { (code.line("text")) (submit(reader.t("portal.sign_in.submit"), true)) };
    let card = submit(reader.t("portal.sign_in.card"), false);
    let body = html! {
        (back(&reader, "/portal", "portal.back"))
        h1 { (reader.t("portal.sign_in.title")) }
        p.lead { (reader.t("portal.sign_in.lead")) }
        section aria-labelledby="letter" {
            h2 #letter { (reader.t("portal.sign_in.letter_title")) }
            (form(&reader, &visitor, "/portal/sign-in", &letter))
        }
        @if portal.inner.settings.card_sign_in.is_some() {
            section aria-labelledby="card" {
                h2 #card { (reader.t("portal.sign_in.card_title")) }
                p { (reader.t("portal.sign_in.card_what")) }
                (form(&reader, &visitor, "/portal/sign-in/card", &card))
            }
        }
    };
    Ok(portal.titled(&visitor, reader.t("portal.sign_in.title"), body))
}

/// The code of a letter, used up.
pub(super) async fn by_letter(State(portal): State<Portal>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let code: String = fields.text("code").chars().take(CODE).collect();
    let store = &portal.inner.store;
    let account = store.use_letter(&code, visitor.address, portal.now()).await?;
    enter(&portal, &visitor, &account).await
}

async fn enter(portal: &Portal, visitor: &Visitor, account: &str) -> Answer {
    let token = portal.inner.store.begin_session(account, portal.now()).await?;
    tracing::info!("an applicant signed in");
    let cookie = portal.inner.applicant.set(&token);
    Ok(portal.to_with(visitor, "/portal/applications", cookie))
}

/// Opens a check of the representative's card.
pub(super) async fn open_card(State(portal): State<Portal>, posted: Posted) -> Answer {
    let visitor = posted.visitor;
    let (settings, verifier) = card_sign_in(&portal)?;
    let now = portal.now();
    // Each opens one at the verifier, and nobody has signed in yet.
    let counted = portal.inner.card_limit.count(Some(visitor.address), now);
    counted.map_err(|seconds| PortalError::TooMany(seconds.into()))?;
    let session = verifier.open_session(&settings.check, &settings.token).await?;
    let store = &portal.inner.store;
    store
        .open_card_sign_in(
            &visitor.visit,
            (&session.id, &session.request_uri, session.expires_at),
            now,
        )
        .await?;
    Ok(portal.to(&visitor, "/portal/sign-in/card"))
}

/// `/portal/sign-in/card`: the code to scan.
pub(super) async fn card_page(State(portal): State<Portal>, visitor: Visitor) -> Answer {
    let reader = portal.reader(&visitor);
    let open = portal.inner.store.card_sign_in(&visitor.visit, portal.now()).await?;
    let Some((_, link)) = open else {
        return Ok(portal.to(&visitor, "/portal/sign-in"));
    };
    let done = submit(reader.t("portal.sign_in.card_done"), true);
    let again = submit(reader.t("portal.sign_in.card_again"), false);
    let body = html! {
        (back(&reader, "/portal/sign-in", "portal.sign_in.back"))
        h1 { (reader.t("portal.sign_in.card_title")) }
        @if visitor.asked.text("waits").is_some() { (remark(Tone::Info, reader.t("portal.sign_in.card_waits"))) }
        p { (reader.t("portal.sign_in.card_scan")) }
        (picture(&link, reader.t("portal.sign_in.card_code")))
        p { a href=(link) { (reader.t("portal.sign_in.card_link")) } }
        (form(&reader, &visitor, "/portal/sign-in/card/done", &done))
        (form(&reader, &visitor, "/portal/sign-in/card", &again))
        p.quiet { (reader.t("portal.sign_in.card_kept")) }
    };
    Ok(portal.titled(&visitor, reader.t("portal.sign_in.card_title"), body))
}

/// A code as a picture in the page: pictures of other origins are not shown.
fn picture(link: &str, words: &str) -> Markup {
    html! {
        @if let Ok(svg) = service::qr_svg(link) {
            @let data = utf8_percent_encode(&svg, NON_ALPHANUMERIC).to_string();
            img.code src={ "data:image/svg+xml," (data) } alt=(words) width="280" height="280";
        }
    }
}

/// Lets the organisation in that the card names. Who showed it is not asked, and not kept.
pub(super) async fn by_card(State(portal): State<Portal>, posted: Posted) -> Answer {
    let visitor = posted.visitor;
    let (settings, verifier) = card_sign_in(&portal)?;
    let store = &portal.inner.store;
    let open = store.card_sign_in(&visitor.visit, portal.now()).await?;
    let (session, _) = open.ok_or(PortalError::NotFound)?;
    let outcome = verifier.session(&session, &settings.token).await?;
    match (outcome.state.as_str(), outcome.verdict.as_deref()) {
        ("open" | "scanned", _) => return Ok(portal.to_asking(&visitor, "/portal/sign-in/card", &[("waits", "1")])),
        ("answered", Some("yes")) => {}
        _ => return Err(PortalError::Form("card")),
    }
    let number = outcome.text("organisation_number").ok_or(PortalError::Form("card"))?;
    let name = outcome.text("organisation_name").ok_or(PortalError::Form("card"))?;
    let role = outcome.text("role").ok_or(PortalError::Form("card"))?;
    if !settings.roles.is_empty() && !settings.roles.iter().any(|allowed| allowed == role) {
        return Err(PortalError::Form("role"));
    }
    // One outcome lets in once, whoever sends the form again.
    if !store.close_card_sign_in(&visitor.visit, &session).await? {
        return Err(PortalError::NotFound);
    }
    let account = store.account_of(number, name, portal.now()).await?;
    enter(&portal, &visitor, &account).await
}

fn card_sign_in(portal: &Portal) -> Result<(&CardSignIn, &crate::portal::provision::Verifier), PortalError> {
    let settings = portal.inner.settings.card_sign_in.as_ref();
    let verifier = portal.inner.verifier.as_ref();
    settings
        .zip(verifier)
        .ok_or(PortalError::Verifier(ProvisionError::NotConfigured))
}

/// Ends the session of the organisation.
pub(super) async fn sign_out(State(portal): State<Portal>, headers: HeaderMap, posted: Posted) -> Answer {
    if let Some(token) = portal.inner.applicant.read(&headers) {
        portal.inner.store.end_session(token).await?;
    }
    let cookie = portal.inner.applicant.clear();
    Ok(portal.to_with(&posted.visitor, "/portal", cookie))
}

/// `/portal/registrar/sign-in`
pub(super) async fn registrar_page(State(portal): State<Portal>, visitor: Visitor) -> Answer {
    let reader = portal.reader(&visitor);
    let name = Field::new("name", reader.t("portal.registrar.name"), "").required();
    let password = Field::new("password", reader.t("portal.registrar.password"), "").required();
    let fields = html! {
        (name.line("text"))
        (password.line("password"))
        (submit(reader.t("portal.sign_in.submit"), true))
    };
    let body = html! {
        (back(&reader, "/portal", "portal.back"))
        h1 { (reader.t("portal.registrar.sign_in")) }
        (form(&reader, &visitor, "/portal/registrar/sign-in", &fields))
    };
    Ok(portal.titled(&visitor, reader.t("portal.registrar.sign_in"), body))
}

/// Name and password of an operator.
pub(super) async fn registrar(State(portal): State<Portal>, headers: HeaderMap, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let (name, password) = (fields.text("name"), fields.bytes("password"));
    let password = std::str::from_utf8(password).map_err(|_| PortalError::Form("password"))?;
    let sign_in = &portal.inner.sign_in;
    let cookie = sign_in.enter(&headers, name, password, visitor.address).await?;
    Ok(portal.to_with(&visitor, "/portal/registrar", cookie))
}

/// Ends the session of the operator.
pub(super) async fn registrar_out(State(portal): State<Portal>, headers: HeaderMap, posted: Posted) -> Answer {
    let cookie = portal.inner.sign_in.leave(&headers).await?;
    Ok(portal.to_with(&posted.visitor, "/portal", cookie))
}
