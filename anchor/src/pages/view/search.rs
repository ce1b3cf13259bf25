//! `/search`: organisations and entries by name, identifier, number or fingerprint.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use crate::pages::Pages;
use crate::pages::answer::{Document, PageError};
use crate::pages::asked::Asked;
use crate::pages::directory::Named;
use crate::pages::event::Event;
use crate::pages::frame::Area;
use crate::pages::host::Host;
use crate::pages::plain::plain;
use crate::pages::reader::Reader;

/// As long as a subject in the ledger may be. docs/ledger.md §2
const LONGEST: usize = 512;
/// Entries that one fingerprint leads to, at most.
const ENTRIES: u32 = 20;

/// What was found.
#[derive(Default)]
struct Found {
    organisations: Named,
    entries: Vec<Event>,
}

pub(in crate::pages) async fn search<H: Host>(State(pages): State<Pages<H>>, asked: Asked) -> Response {
    pages.answer(&asked, page(&pages, &asked).await)
}

async fn page<H: Host>(pages: &Pages<H>, asked: &Asked) -> Result<Document, PageError> {
    let reader = pages.reader(asked);
    let text = asked.text("q").unwrap_or_default().trim();
    if text.len() > LONGEST {
        return Err(PageError::Invalid);
    }
    let found = find(pages, &reader, text).await?;
    let body = html! {
        h1 { (reader.t("search.title")) }
        p.lead { (reader.t("search.lead")) }
        (form(&reader, text))
        @if !text.is_empty() { (results(&reader, text, &found)) }
    };
    Ok(Document {
        title: reader.t("search.title").to_owned(),
        area: Area::Search,
        body,
    })
}

async fn find<H: Host>(pages: &Pages<H>, reader: &Reader<'_>, text: &str) -> Result<Found, PageError> {
    let directory = &pages.inner.directory;
    let mut rows = Vec::new();
    let mut hash = [0; 32];
    if hex::decode_to_slice(text, &mut hash).is_ok() {
        // Also where it consists of decimal digits alone.
        rows.extend(directory.with_fingerprint(&hash, ENTRIES).await?);
    } else if let Ok(number) = text.parse() {
        rows.extend(directory.entry(number).await?);
    }
    let organisations = match directory.organisation(text).await? {
        Some(row) => Named {
            rows: vec![row],
            goes_on: false,
        },
        // An identifier names one organisation, or none.
        None if text.starts_with("did:") => Named::default(),
        None => directory.named(text).await?,
    };
    Ok(Found {
        organisations,
        entries: pages.events(reader, rows).await?,
    })
}

fn form(reader: &Reader<'_>, text: &str) -> Markup {
    html! {
        form.search role="search" method="get" action="/search" {
            @if reader.is_chosen { input type="hidden" name="lang" value=(reader.language.tag()); }
            label for="q" { (reader.t("search.label")) }
            div.actions {
                input #q type="search" name="q" value=(text) maxlength="512" autocomplete="off" spellcheck="false";
                button.button.primary type="submit" { (reader.t("search.button")) }
            }
        }
    }
}

fn results(reader: &Reader<'_>, text: &str, found: &Found) -> Markup {
    let Found { organisations, entries } = found;
    html! {
        section aria-labelledby="found" {
            h2 #found { (reader.t("search.found")) }
            @if organisations.rows.is_empty() && entries.is_empty() {
                p.empty { (reader.fill("search.nothing", &[("text", html! { bdi { (plain(text)) } })])) }
                @if organisations.goes_on { p { (reader.t("search.more")) } }
            }
            @if !organisations.rows.is_empty() {
                h3 { (reader.t("organisations.title")) }
                ul.rows {
                    @for row in &organisations.rows {
                        li { p { (reader.link(&row.did, &reader.name_of(row))) } p.quiet { code { (plain(&row.did)) } } }
                    }
                }
                @if organisations.goes_on { p { (reader.t("search.more")) } }
            }
            @if !entries.is_empty() {
                h3 { (reader.t("entries.title")) }
                (reader.event_list(entries))
            }
        }
    }
}
