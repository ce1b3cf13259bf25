//! `/portal/checks/{business}`: *my checks*, and what a business needs to use them.

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use super::application::asked_scope;
use super::error::{Answer, PortalError};
use super::parts::{Field, form, once, remark, state_badge, submit};
use super::posted::Posted;
use super::staff::section as staff_section;
use super::visitor::Visitor;
use crate::pages::address;
use crate::pages::answer::back;
use crate::pages::icons::Tone;
use crate::pages::parts::table;
use crate::pages::plain::plain;
use crate::pages::reader::Reader;
use crate::portal::content::{Hosting, is_web_address};
use crate::portal::provision::{Token, Verifier, Webhook};
use crate::portal::store::{Business, Filed};
use crate::portal::{Portal, ProvisionError};

/// What a token may do, and the key of it in words.
const SCOPES: [(&str, &str); 4] = [
    ("sessions:write", "portal.tokens.sessions_write"),
    ("sessions:read", "portal.tokens.sessions_read"),
    ("webhooks:write", "portal.tokens.webhooks_write"),
    ("sandbox:write", "portal.tokens.sandbox_write"),
];
/// Longest id of a token at the verifier.
const TOKEN_ID: usize = 64;

/// What is in force of a business of this organisation.
pub(super) async fn in_force(
    portal: &Portal,
    visitor: &Visitor,
    business: &str,
) -> Result<(Filed, Business), PortalError> {
    let account = visitor.account()?;
    let store = &portal.inner.store;
    let filed = store.in_force(business).await?;
    let filed = filed
        .filter(|filed| filed.account == account.id)
        .ok_or(PortalError::NotFound)?;
    let business = store.business(business).await?.ok_or(PortalError::NotFound)?;
    Ok((filed, business))
}

/// The verifier that serves many.
pub(super) fn verifier(portal: &Portal) -> Result<&Verifier, PortalError> {
    let verifier = portal.inner.verifier.as_ref();
    verifier.ok_or(PortalError::Verifier(ProvisionError::NotConfigured))
}

/// An address below the page of a business.
pub(super) fn at(business: &str, rest: &str) -> String {
    format!("/portal/checks/{business}{rest}")
}

/// The page.
pub(super) async fn page(State(portal): State<Portal>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let (filed, business) = in_force(&portal, &visitor, &id).await?;
    let reader = portal.reader(&visitor);
    let hosted = match filed.content.hosting {
        Hosting::Hosted => hosted(&portal, &reader, &visitor, &id).await,
        Hosting::Own => Markup::default(),
    };
    let title = reader.t("portal.checks.title");
    let body = html! {
        (back(&reader, "/portal/applications", "portal.mine.back"))
        h1 { (title) }
        p.line { bdi { (plain(filed.name(reader.language.tag()))) } (state_badge(&reader, filed.state)) }
        (checks(&portal, &reader, &filed))
        (hosted)
        (downloads(&reader, &filed, &id))
        section aria-labelledby="further" {
            h2 #further { (reader.t("portal.checks.further")) }
            p { a href=(reader.href(&format!("/portal/applications/{}", filed.id), &[])) { (reader.t("portal.checks.application")) } }
            @if let Some(did) = &business.did {
                p { a href=(reader.href(&address::organisation(did), &[])) { (reader.t("portal.application.explorer")) } }
            }
        }
    };
    Ok(portal.titled(&visitor, title, body))
}

/// What may be asked, and of what one of several is enough.
fn checks(portal: &Portal, reader: &Reader<'_>, filed: &Filed) -> Markup {
    let scope = asked_scope(portal, filed);
    let choices = |id: &str| {
        let purpose = scope.as_ref().and_then(|scope| scope.purpose(id));
        purpose.map(|purpose| reader.all_choices(purpose)).unwrap_or_default()
    };
    html! {
        section aria-labelledby="list" {
            h2 #list { (reader.t("portal.checks.list")) }
            ul.rows {
                @for purpose in &filed.content.purposes {
                    @let tag = reader.language.tag();
                    @let text = purpose.text.get(tag).or_else(|| purpose.text.get("en"));
                    li {
                        bdi { (plain(text.map_or("", String::as_str))) } " " code { (purpose.id) }
                        @for choices in choices(&purpose.id) {
                            p.quiet { (reader.fill("portal.checks.choice", &[("choices", choices)])) }
                        }
                    }
                }
            }
        }
    }
}

