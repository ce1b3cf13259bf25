//! A batch of copies over HTTP: the processor's time of the issuer, against the bare signatures
//! and checks in it.

use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::holder::{BATCH, Batch, Holder, Messages, signed_length};
use crate::limits::{BareChecks, BareSignature};
use crate::measure::{median, rate};
use crate::report::Line;
use crate::services::{AGENCY, Services};
use crate::usage::Process;

/// Turns of each side.
const TURNS: usize = 15;
/// Batches in a turn of ours.
const BATCHES: u32 = 50;
/// Wallets that take a batch at the same time.
const AT_ONCE: usize = 4;
const GOAL: f64 = 0.35;

/// Takes batches, encrypted as the agency offers it and in the clear, in turns with the bare work.
pub(crate) fn issue() -> Result<Vec<Line>> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut services = Services::with_agency().await?;
        let lines = compare(&services).await?;
        services.stack.stop_all().await?;
        Ok(lines)
    })
}

async fn compare(services: &Services) -> Result<Vec<Line>> {
    let holder = Holder::new(services).await?;
    // Not counted: the first batch makes a status list.
    let (first, _) = turn(services, &holder, Messages::Encrypted).await?;
    turn(services, &holder, Messages::Clear).await?;
    let bare = Bare::of(&first)?;
    let (mut encrypted, mut clear, mut limit) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        encrypted.push(turn(services, &holder, Messages::Encrypted).await?.1);
        limit.push(rate(&mut || bare.run())?);
        clear.push(turn(services, &holder, Messages::Clear).await?.1);
        limit.push(rate(&mut || bare.run())?);
    }
    let limit = median(limit);
    let bytes: usize = first.copies.iter().map(String::len).sum();
    let counts = format!(
        "{BATCH} copies, {bytes} bytes: {} signature checks, {BATCH} signatures; a second of the issuer's processor",
        first.proofs.len()
    );
    let line = |name: &str, ours| Line::new(name, [median(ours), limit], Some(GOAL)).counting(counts.clone());
    Ok(vec![line("issue-http", encrypted), line("issue-http-clear", clear)])
}

/// One of the batches of a turn, and how many the issuer makes in a second of a processor.
async fn turn(services: &Services, holder: &Holder, messages: Messages) -> Result<(Batch, f64)> {
    let issuer = Process::of(&services.stack, AGENCY.service())?;
    let mut offers = Vec::new();
    for _ in 0..BATCHES {
        offers.push(holder.offered(services, messages).await?);
    }
    let before = issuer.cpu_time()?;
    let taken: Vec<Batch> = stream::iter(offers)
        .map(|offer| holder.take(offer))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let spent = issuer.cpu_time()?.since(&before);
    let one = taken.into_iter().next().context("no batch")?;
    Ok((one, f64::from(BATCHES) / spent.as_secs_f64()))
}

/// The same proofs checked and the same copies signed, and nothing else.
struct Bare {
    checks: BareChecks,
    signatures: Vec<BareSignature>,
}

impl Bare {
    fn of(batch: &Batch) -> Result<Self> {
        let signature = |copy: &String| BareSignature::p256(signed_length(copy)?);
        Ok(Self {
            checks: BareChecks::p256(&batch.proofs)?,
            signatures: batch.copies.iter().map(signature).collect::<Result<_>>()?,
        })
    }

    fn run(&self) -> Result<()> {
        self.checks.run()?;
        self.signatures.iter().try_for_each(BareSignature::run)
    }
}
