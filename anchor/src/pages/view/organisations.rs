//! `/organisations`: who is competent for what, and who may ask.

use axum::extract::State;
use axum::response::Response;
use ledger::Payload;
use maud::{Markup, html};

use crate::pages::Pages;
use crate::pages::answer::{Document, PageError, back};
use crate::pages::asked::Asked;
use crate::pages::directory::{Competence, OrganisationRow};
use crate::pages::frame::Area;
use crate::pages::host::Host;
use crate::pages::icons::Tone;
use crate::pages::parts::{badge, pager, table};
use crate::pages::reader::Reader;

/// Organisations on a page that lists nothing else.
const PAGE: u32 = 50;
/// Agencies for each card type, and businesses, on the page that lists both.
const FEW: u32 = 10;

const PATH: &str = "/organisations";

/// Which list is asked for.
enum List<'a> {
    Overview,
    CardType(&'a str),
    Businesses,
    All,
}

pub(in crate::pages) async fn organisations<H: Host>(State(pages): State<Pages<H>>, asked: Asked) -> Response {
    pages.answer(&asked, page(&pages, &asked).await)
}

async fn page<H: Host>(pages: &Pages<H>, asked: &Asked) -> Result<Document, PageError> {
    let reader = pages.reader(asked);
    let list = match (asked.text("type"), asked.text("list")) {
        (None, None) => List::Overview,
        (Some(vct), None) => List::CardType(vct),
        (None, Some("businesses")) => List::Businesses,
        (None, Some("all")) => List::All,
        _ => return Err(PageError::Invalid),
    };
    let (title, body) = match list {
        List::Overview => overview(pages, &reader).await?,
        List::CardType(vct) => card_type(pages, &reader, vct, asked.text("after")).await?,
        List::Businesses => businesses(pages, &reader, asked.text("after")).await?,
        List::All => all(pages, &reader, asked.text("after")).await?,
    };
    Ok(Document {
        title,
        area: Area::Organisations,
        body,
    })
}

async fn overview<H: Host>(pages: &Pages<H>, reader: &Reader<'_>) -> Result<(String, Markup), PageError> {
    let directory = &pages.inner.directory;
    let mut types = Vec::new();
    for vct in directory.card_types().await? {
        let few = directory.competent_for(&vct, None, FEW + 1).await?;
        types.push((vct, few));
    }
    let few = directory.businesses(None, FEW + 1).await?;
    let there_are_more = few.len() > FEW as usize;
    let businesses = asks(pages, reader, few.into_iter().take(FEW as usize).collect()).await?;
    let body = html! {
        h1 { (reader.t("organisations.title")) }
        p.lead { (reader.t("organisations.lead")) }
        section aria-labelledby="agencies" {
            h2 #agencies { (reader.t("organisations.agencies")) }
            @if types.is_empty() { p.empty { (reader.t("organisations.no_agencies")) } }
            @for (vct, few) in &types {
                h3 { (reader.card_type(vct)) }
                (competent(reader, few.get(..FEW as usize).unwrap_or(few)))
                @if few.len() > FEW as usize {
                    p { a.button href=(reader.href(PATH, &[("type", vct)])) { (reader.t("organisations.all_agencies")) } }
                }
            }
        }
        section aria-labelledby="businesses" {
            h2 #businesses { (reader.t("organisations.businesses")) }
            (business_list(reader, &businesses))
            @if there_are_more {
                p { a.button href=(reader.href(PATH, &[("list", "businesses")])) { (reader.t("organisations.all_businesses")) } }
            }
        }
        p { a.button href=(reader.href(PATH, &[("list", "all")])) { (reader.t("organisations.everybody")) } }
    };
    Ok((reader.t("organisations.title").to_owned(), body))
}

async fn card_type<H: Host>(
    pages: &Pages<H>,
    reader: &Reader<'_>,
    vct: &str,
    after: Option<&str>,
) -> Result<(String, Markup), PageError> {
    let rows = pages.inner.directory.competent_for(vct, after, PAGE + 1).await?;
    let rows = cut(rows);
    let next = rows
        .1
        .then(|| rows.0.last())
        .flatten()
        .map(|last| last.organisation.did.clone());
    let query = ("type", vct);
    let body = html! {
        (back(reader, PATH, "organisations.back"))
        h1 { (reader.fill("organisations.competent_for", &[("card", reader.card_type(vct))])) }
        @if rows.0.is_empty() { p.empty { (reader.t("organisations.no_agencies")) } } @else { (competent(reader, &rows.0)) }
        (turn(reader, query, after, next.as_deref()))
    };
    Ok((reader.t("organisations.agencies").to_owned(), body))
}

