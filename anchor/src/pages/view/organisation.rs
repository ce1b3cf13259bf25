//! `/organisations/{did}`: the record of one organisation, as its proof says.

use axum::extract::{Path, State};
use axum::response::Response;
use ledger::{OrganisationRecord, Part, UnverifiedBundle, VerifiedBundle};
use maud::{Markup, html};

use crate::pages::address;
use crate::pages::answer::{Document, PageError, back};
use crate::pages::asked::Asked;
use crate::pages::directory::Competence;
use crate::pages::download::download;
use crate::pages::event::Event;
use crate::pages::frame::Area;
use crate::pages::host::Host;
use crate::pages::icons::Tone;
use crate::pages::parts::{badge, fact, pager, table};
use crate::pages::plain::plain;
use crate::pages::reader::{Reader, host_of};
use crate::pages::{DirectoryError, Pages};
use crate::read::{Attachment, ReadStore};

/// Everything that a record names is in the proof.
const WITH: [Attachment; 4] = [
    Attachment::Did,
    Attachment::Scope,
    Attachment::Accreditation,
    Attachment::Snapshot,
];
/// As long as a subject in the ledger may be. docs/ledger.md §2
const LONGEST_DID: usize = 512;
/// Entries of the history on a page.
const HISTORY: u32 = 20;

pub(in crate::pages) async fn organisation<H: Host>(
    State(pages): State<Pages<H>>,
    Path(did): Path<String>,
    asked: Asked,
) -> Response {
    pages.answer(&asked, page(&pages, &asked, &did).await)
}

/// The proof of what the page says, as a file.
pub(in crate::pages) async fn proof<H: Host>(
    State(pages): State<Pages<H>>,
    Path(did): Path<String>,
    asked: Asked,
) -> Response {
    match bundle(&pages, &did).await {
        Ok((bytes, bundle)) => download(bytes, "application/cbor", &file_name(&did, &bundle)),
        Err(error) => pages.refuse(&asked, &error),
    }
}

/// The proof, and what it proves to whoever has the trust pack.
async fn bundle<H: Host>(pages: &Pages<H>, did: &str) -> Result<(Vec<u8>, VerifiedBundle), PageError> {
    if did.len() > LONGEST_DID || did.parse::<did::webvh::WebvhDid>().is_err() {
        return Err(PageError::NotFound);
    }
    let bytes = pages.inner.host.store().bundle(did, &WITH).await?;
    let bytes = bytes.ok_or(PageError::Unpublished)?;
    let bundle = UnverifiedBundle::parse(&bytes)?.verify(&pages.inner.pack.pack, did)?;
    Ok((bytes, bundle))
}

/// "holdfast-proof-population.localhost-7104-at-42.cbor"
fn file_name(did: &str, bundle: &VerifiedBundle) -> String {
    let host = host_of(did).replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "-");
    format!("holdfast-proof-{host}-at-{}.cbor", bundle.size())
}

async fn page<H: Host>(pages: &Pages<H>, asked: &Asked, did: &str) -> Result<Document, PageError> {
    let reader = pages.reader(asked);
    let (_, bundle) = bundle(pages, did).await?;
    let directory = &pages.inner.directory;
    let Some(record) = bundle.record() else {
        return Ok(absent(&reader, did, &bundle));
    };
    let row = directory.organisation(did).await?;
    let name = reader.name(did, row.as_ref().and_then(|row| row.name.as_ref()));
    let competences = directory.competences_of(did).await?;
    let before = asked.number("before")?;
    let rows = directory.history(did, before.unwrap_or(u64::MAX), HISTORY + 1).await?;
    let goes_on = rows.len() > HISTORY as usize;
    let rows = rows.into_iter().take(HISTORY as usize).collect();
    let history = with_changes(pages, &reader, rows).await?;
    let oldest = history
        .last()
        .filter(|_| goes_on)
        .map(|(event, _)| event.row.number.to_string());
    let path = address::organisation(did);
    let next = oldest.map(|oldest| reader.href(&path, &[("before", &oldest)]));
    let first = before.map(|_| reader.href(&path, &[]));
    let complaints = match &pages.inner.complaints {
        Some(counts) if record.head(Part::RelyingParty).is_some() => {
            Some(counts.of(did).await.map_err(DirectoryError::from)?)
        }
        _ => None,
    };
    let body = html! {
        (back(&reader, "/organisations", "organisations.back"))
        h1 { bdi { (name) } }
        p { (state(&reader, record)) }
        @if let Some(complaints) = complaints { p { (reader.count("organisation.complaints", complaints)) } }
        (identity(&reader, record, &bundle))
        (accreditations(&reader, record, &competences))
        (scope(&reader, &bundle))
        (keys(&reader, record, &bundle))
        (history_section(&reader, &history))
        (pager(&reader, first.as_deref(), next.as_deref()))
        (proof_section(&reader, pages.inner.address.as_str(), did, &bundle))
    };
    Ok(Document {
        title: name,
        area: Area::Organisations,
        body,
    })
}

/// That there is no such organisation can be proved too.
fn absent(reader: &Reader<'_>, did: &str, bundle: &VerifiedBundle) -> Document {
    let body = html! {
        (back(reader, "/organisations", "organisations.back"))
        h1 { (reader.t("organisation.absent")) }
        p.lead { (reader.fill("organisation.absent_what", &[("did", html! { code { (plain(did)) } })])) }
        p { (reader.fill("organisation.as_of", &[("time", reader.moment_ago(bundle.time()))])) }
        p { a.button href=(address::proof(did)) download { (reader.t("organisation.download_absence")) } }
    };
    Document {
        title: reader.t("organisation.absent").to_owned(),
        area: Area::Organisations,
        body,
    }
}

