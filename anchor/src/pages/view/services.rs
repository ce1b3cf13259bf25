//! `/services`: who is competent for what, and everything that offices say of their services.

use axum::extract::State;
use axum::response::Response;
use ledger::{Payload, Service};
use maud::{Markup, html};

use crate::pages::Pages;
use crate::pages::address;
use crate::pages::answer::{Document, PageError};
use crate::pages::asked::Asked;
use crate::pages::directory::OrganisationRow;
use crate::pages::frame::Area;
use crate::pages::host::Host;
use crate::pages::icons::Tone;
use crate::pages::parts::{badge, pager};
use crate::pages::reader::Reader;

/// Services on a page.
const PAGE: u32 = 50;

const PATH: &str = "/services";

/// An organisation, and what it offers.
struct Offers {
    did: String,
    row: Option<OrganisationRow>,
    /// The entry of each, and what it says.
    services: Vec<(u64, Box<Service>)>,
}

pub(in crate::pages) async fn services<H: Host>(State(pages): State<Pages<H>>, asked: Asked) -> Response {
    pages.answer(&asked, page(&pages, &asked).await)
}

async fn page<H: Host>(pages: &Pages<H>, asked: &Asked) -> Result<Document, PageError> {
    let reader = pages.reader(asked);
    let after = asked.text("after");
    let (offers, next) = offered(pages, &reader, after.unwrap_or_default()).await?;
    let first = after.map(|_| reader.href(PATH, &[]));
    let next = next.map(|next| reader.href(PATH, &[("after", &next)]));
    let body = html! {
        h1 { (reader.t("services.title")) }
        p.lead { (reader.t("services.lead")) }
        @if offers.is_empty() { p.empty { (reader.t("services.none")) } }
        @for (place, office) in offers.iter().enumerate() { (of_office(&reader, place, office)) }
        (pager(&reader, first.as_deref(), next.as_deref()))
    };
    Ok(Document {
        title: reader.t("services.title").to_owned(),
        area: Area::Services,
        body,
    })
}

/// Services after a subject, those of an organisation together; and the last subject, where more follow.
async fn offered<H: Host>(
    pages: &Pages<H>,
    reader: &Reader<'_>,
    after: &str,
) -> Result<(Vec<Offers>, Option<String>), PageError> {
    let directory = &pages.inner.directory;
    let mut rows = directory.services(after, PAGE + 1).await?;
    let goes_on = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let mut offers: Vec<Offers> = Vec::new();
    let mut last = None;
    for event in pages.events(reader, rows).await? {
        let Some(Payload::Service(said)) = event.content else {
            continue;
        };
        last = Some(said.subject.clone());
        let did = said.subject.split_once('/').map_or("", |(owner, _)| owner).to_owned();
        if offers.last().is_none_or(|office| office.did != did) {
            let row = directory.organisation(&did).await?;
            offers.push(Offers {
                did,
                row,
                services: Vec::new(),
            });
        }
        if let Some(office) = offers.last_mut() {
            office.services.push((event.row.number, said));
        }
    }
    Ok((offers, last.filter(|_| goes_on)))
}

fn of_office(reader: &Reader<'_>, place: usize, office: &Offers) -> Markup {
    let id = format!("office-{place}");
    let name = reader.name(&office.did, office.row.as_ref().and_then(|row| row.name.as_ref()));
    let is_agency = office.row.as_ref().is_some_and(|row| row.is_agency && !row.is_closed);
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (reader.link(&office.did, &name)) }
            @if !is_agency { p { (badge(Tone::Unsure, reader.t("services.no_agency"))) } }
            @for (number, said) in &office.services {
                h3 { bdi { (reader.localized(&said.name)) } }
                @if said.until.is_some_and(|until| until <= reader.now) {
                    p { (badge(Tone::Unsure, reader.t("services.over"))) }
                }
                dl.facts { (reader.service_facts(said)) }
                p.quiet { a href=(reader.href(&address::entry(*number), &[])) { (reader.t("services.entry")) } }
            }
        }
    }
}
