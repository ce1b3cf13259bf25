//! `/entries/{number}`: one entry, what it says, what it changed.

use axum::extract::{Path, State};
use axum::response::Response;
use ledger::{Alarm, Leaf, RejectionClass};
use maud::{Markup, html};
use tlog::leaf_hash;

use super::entry_proof::file_name;
use crate::pages::Pages;
use crate::pages::address;
use crate::pages::answer::{Document, PageError, back};
use crate::pages::asked::Asked;
use crate::pages::event::Event;
use crate::pages::frame::Area;
use crate::pages::host::Host;
use crate::pages::icons::Tone;
use crate::pages::parts::{badge, disclosure, fact, notice};
use crate::pages::plain::plain;
use crate::pages::reader::Reader;

/// Of a payload so much is shown; the rest can be downloaded.
const SHOWN: usize = 16 * 1024;

pub(in crate::pages) async fn entry<H: Host>(
    State(pages): State<Pages<H>>,
    Path(number): Path<String>,
    asked: Asked,
) -> Response {
    pages.answer(&asked, page(&pages, &asked, &number).await)
}

async fn page<H: Host>(pages: &Pages<H>, asked: &Asked, number: &str) -> Result<Document, PageError> {
    let reader = pages.reader(asked);
    let number: u64 = number.parse()?;
    let row = pages.inner.directory.entry(number).await?.ok_or(PageError::NotFound)?;
    let event = pages.event(&reader, row).await?;
    let changes = pages.changes(&reader, &event).await?;
    let alarm = pages.inner.host.alarm(number).await;
    let title = reader.say("entry.number", &[("number", &reader.number(number))]);
    let body = html! {
        (back(&reader, "/entries", "entry.back"))
        h1 { (title) }
        p.lead { (reader.sentence(&event)) }
        (outcome(&reader, &event, alarm.as_ref()))
        @if !changes.is_empty() {
            section aria-labelledby="changes" {
                h2 #changes { (reader.t("entry.changes")) }
                ul.bullets { @for change in &changes { li { (change) } } }
            }
        }
        section aria-labelledby="said" {
            h2 #said { (reader.t("entry.content")) }
            (reader.payload(&event))
        }
        section aria-labelledby="fields" {
            h2 #fields { (reader.t("entry.fields")) }
            (fields(&reader, &event))
            (raw(&reader, &event))
        }
        (proof(&reader, number))
    };
    Ok(Document {
        title,
        area: Area::Entries,
        body,
    })
}

/// Where the proof is had, and how it is checked.
fn proof(reader: &Reader<'_>, number: u64) -> Markup {
    let file = file_name(number);
    let command = format!("holdfast-anchor verify-proof {file} --trust-pack trust-pack.json");
    html! {
        section aria-labelledby="proof" {
            h2 #proof { (reader.t("entry.proof")) }
            p { (reader.t("entry.proof_what")) }
            div.actions {
                a.button href=(address::entry_proof(number)) download=(file) { (reader.t("organisation.download")) }
                a.button href="/about/trust-pack.json" download { (reader.t("about.download_pack")) }
            }
            pre tabindex="0" aria-label=(reader.t("organisation.check_one")) { code { (command) } }
        }
    }
}

/// Whether the entry counts, in words.
fn outcome(reader: &Reader<'_>, event: &Event, alarm: Option<&Alarm>) -> Markup {
    if event.taken().is_some() {
        return html! { p { (badge(Tone::Good, reader.t("entry.taken"))) } };
    }
    let rule = match (alarm, &event.leaf) {
        (Some(alarm), _) => alarm.to_string(),
        (None, Err(error)) => error.to_string(),
        (None, Ok(_)) => String::new(),
    };
    let class = match alarm {
        Some(Alarm::Rejected(rejection)) => match rejection.class() {
            RejectionClass::Conflict => "entry.refused_conflict",
            RejectionClass::Unauthorised => "entry.refused_unauthorised",
            RejectionClass::TooLong => "entry.refused_too_long",
            RejectionClass::Invalid => "entry.refused_invalid",
        },
        _ => "entry.refused_unreadable",
    };
    let words = html! {
        p { strong { (reader.t("entry.alarm")) } " " (reader.t(class)) }
        @if !rule.is_empty() { p { (reader.t("entry.rule")) " " code lang="en" { (plain(&rule)) } } }
    };
    notice(Tone::Bad, &words)
}

fn fields(reader: &Reader<'_>, event: &Event) -> Markup {
    let hash = leaf_hash(&event.stored.leaf);
    html! {
        dl.facts {
            (fact(reader.t("entry.index"), &html! { (event.row.number) }))
            @if let Some(time) = event.row.time { (fact(reader.t("entry.time"), &reader.moment(time))) }
            @if let Ok(leaf) = &event.leaf { (leaf_fields(reader, leaf)) }
            (fact(reader.t("entry.leaf_hash"), &html! { code { (hex::encode(hash.as_bytes())) } }))
        }
    }
}

fn leaf_fields(reader: &Reader<'_>, leaf: &Leaf) -> Markup {
    let kind = html! { (reader.kind(leaf.kind)) " " span.quiet { "(" (leaf.kind.number()) ")" } };
    html! {
        (fact(reader.t("entry.kind"), &kind))
        (fact(reader.t("entry.subject"), &html! { code { (plain(&leaf.subject)) } }))
        (fact(reader.t("entry.sequence"), &html! { (leaf.seq) }))
        @if let Some(prev) = &leaf.prev {
            @let link = html! { a href=(reader.href(&address::entry(prev.index), &[])) {
                (reader.say("entry.number", &[("number", &reader.number(prev.index))]))
            } };
            (fact(reader.t("entry.previous"), &link))
        }
        (fact(reader.t("entry.author"), &reader.authority(leaf)))
        @let payload = html! {
            code { (hex::encode(leaf.payload.hash)) } " "
            a href=(address::blob(&leaf.payload.hash)) download { (reader.count("entry.download", leaf.payload.length)) }
        };
        (fact(reader.t("entry.payload"), &payload))
        @if let Some(private) = &leaf.private {
            @let words = html! { (reader.t("entry.private_what")) " " code { (hex::encode(private)) } };
            (fact(reader.t("entry.private"), &words))
        }
    }
}

/// The bytes, for those who want them.
fn raw(reader: &Reader<'_>, event: &Event) -> Markup {
    let payload = event.stored.payload.as_slice();
    let shown = payload.get(..SHOWN).unwrap_or(payload);
    let text = String::from_utf8_lossy(shown);
    let is_text = std::str::from_utf8(payload).is_ok_and(|text| !text.contains(char::is_control));
    let text = if is_text { visible(&text) } else { hex::encode(shown) };
    let more = html! {
        h3 { (reader.t("entry.raw_payload")) }
        pre tabindex="0" aria-label=(reader.t("entry.raw_payload")) { code { (text) } }
        @if payload.len() > SHOWN { p.quiet { (reader.t("entry.raw_cut")) } }
        h3 { (reader.t("entry.raw_leaf")) }
        pre tabindex="0" aria-label=(reader.t("entry.raw_leaf")) { code { (hex::encode(&event.stored.leaf)) } }
    };
    disclosure(reader.t("entry.raw"), &more)
}

/// The text with everything that does not show, or turns the writing, as its code.
fn visible(text: &str) -> String {
    let show = |c: char| {
        if c == ' ' || plain(&c.to_string()) == c.to_string() {
            c.to_string()
        } else {
            c.escape_unicode().to_string()
        }
    };
    text.chars().map(show).collect()
}
