//! Entries handed in to a log as a process, several in one request, to the receipt: checked, mapped, durable, cosigned by witnesses and mirror.
//! Writer, log, witnesses and mirror share the processors.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use did::identity::{Organisation, OrganisationKeys};
use e2e::process::run;
use futures_util::{StreamExt, TryStreamExt, stream};
use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use jose::SigningKey;
use ledger::{
    Kind, LeafBuilder, SUBMISSIONS_CAP, Submission, TrustPack, UnverifiedTrustPack, encode_submissions, in_requests,
};
use outbound::{Client, Limits, Request};
use serde_json::{Value, json};
use service::{Clock, SystemClock, random};
use url::Url;

use super::bundle;
use crate::holder::client;
use crate::limits::BareAppend;
use crate::measure::median;
use crate::report::Line;
use crate::services::Services;

/// Organisations at which is measured first.
pub(crate) const FEWEST: usize = 10_000;
/// Turns of each side.
const TURNS: usize = 5;
/// Entries of a turn.
const ENTRIES: usize = 1_000;
/// Requests that are under way at the same time, each with as many entries as may be: together a batch of the log.
const AT_ONCE: usize = 4;
/// Threads that make entries, before they are handed in.
const MAKERS: usize = 2;
/// Where the log asks for patience.
const PAUSE: Duration = Duration::from_millis(50);
const GOAL: f64 = 0.4;
/// How much longer an entry may take with a hundred times as many organisations.
const GROWTH: f64 = 3.0;
/// How often it may.
const ATTEMPTS: u32 = 200;
const LIMITS: Limits = Limits::MESSAGE
    .with_total(Duration::from_secs(30))
    .with_body(1024 * 1024);
/// Bytes of the record of an organisation with its first keys, about.
const RECORD: usize = 400;
/// Bytes of a leaf of the map.
const MAP_LEAF: usize = 64;
/// Bytes of an inner node of the map.
const NODE: usize = 65;

static ORGANISATIONS: OnceLock<usize> = OnceLock::new();

/// Says how many organisations there are in the end.
pub(crate) fn go_up_to(organisations: usize) {
    let _ = ORGANISATIONS.set(organisations.max(FEWEST));
}

/// Entries a second with ten thousand organisations and, where asked for, with more; and bundles of that size.
pub(crate) fn append() -> Result<Vec<Line>> {
    let most = ORGANISATIONS.get().copied().unwrap_or(FEWEST);
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut services = Services::with_ledger().await?;
        allow_many_entries(&services).await?;
        let mut writer = Writer::of(&services)?;
        let (few, mut lines) = writer.measure(&services, FEWEST).await?;
        if most > FEWEST {
            let (many, more) = writer.measure(&services, most).await?;
            lines.extend(more);
            let growth = format!("time of an entry with {most} organisations, over that with {FEWEST}");
            lines.push(Line::at_most("append-sqlite-growth", [few / many, GROWTH], "x").counting(growth));
        }
        services.stack.stop_all().await?;
        Ok(lines)
    })
}

/// Lets the registrar write as much as the log takes: the policy's share of a registrar is for people.
async fn allow_many_entries(services: &Services) -> Result<()> {
    let layout = services.stack.layout();
    let change = services.folder().join("change.json");
    let limits = json!({"registrar_writes_per_hour": u32::MAX, "registrar_writes_per_day": u32::MAX});
    std::fs::write(&change, json!({"limits": limits}).to_string())?;
    let files = [
        ("--config", layout.config("log")),
        ("--change", change),
        ("--key", layout.of("log").join("data/governance.json")),
    ];
    let mut arguments = vec!["policy"];
    for (option, file) in &files {
        arguments.extend([*option, file.to_str().context("a path that is no text")?]);
    }
    run("holdfast-anchor", &arguments, &[]).await?.success()?;
    Ok(())
}

