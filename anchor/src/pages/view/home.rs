//! `/`: what this is, how it is doing, what is new.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use crate::pages::Pages;
use crate::pages::address;
use crate::pages::answer::{Document, PageError};
use crate::pages::asked::Asked;
use crate::pages::event::Event;
use crate::pages::frame::Area;
use crate::pages::health::{Health, State as LogState};
use crate::pages::host::{Host, Standing};
use crate::pages::icons::Tone;
use crate::pages::parts::{badge, fact, notice, table};
use crate::pages::plain::plain;
use crate::pages::reader::Reader;
use crate::read::ReadStore;

/// Newest entries on the first page.
const NEWS: u32 = 8;

pub(in crate::pages) async fn home<H: Host>(State(pages): State<Pages<H>>, asked: Asked) -> Response {
    pages.answer(&asked, page(&pages, &asked).await)
}

async fn page<H: Host>(pages: &Pages<H>, asked: &Asked) -> Result<Document, PageError> {
    let reader = pages.reader(asked);
    let inner = &pages.inner;
    let standing = inner.host.standing();
    let note = inner.host.store().checkpoint().await?;
    let health = Health::of(note.as_deref(), &inner.pack.pack, &standing, reader.now);
    let listed = inner.directory.size().await?;
    let alarm = inner.directory.newest_refused().await?;
    let news = pages.events(&reader, inner.directory.news(NEWS).await?).await?;
    let title = match &standing {
        Standing::Log { .. } => reader.t("home.title"),
        Standing::Mirror { .. } => reader.t("home.mirror_title"),
    };
    let body = html! {
        h1 { (title) }
        p.lead { (reader.t("home.lead")) " " (reader.t("home.lead_more")) }
        @if let Standing::Mirror { name, .. } = &standing {
            p.lead { (reader.fill("home.mirror", &[("name", html! { code { (plain(name)) } })])) }
        }
        (health_section(&reader, &health, listed, alarm))
        (news_section(&reader, &news))
        (further(&reader))
    };
    Ok(Document {
        title: title.to_owned(),
        area: Area::Home,
        body,
    })
}

fn health_section(reader: &Reader<'_>, health: &Health, listed: u64, alarm: Option<u64>) -> Markup {
    html! {
        section aria-labelledby="health" {
            div.line { h2 #health { (reader.t("health.title")) } (badge(health.tone, reader.t(health.word))) }
            @for reason in &health.reasons {
                (notice(health.tone, &html! { p { (reader.t(reason)) } }))
            }
            @if let Some(number) = alarm {
                @let link = html! { a href=(reader.href(&address::entry(number), &[])) {
                    (reader.say("entry.number", &[("number", &reader.number(number))]))
                } };
                (notice(Tone::Bad, &html! { p { (reader.fill("health.alarm", &[("entry", link)])) } }))
            }
            @if let Some(state) = &health.state {
                @if listed < state.size {
                    @let parts = [("listed", reader.number(listed)), ("size", reader.number(state.size))];
                    @let parts = parts.each_ref().map(|(place, text)| (*place, text.as_str()));
                    (notice(Tone::Info, &html! { p { (reader.say("health.reading", &parts)) } }))
                }
            }
            dl.facts.wide {
                @match &health.state {
                    Some(state) => {
                        (fact(reader.t("health.size"), &html! { (reader.count("common.entries", state.size)) }))
                        (fact(reader.t("health.confirmed"), &reader.moment_ago(state.time)))
                        (fact(reader.t("health.quorum"), &html! { (reader.t("health.quorum_met")) }))
                    }
                    None => (fact(reader.t("health.quorum"), &html! { (reader.t("health.quorum_not_met")) })),
                }
                @if let Some(waiting) = health.waiting {
                    (fact(reader.t("health.waiting"), &html! { (reader.count("common.entries", waiting)) }))
                }
            }
            @if let Some(state) = &health.state {
                dl.facts { (fact(reader.t("health.root"), &html! { code { (hex::encode(state.root.as_bytes())) } })) }
                (cosigners(reader, state))
            }
        }
    }
}

fn cosigners(reader: &Reader<'_>, state: &LogState) -> Markup {
    let row = |cosigner: &crate::pages::health::Cosigner| {
        let role = if cosigner.is_mirror {
            reader.t("health.mirror")
        } else {
            reader.t("health.witness")
        };
        let when = match cosigner.time {
            Some(time) => html! { (badge(Tone::Good, reader.t("health.cosigned"))) " " (reader.ago(time)) },
            None => badge(Tone::Unsure, reader.t("health.not_cosigned")),
        };
        vec![html! { code { (plain(&cosigner.name)) } }, html! { (role) }, when]
    };
    let rows: Vec<_> = state.cosigners.iter().map(row).collect();
    let heads = [
        reader.t("health.who"),
        reader.t("health.role"),
        reader.t("health.state"),
    ];
    html! {
        h3 { (reader.t("health.cosigners")) }
        p.quiet { (reader.t("health.cosigners_why")) }
        (table(reader.t("health.cosigners"), &heads, &rows))
    }
}

fn news_section(reader: &Reader<'_>, news: &[Event]) -> Markup {
    html! {
        section aria-labelledby="news" {
            h2 #news { (reader.t("home.news")) }
            @if news.is_empty() {
                p.empty { (reader.t("entries.empty")) }
            } @else {
                (reader.event_list(news))
                p { a.button href=(reader.href("/entries", &[])) { (reader.t("home.all_entries")) } }
            }
        }
    }
}

fn further(reader: &Reader<'_>) -> Markup {
    let ways = [
        ("/organisations", "home.organisations", "home.organisations_what"),
        ("/about", "home.check", "home.check_what"),
    ];
    html! {
        section aria-labelledby="further" {
            h2 #further { (reader.t("home.further")) }
            ul.ways {
                @for (path, name, what) in ways {
                    li { a href=(reader.href(path, &[])) { (reader.t(name)) } p { (reader.t(what)) } }
                }
            }
        }
    }
}