fn state(reader: &Reader<'_>, record: &OrganisationRecord) -> Markup {
    let is_agency = record.accreditation_entry().is_some();
    let is_business = record.relying_party().is_some();
    html! {
        @if record.is_deactivated() { (badge(Tone::Bad, reader.t("organisations.closed"))) " " }
        @if is_agency { (badge(Tone::Good, reader.t("organisations.is_agency"))) " " }
        @if is_business { (badge(Tone::Good, reader.t("organisations.is_business"))) " " }
        @if !is_agency && !is_business { (badge(Tone::Info, reader.t("organisation.neither"))) }
    }
}

fn identity(reader: &Reader<'_>, record: &OrganisationRecord, bundle: &VerifiedBundle) -> Markup {
    html! {
        dl.facts {
            (fact(reader.t("organisation.lives"), &html! { (host_of(record.did())) }))
            (fact(reader.t("organisation.identifier"), &html! { code { (plain(record.did())) } }))
            (fact(reader.t("organisation.newest"), &reader.moment_ago(bundle.time())))
            @if let Some(snapshot) = record.status_snapshot() {
                (fact(reader.t("organisation.snapshot"), &reader.moment_ago(snapshot.time)))
            }
        }
    }
}

fn accreditations(reader: &Reader<'_>, record: &OrganisationRecord, listed: &[Competence]) -> Markup {
    let Some(entry) = record.accreditation_entry() else {
        return Markup::default();
    };
    let row = |(vct, until): &(String, u64)| {
        let since = listed
            .iter()
            .find(|competence| competence.vct == *vct)
            .and_then(|competence| competence.since);
        vec![
            reader.card_type(vct),
            html! { @if let Some(since) = since { (reader.day(since)) } @else { "–" } },
            html! {
                (reader.day(*until))
                @if *until <= reader.now { " " (badge(Tone::Unsure, reader.t("organisations.ran_out"))) }
            },
        ]
    };
    let rows: Vec<_> = entry.types().iter().map(row).collect();
    let heads = [
        reader.t("payload.card"),
        reader.t("organisations.since"),
        reader.t("organisations.until"),
    ];
    html! {
        section aria-labelledby="accreditations" {
            h2 #accreditations { (reader.t("organisation.may_issue")) }
            @if let Some(succession) = entry.succession() {
                dl.facts {
                    (fact(
                        reader.t("payload.succeeds"),
                        &reader.link(&succession.succeeds, &host_of(&succession.succeeds)),
                    ))
                    (fact(reader.t("organisation.counts_from"), &reader.moment(succession.from)))
                }
            }
            (table(reader.t("organisation.may_issue"), &heads, &rows))
        }
    }
}

fn scope(reader: &Reader<'_>, bundle: &VerifiedBundle) -> Markup {
    html! {
        @if let Some(scope) = bundle.scope() {
            section aria-labelledby="scope" {
                h2 #scope { (reader.t("organisation.may_ask")) }
                @if scope.valid_until <= reader.now { p { (badge(Tone::Unsure, reader.t("organisations.ran_out"))) } }
                (reader.whole_scope(&scope))
            }
        }
    }
}

fn keys(reader: &Reader<'_>, record: &OrganisationRecord, bundle: &VerifiedBundle) -> Markup {
    html! {
        section aria-labelledby="keys" {
            h2 #keys { (reader.t("payload.keys")) }
            @if record.is_deactivated() {
                p { (reader.t("organisation.no_key_counts")) }
            } @else {
                (reader.keys(bundle.did_line().unwrap_or_default(), record.did()))
            }
        }
    }
}

async fn with_changes<H: Host>(
    pages: &Pages<H>,
    reader: &Reader<'_>,
    rows: Vec<crate::pages::directory::EntryRow>,
) -> Result<Vec<(Event, Vec<Markup>)>, PageError> {
    let mut history = Vec::with_capacity(rows.len());
    for event in pages.events(reader, rows).await? {
        let changes = pages.changes(reader, &event).await?;
        history.push((event, changes));
    }
    Ok(history)
}

fn history_section(reader: &Reader<'_>, history: &[(Event, Vec<Markup>)]) -> Markup {
    html! {
        section aria-labelledby="history" {
            h2 #history { (reader.t("organisation.history")) }
            ol.events {
                @for (event, changes) in history {
                    li class=[event.row.is_refused.then_some("alarm")] {
                        p { (reader.sentence(event)) }
                        @if !changes.is_empty() { ul.bullets { @for change in changes { li { (change) } } } }
                        (reader.event_place(event))
                    }
                }
            }
        }
    }
}

fn proof_section(reader: &Reader<'_>, ledger: &str, did: &str, bundle: &VerifiedBundle) -> Markup {
    let file = file_name(did, bundle);
    let command = format!("holdfast-anchor verify-bundle {file} --trust-pack trust-pack.json");
    let whole = format!("holdfast-anchor verify {ledger} --trust-pack trust-pack.json");
    html! {
        section aria-labelledby="proof" {
            h2 #proof { (reader.t("organisation.proof")) }
            p { (reader.t("organisation.proof_what")) }
            div.actions {
                a.button.primary href=(address::proof(did)) download=(file) { (reader.t("organisation.download")) }
                a.button href="/about/trust-pack.json" download { (reader.t("about.download_pack")) }
            }
            h3 { (reader.t("organisation.check")) }
            p { (reader.t("organisation.check_one")) }
            pre tabindex="0" aria-label=(reader.t("organisation.check_one")) { code { (command) } }
            p { (reader.t("organisation.check_all")) }
            pre tabindex="0" aria-label=(reader.t("organisation.check_all")) { code { (whole) } }
        }
    }
}
