//! `/about`: what is on the ledger, what is not, and how anybody can check it.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use ledger::{EcosystemLink, Kind, Mode, Payload, TrustPack, fingerprint};
use maud::{Markup, PreEscaped, html};

use super::health::needed;
use crate::pages::Pages;
use crate::pages::answer::{Document, PageError};
use crate::pages::asked::Asked;
use crate::pages::frame::Area;
use crate::pages::host::Host;
use crate::pages::parts::fact;
use crate::pages::plain::plain;
use crate::pages::reader::Reader;

pub(in crate::pages) async fn about<H: Host>(State(pages): State<Pages<H>>, asked: Asked) -> Response {
    pages.answer(&asked, page(&pages, &asked).await)
}

/// The trust pack, as everybody should have got it from somewhere else as well.
pub(in crate::pages) async fn trust_pack<H: Host>(State(pages): State<Pages<H>>) -> Response {
    let mut response = pages.inner.pack.bytes.clone().into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"trust-pack.json\""),
    );
    service::pages::Policy::strict().apply(headers);
    response
}

async fn page<H: Host>(pages: &Pages<H>, asked: &Asked) -> Result<Document, PageError> {
    let reader = pages.reader(asked);
    let inner = &pages.inner;
    let policy = match inner.directory.newest(Kind::Policy).await? {
        Some(number) => inner.host.entry(number).await?,
        None => None,
    };
    let policy = policy.and_then(|entry| Payload::parse(Kind::Policy, &entry.payload).ok());
    let body = html! {
        h1 { (reader.t("about.title")) }
        p.lead { (reader.t("about.lead")) }
        (list(&reader, "about.on", &["about.on_who", "about.on_agencies", "about.on_businesses", "about.on_status"]))
        (list(&reader, "about.off", &["about.off_people", "about.off_cards", "about.off_use", "about.off_private"]))
        (how_to_check(&reader, inner.address.as_str()))
        section aria-labelledby="rules" {
            h2 #rules { (reader.t("about.rules")) }
            p { (needed(&reader, &inner.pack.pack)) }
            @match &policy {
                Some(Payload::Policy(policy)) => (reader.policy(policy)),
                _ => p { (reader.t("about.no_rules")) },
            }
        }
        (pack(&reader, &inner.pack.pack))
        @if let Ok(link) = inner.pack.link(&inner.address) { (into_a_wallet(&reader, &inner.pack.pack, &link)) }
    };
    Ok(Document {
        title: reader.t("about.title").to_owned(),
        area: Area::About,
        body,
    })
}

fn list(reader: &Reader<'_>, title: &str, items: &[&str]) -> Markup {
    html! {
        section {
            h2 { (reader.t(title)) }
            ul.bullets { @for item in items { li { (reader.t(item)) } } }
        }
    }
}

fn how_to_check(reader: &Reader<'_>, ledger: &str) -> Markup {
    let command = format!("holdfast-anchor verify {ledger} --trust-pack trust-pack.json");
    html! {
        section aria-labelledby="check" {
            h2 #check { (reader.t("about.check")) }
            ol.steps {
                li { (reader.t("about.check_pack")) " " a href="/about/trust-pack.json" download { (reader.t("about.download_pack")) } }
                li {
                    (reader.t("about.check_run"))
                    pre tabindex="0" aria-label=(reader.t("about.check_run")) { code { (command) } }
                }
                li { (reader.t("about.check_result")) }
                li { (reader.t("about.check_mirror")) }
            }
            p { (reader.t("about.formats")) }
            ul.bullets {
                li { a href="/checkpoint" { (reader.t("about.checkpoint")) } }
                li { code { "/tile/…" } " " (reader.t("about.tiles")) }
                li { code { "/blob/<sha256>" } " " (reader.t("about.blobs")) }
                li { code { "/bundle?did=…" } " " (reader.t("about.bundles")) }
            }
        }
    }
}

fn mode<'a>(reader: &'a Reader<'_>, pack: &TrustPack) -> &'a str {
    reader.t(match pack.mode() {
        Mode::Test => "about.mode_test",
        Mode::Live => "about.mode_live",
    })
}

/// How a wallet takes the ecosystem: by code or link; the person compares the fingerprint. docs/ledger.md §9.3
fn into_a_wallet(reader: &Reader<'_>, pack: &TrustPack, link: &EcosystemLink) -> Markup {
    let text = link.to_string();
    html! {
        section aria-labelledby="wallet" {
            h2 #wallet { (reader.t("about.wallet")) }
            p { (reader.t("about.wallet_what")) }
            @if let Ok(code) = service::qr_svg(&text) {
                div.code role="img" aria-label=(reader.t("about.wallet_code")) { (PreEscaped(code)) }
            }
            dl.facts {
                (fact(reader.t("about.pack_name"), &html! { (plain(pack.name())) }))
                (fact(reader.t("about.pack_mode"), &html! { (mode(reader, pack)) }))
                (fact(reader.t("about.wallet_fingerprint"), &html! { code { (fingerprint(link.sha256())) } }))
                (fact(reader.t("about.wallet_link"), &html! { code { (text) } }))
            }
            p { a.button href=(text) { (reader.t("about.wallet_open")) } }
        }
    }
}

fn pack(reader: &Reader<'_>, pack: &TrustPack) -> Markup {
    html! {
        section aria-labelledby="pack" {
            h2 #pack { (reader.t("about.pack")) }
            p { (reader.t("about.pack_what")) }
            dl.facts {
                (fact(reader.t("about.pack_name"), &html! { (plain(pack.name())) }))
                (fact(reader.t("about.pack_mode"), &html! { (mode(reader, pack)) }))
                (fact(reader.t("about.pack_version"), &html! { (reader.number(pack.version())) }))
                (fact(reader.t("about.pack_expires"), &reader.day(pack.expires())))
                (fact(reader.t("about.pack_hash"), &html! { code { (hex::encode(pack.sha256())) } }))
                (fact(reader.t("about.pack_log_key"), &html! { code { (pack.log_key()) } }))
            }
            p { a.button href="/about/trust-pack.json" download { (reader.t("about.download_pack")) } }
        }
    }
}
