//! `/entries`: everything there is, newest first.

use axum::extract::State;
use axum::response::Response;
use maud::html;

use crate::pages::Pages;
use crate::pages::answer::{Document, PageError};
use crate::pages::asked::Asked;
use crate::pages::frame::Area;
use crate::pages::host::Host;
use crate::pages::parts::pager;

/// Entries on a page.
const PAGE: u32 = 50;

pub(in crate::pages) async fn entries<H: Host>(State(pages): State<Pages<H>>, asked: Asked) -> Response {
    pages.answer(&asked, page(&pages, &asked).await)
}

async fn page<H: Host>(pages: &Pages<H>, asked: &Asked) -> Result<Document, PageError> {
    let reader = pages.reader(asked);
    let before = asked.number("before")?;
    let rows = pages.inner.directory.entries(before.unwrap_or(u64::MAX), PAGE).await?;
    let oldest = rows.last().map(|row| row.number).filter(|number| *number > 0);
    let events = pages.events(&reader, rows).await?;
    let next = oldest.map(|oldest| reader.href("/entries", &[("before", &oldest.to_string())]));
    let first = before.map(|_| reader.href("/entries", &[]));
    let body = html! {
        h1 { (reader.t("entries.title")) }
        p.lead { (reader.t("entries.lead")) }
        @if events.is_empty() {
            p.empty { (reader.t("entries.empty")) }
        } @else {
            (reader.event_list(&events))
        }
        (pager(&reader, first.as_deref(), next.as_deref()))
    };
    Ok(Document {
        title: reader.t("entries.title").to_owned(),
        area: Area::Entries,
        body,
    })
}