/// Pages at the verifier, staff, tokens and webhook. What cannot be fetched is said, and the rest shown.
async fn hosted(portal: &Portal, reader: &Reader<'_>, visitor: &Visitor, id: &str) -> Markup {
    let Ok(verifier) = verifier(portal) else {
        return remark(Tone::Unsure, reader.t("portal.error.verifier"));
    };
    let places = [
        (verifier.page(&["b", id, "scan"]), "portal.checks.scan"),
        (verifier.page(&["b", id, "desk"]), "portal.checks.desk"),
        (verifier.page(&["b", id, "offline"]), "portal.checks.kiosk"),
        (portal.inner.settings.try_address(), "portal.checks.sandbox"),
        (verifier.page(&["developers"]), "portal.checks.developers"),
    ];
    let (tokens, webhook) = (verifier.tokens(id).await, verifier.webhook(id).await);
    let staff = verifier.staff(id).await;
    html! {
        section aria-labelledby="pages" {
            h2 #pages { (reader.t("portal.checks.pages")) }
            ul.bullets {
                @for (place, words) in places {
                    @if let Some(place) = place { li { a href=(place.as_str()) { (reader.t(words)) } } }
                }
            }
        }
        @match (tokens, webhook, staff) {
            (Ok(tokens), Ok(webhook), Ok(staff)) => {
                (staff_section(reader, visitor, id, &staff))
                (tokens_section(reader, visitor, id, &tokens))
                (webhook_section(reader, visitor, id, webhook.as_ref()))
            },
            _ => (remark(Tone::Unsure, reader.t("portal.error.verifier"))),
        }
    }
}

fn tokens_section(reader: &Reader<'_>, visitor: &Visitor, id: &str, tokens: &[Token]) -> Markup {
    let heads = [
        "portal.tokens.name",
        "portal.tokens.may",
        "portal.tokens.used",
        "portal.tokens.do",
    ];
    let heads = heads.map(|head| reader.t(head));
    let rows: Vec<_> = tokens
        .iter()
        .map(|token| token_row(reader, visitor, id, token))
        .collect();
    let name = Field::new("token-name", reader.t("portal.tokens.name"), "").required();
    let fields = html! {
        (once())
        (name.line("text"))
        fieldset {
            legend { (reader.t("portal.tokens.may")) }
            @for (scope, words) in SCOPES {
                div.tick {
                    input type="checkbox" id=(scope) name="scope" value=(scope) checked[scope.starts_with("sessions")];
                    label for=(scope) { (reader.t(words)) }
                }
            }
        }
        (submit(reader.t("portal.tokens.make"), true))
    };
    html! {
        section aria-labelledby="tokens" {
            h2 #tokens { (reader.t("portal.tokens.title")) }
            p { (reader.t("portal.tokens.what")) }
            @if tokens.is_empty() { p.empty { (reader.t("portal.tokens.empty")) } }
            @else { (table(reader.t("portal.tokens.title"), &heads, &rows)) }
            (form(reader, visitor, &at(id, "/tokens"), &fields))
        }
    }
}

fn token_row(reader: &Reader<'_>, visitor: &Visitor, id: &str, token: &Token) -> Vec<Markup> {
    let path = at(id, &format!("/tokens/{}", token.id));
    let rotate = html! { (once()) (submit(reader.t("portal.tokens.rotate"), false)) };
    let used = match &token.last_used_day {
        Some(serde_json::Value::String(day)) => plain(day),
        Some(serde_json::Value::Number(day)) => day.to_string(),
        _ => reader.t("portal.tokens.never").to_owned(),
    };
    let may: Vec<String> = token.scopes.iter().map(|scope| in_words(reader, scope)).collect();
    vec![
        html! {
            bdi { (plain(&token.name)) } " " code { (plain(&token.prefix)) "…" }
            @if let Some(created) = token.created { " " (reader.day(created)) }
        },
        html! { (may.join(", ")) },
        html! { (used) },
        html! {
            div.actions {
                (form(reader, visitor, &format!("{path}/rotate"), &rotate))
                (form(reader, visitor, &format!("{path}/revoke"), &submit(reader.t("portal.tokens.revoke"), false)))
            }
        },
    ]
}

/// A scope in words; one that only a newer verifier knows as it says it.
fn in_words(reader: &Reader<'_>, scope: &str) -> String {
    let known = SCOPES.iter().find(|(known, _)| *known == scope);
    known.map_or_else(|| plain(scope), |(_, words)| reader.t(words).to_owned())
}

fn webhook_section(reader: &Reader<'_>, visitor: &Visitor, id: &str, webhook: Option<&Webhook>) -> Markup {
    let known = webhook.map_or("", |webhook| webhook.url.as_str());
    let url = Field::new("webhook", reader.t("portal.webhook.url"), known)
        .hint(reader.t("portal.webhook.hint"))
        .required();
    let fields = html! { (url.line("url")) (submit(reader.t("portal.webhook.set"), false)) };
    html! {
        section aria-labelledby="webhook-title" {
            h2 #webhook-title { (reader.t("portal.webhook.title")) }
            p { (reader.t("portal.webhook.what")) }
            (form(reader, visitor, &at(id, "/webhook"), &fields))
            @if webhook.is_some() {
                (form(reader, visitor, &at(id, "/webhook/remove"), &submit(reader.t("portal.webhook.remove"), false)))
            }
        }
    }
}

