//! `/`: what this is, how it is doing, what is new.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::health::health_section;
use crate::pages::Pages;
use crate::pages::answer::{Document, PageError};
use crate::pages::asked::Asked;
use crate::pages::event::Event;
use crate::pages::frame::Area;
use crate::pages::health::Health;
use crate::pages::host::{Host, Standing};
use crate::pages::parts::ways;
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
        (health_section(&reader, &health, &inner.pack.pack, listed, alarm))
        (news_section(&reader, &news))
        (further(&reader))
    };
    Ok(Document {
        title: title.to_owned(),
        area: Area::Home,
        body,
    })
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
    let all = [
        ("/organisations", "home.organisations", "home.organisations_what"),
        ("/about", "home.check", "home.check_what"),
    ];
    html! {
        section aria-labelledby="further" {
            h2 #further { (reader.t("home.further")) }
            (ways(reader, &all))
        }
    }
}