async fn businesses<H: Host>(
    pages: &Pages<H>,
    reader: &Reader<'_>,
    after: Option<&str>,
) -> Result<(String, Markup), PageError> {
    let (rows, goes_on) = cut(pages.inner.directory.businesses(after, PAGE + 1).await?);
    let next = goes_on.then(|| rows.last()).flatten().map(|last| last.did.clone());
    let rows = asks(pages, reader, rows).await?;
    let body = html! {
        (back(reader, PATH, "organisations.back"))
        h1 { (reader.t("organisations.businesses")) }
        (business_list(reader, &rows))
        (turn(reader, ("list", "businesses"), after, next.as_deref()))
    };
    Ok((reader.t("organisations.businesses").to_owned(), body))
}

async fn all<H: Host>(
    pages: &Pages<H>,
    reader: &Reader<'_>,
    after: Option<&str>,
) -> Result<(String, Markup), PageError> {
    let (rows, goes_on) = cut(pages.inner.directory.organisations(after, PAGE + 1).await?);
    let next = goes_on.then(|| rows.last()).flatten().map(|last| last.did.clone());
    let body = html! {
        (back(reader, PATH, "organisations.back"))
        h1 { (reader.t("organisations.everybody")) }
        @if rows.is_empty() { p.empty { (reader.t("organisations.nobody")) } }
        ul.rows {
            @for row in &rows {
                li { p { (reader.link(&row.did, &reader.name_of(row))) " " (roles(reader, row)) } }
            }
        }
        (turn(reader, ("list", "all"), after, next.as_deref()))
    };
    Ok((reader.t("organisations.everybody").to_owned(), body))
}

/// One more than fits was asked for, to know whether the list goes on.
fn cut<T>(mut rows: Vec<T>) -> (Vec<T>, bool) {
    let goes_on = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    (rows, goes_on)
}

fn turn(reader: &Reader<'_>, query: (&str, &str), after: Option<&str>, next: Option<&str>) -> Markup {
    let first = after.map(|_| reader.href(PATH, &[query]));
    let next = next.map(|next| reader.href(PATH, &[query, ("after", next)]));
    pager(reader, first.as_deref(), next.as_deref())
}

fn competent(reader: &Reader<'_>, rows: &[Competence]) -> Markup {
    let row = |row: &Competence| {
        let name = reader.name_of(&row.organisation);
        let until = match row.until > reader.now {
            true => reader.day(row.until),
            false => html! { (reader.day(row.until)) " " (badge(Tone::Unsure, reader.t("organisations.ran_out"))) },
        };
        vec![
            html! { (reader.link(&row.organisation.did, &name)) " " (closed(reader, &row.organisation)) },
            html! { @if let Some(since) = row.since { (reader.day(since)) } @else { "–" } },
            until,
        ]
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    let heads = [
        reader.t("organisations.agency"),
        reader.t("organisations.since"),
        reader.t("organisations.until"),
    ];
    table(reader.t("organisations.agencies"), &heads, &rows)
}

/// Businesses with what they may ask, in short.
async fn asks<H: Host>(
    pages: &Pages<H>,
    reader: &Reader<'_>,
    rows: Vec<OrganisationRow>,
) -> Result<Vec<(OrganisationRow, Markup)>, PageError> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let words = match row.registered {
            Some(number) => match pages.inner.directory.entry(number).await? {
                Some(entry) => match pages.event(reader, entry).await?.content {
                    Some(Payload::Scope(scope)) => reader.asks(&scope),
                    _ => Markup::default(),
                },
                None => Markup::default(),
            },
            None => Markup::default(),
        };
        all.push((row, words));
    }
    Ok(all)
}

fn business_list(reader: &Reader<'_>, rows: &[(OrganisationRow, Markup)]) -> Markup {
    html! {
        @if rows.is_empty() { p.empty { (reader.t("organisations.no_businesses")) } }
        ul.rows {
            @for (row, asks) in rows {
                li {
                    p.strong { (reader.link(&row.did, &reader.name_of(row))) " " (closed(reader, row)) }
                    p { (reader.fill("organisations.may_ask", &[("asks", asks.clone())])) }
                }
            }
        }
    }
}

fn roles(reader: &Reader<'_>, row: &OrganisationRow) -> Markup {
    html! {
        @if row.is_agency { (badge(Tone::Good, reader.t("organisations.is_agency"))) " " }
        @if row.registered.is_some() { (badge(Tone::Good, reader.t("organisations.is_business"))) " " }
        (closed(reader, row))
    }
}

fn closed(reader: &Reader<'_>, row: &OrganisationRow) -> Markup {
    html! { @if row.is_closed { (badge(Tone::Bad, reader.t("organisations.closed"))) } }
}