/// What is kept at hand by those who run a verifier of their own, and certificates for all.
fn downloads(reader: &Reader<'_>, filed: &Filed, id: &str) -> Markup {
    let all = [
        ("/access.pem", "portal.files.certificate"),
        ("/registration.jwt", "portal.files.registration"),
        ("/verifier.toml", "portal.files.configuration"),
        ("/checks.toml", "portal.files.checks"),
    ];
    let shown = match filed.content.hosting {
        Hosting::Hosted => 2,
        Hosting::Own => all.len(),
    };
    html! {
        section aria-labelledby="files" {
            h2 #files { (reader.t("portal.files.title")) }
            ul.bullets {
                @for (path, words) in all.into_iter().take(shown) {
                    li { a href=(at(id, path)) download { (reader.t(words)) } }
                }
                li { a href="/about/trust-pack.json" download { (reader.t("about.download_pack")) } }
            }
        }
    }
}

/// Makes a token.
pub(super) async fn new_token(State(portal): State<Portal>, Path(id): Path<String>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    in_force(&portal, &visitor, &id).await?;
    let name = fields.text("token-name");
    if !(1..=64).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(PortalError::Form("token-name"));
    }
    let known = |scope: &&str| SCOPES.iter().any(|(known, _)| known == scope);
    let scopes: Vec<&str> = fields.all("scope").filter(known).collect();
    if scopes.is_empty() {
        return Err(PortalError::Form("scope"));
    }
    let made = verifier(&portal)?
        .create_token(&id, name, &scopes, fields.once()?)
        .await?;
    Ok(secret(&portal, &visitor, &id, &made.token))
}

/// Makes a token anew.
pub(super) async fn rotate_token(
    State(portal): State<Portal>,
    Path((id, token)): Path<(String, String)>,
    posted: Posted,
) -> Answer {
    let Posted { visitor, fields } = posted;
    in_force(&portal, &visitor, &id).await?;
    let token = token_id(&token)?;
    let made = verifier(&portal)?.rotate_token(&id, token, fields.once()?).await?;
    Ok(secret(&portal, &visitor, &id, &made.token))
}

/// Takes a token away.
pub(super) async fn revoke_token(
    State(portal): State<Portal>,
    Path((id, token)): Path<(String, String)>,
    posted: Posted,
) -> Answer {
    let visitor = posted.visitor;
    in_force(&portal, &visitor, &id).await?;
    verifier(&portal)?.revoke_token(&id, token_id(&token)?).await?;
    Ok(portal.to(&visitor, &at(&id, "")))
}

/// Sets the webhook.
pub(super) async fn set_webhook(State(portal): State<Portal>, Path(id): Path<String>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    in_force(&portal, &visitor, &id).await?;
    let url = fields.text("webhook");
    if !is_web_address(url) {
        return Err(PortalError::Form("webhook"));
    }
    let set = verifier(&portal)?.put_webhook(&id, url).await?;
    match set.secret {
        Some(shown) => Ok(secret(&portal, &visitor, &id, &shown)),
        None => Ok(portal.to(&visitor, &at(&id, ""))),
    }
}

/// Takes the webhook away.
pub(super) async fn remove_webhook(State(portal): State<Portal>, Path(id): Path<String>, posted: Posted) -> Answer {
    let visitor = posted.visitor;
    in_force(&portal, &visitor, &id).await?;
    verifier(&portal)?.delete_webhook(&id).await?;
    Ok(portal.to(&visitor, &at(&id, "")))
}

/// An id of a token or invitation, as it may stand in an address.
pub(super) fn token_id(token: &str) -> Result<&str, PortalError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if (1..=TOKEN_ID).contains(&token.len()) && token.bytes().all(allowed) {
        Ok(token)
    } else {
        Err(PortalError::NotFound)
    }
}

/// A secret, shown once: the portal does not keep it.
fn secret(portal: &Portal, visitor: &Visitor, id: &str, secret: &str) -> Response {
    let reader = portal.reader(visitor);
    let title = reader.t("portal.tokens.once_title");
    let shown = Field::new("secret", reader.t("portal.tokens.secret"), secret);
    let body = html! {
        (back(&reader, &at(id, ""), "portal.tokens.back"))
        h1 { (title) }
        (remark(Tone::Unsure, reader.t("portal.tokens.once")))
        (shown.line("text"))
    };
    portal.titled(visitor, title, body)
}