/// A registrar who enters organisations.
struct Writer {
    client: Client,
    url: Url,
    bearer: HeaderValue,
    pack: TrustPack,
    name: String,
    key: SigningKey,
    /// Organisations so far.
    entered: usize,
    /// The last of them.
    newest: String,
}

impl Writer {
    fn of(services: &Services) -> Result<Self> {
        let layout = services.stack.layout();
        let folder = layout.of("log").join("data/registrar");
        let keys = OrganisationKeys::from_json(&std::fs::read(folder.join("keys.json"))?)?;
        let registrar = Organisation::open(keys, &std::fs::read_to_string(folder.join("did.jsonl"))?)?;
        let (name, key) = registrar.ledger_key()?;
        let pack = UnverifiedTrustPack::parse(&std::fs::read(layout.trust_pack())?)?;
        Ok(Self {
            client: client(services)?,
            url: format!("{}/api/v1/entries/batch", layout.url("log")?).parse()?,
            bearer: HeaderValue::from_str(&format!("Bearer {}", services.admin_token))?,
            pack: pack.verify(None, SystemClock.now())?,
            name: name.to_string(),
            key: SigningKey::new(key)?,
            entered: 0,
            newest: String::new(),
        })
    }

    /// Enters organisations up to this many, and measures with the next ones; entries a second, and lines.
    async fn measure(&mut self, services: &Services, organisations: usize) -> Result<(f64, Vec<Line>)> {
        while self.entered < organisations {
            let next = self.submissions(ENTRIES.min(organisations - self.entered))?;
            self.hand_in(next).await?;
        }
        let before = e2e::stack::size(&services.stack.checkpoint().await?)?;
        let (mut ours, mut limit) = (Vec::new(), Vec::new());
        let file = services.folder().join(format!("bare-{organisations}.db"));
        let mut bare: Option<BareAppend> = None;
        let mut rows = Vec::new();
        for turn in 1..=TURNS {
            let submissions = self.submissions(ENTRIES)?;
            let first = submissions.first().context("no entry")?;
            let (leaf, payload) = (first.leaf().encode().len(), first.payload().len());
            let begun = Instant::now();
            self.hand_in(submissions).await?;
            ours.push(rate(ENTRIES, begun));
            // The log closes a batch with an entry of its own.
            let size = e2e::stack::size(&services.stack.checkpoint().await?)?;
            let batches = usize::try_from(size - before)?.saturating_sub(turn * ENTRIES).max(1);
            let batch = (turn * ENTRIES).div_ceil(batches);
            if bare.is_none() {
                bare = Some(BareAppend::new(&file, leaf).await?);
                rows = row_lengths(leaf, payload, organisations / batch);
            }
            let bare = bare.as_mut().context("no bare side")?;
            let begun = Instant::now();
            for _ in 0..ENTRIES.div_ceil(batch) {
                bare.batch(batch, &rows).await?;
            }
            limit.push(rate(ENTRIES.next_multiple_of(batch), begun));
        }
        let (ours, limit) = (median(ours), median(limit));
        let counts = format!(
            "{organisations} organisations, {} rows an entry, {AT_ONCE} requests of {SUBMISSIONS_CAP} at once",
            rows.len()
        );
        let line = Line::new(&format!("append-sqlite-{organisations}"), [ours, limit], Some(GOAL)).counting(counts);
        Ok((ours, vec![line, self.bundle(services, organisations).await?]))
    }

    /// The proof of the newest organisation: how long it is, and how long checking takes.
    async fn bundle(&self, services: &Services, organisations: usize) -> Result<Line> {
        let query: String = url::form_urlencoded::byte_serialize(self.newest.as_bytes()).collect();
        let address = format!("{}/bundle?did={query}", services.stack.layout().url("log")?);
        let bytes = services.stack.http().get(&address).await?.success()?.into_body();
        let name = format!("bundle-verify-{organisations}");
        bundle::compare(&name, &bytes, &self.pack, &self.newest)
    }

    /// Organisations that nobody has seen, each with its first entry.
    fn submissions(&mut self, count: usize) -> Result<Vec<Submission>> {
        let numbers: Vec<usize> = (self.entered + 1..=self.entered + count).collect();
        let (origin, name, key) = (self.pack.origin(), self.name.as_str(), &self.key);
        let make = |numbers: &[usize]| -> Result<Vec<Submission>> {
            numbers
                .iter()
                .map(|number| first_entry(*number, origin, name, key))
                .collect()
        };
        let made = std::thread::scope(|scope| {
            let parts = numbers.chunks(count.div_ceil(MAKERS).max(1));
            let parts: Vec<_> = parts.map(|numbers| scope.spawn(move || make(numbers))).collect();
            let mut made = Vec::with_capacity(count);
            for part in parts {
                let part = part.join().ok().context("who made entries panicked")?;
                made.extend(part?);
            }
            anyhow::Ok(made)
        })?;
        self.entered += count;
        if let Some(newest) = made.last() {
            self.newest.clone_from(&newest.leaf().subject);
        }
        Ok(made)
    }

    /// Hands entries in, several requests at the same time, and waits for the receipt of each.
    async fn hand_in(&self, submissions: Vec<Submission>) -> Result<()> {
        let handed_in = stream::iter(in_requests(&submissions)).map(|request| self.one(request));
        handed_in.buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
        Ok(())
    }

    async fn one(&self, submissions: &[Submission]) -> Result<()> {
        let bytes = encode_submissions(submissions);
        for _ in 0..ATTEMPTS {
            let request = Request::post(self.url.clone(), "application/cbor", bytes.clone());
            let answer = self
                .client
                .send(request.header(AUTHORIZATION, self.bearer.clone()), &LIMITS);
            let answer = answer.await?;
            match answer.status() {
                StatusCode::OK if have_receipts(submissions.len(), answer.body())? => return Ok(()),
                StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE => tokio::time::sleep(PAUSE).await,
                status => bail!("{status}: {}", String::from_utf8_lossy(answer.body())),
            }
        }
        bail!("the log asks for patience {ATTEMPTS} times")
    }
}

/// Whether every entry of a request has its receipt; else the log asks for patience with some.
fn have_receipts(entries: usize, answer: &[u8]) -> Result<bool> {
    let answer: Value = serde_json::from_slice(answer)?;
    let results = answer["results"].as_array().context("no results")?;
    if results.len() != entries {
        bail!("{} results for {entries} entries", results.len());
    }
    let lacking = results.iter().filter(|result| result.get("proof").is_none());
    let refused = lacking.clone().find(|result| result["status"] != 503);
    match refused {
        Some(refused) => bail!("{refused}"),
        None => Ok(lacking.count() == 0),
    }
}

/// An organisation with this number, as its first entry.
fn first_entry(number: usize, origin: &str, registrar: &str, key: &SigningKey) -> Result<Submission> {
    let organisation = Organisation::create(&format!("o{number}.example"), SystemClock.now(), &mut random::fill)?;
    let line = organisation.lines().last().context("no line")?.clone().into_bytes();
    let leaf = LeafBuilder::new(Kind::DidCreate, organisation.did().as_str(), None, line);
    Ok(leaf.signed_by(origin, &[(registrar, key)])?)
}

/// What is stored for an entry: leaf, payload, record, and the nodes of the map above it that no other entry of the
/// batch has in common with it.
fn row_lengths(leaf: usize, payload: usize, apart: usize) -> Vec<usize> {
    let levels = usize::BITS - apart.max(1).leading_zeros();
    let mut rows = vec![leaf, payload, RECORD, MAP_LEAF];
    rows.extend((0..levels).map(|_| NODE));
    rows
}

fn rate(entries: usize, begun: Instant) -> f64 {
    f64::from(u32::try_from(entries).unwrap_or(u32::MAX)) / begun.elapsed().as_secs_f64()
}
