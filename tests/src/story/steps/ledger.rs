//! Without quorum nothing is published, and nothing without quorum is accepted.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::http::eventually;
use crate::proxy::Proxy;
use crate::stack::{Business, Entry, size};
use crate::story::world::World;

/// How long a log without quorum is watched.
const WATCH: Duration = Duration::from_millis(500);
/// How long an entry may take once the quorum is back.
const BACK: Duration = Duration::from_secs(20);

pub(super) async fn witnesses_stopped(world: &mut World) -> Result<String> {
    without(world, &["witness-2", "witness-3"]).await
}

pub(super) async fn mirror_stopped(world: &mut World) -> Result<String> {
    without(world, &["mirror"]).await
}

/// Stops cosigners, hands in an entry, sees that nothing is published, starts
/// them again, and sees the entry published.
async fn without(world: &mut World, cosigners: &[&str]) -> Result<String> {
    for name in cosigners {
        world.stack.stop(name).await?;
    }
    // An entry of an agency may have had its quorum just before.
    tokio::time::sleep(WATCH).await;
    let before = size(&world.stack.checkpoint().await?)?;
    let committed_before = world.stack.metric("log", "ledger_entries_committed_total").await?;
    let entry = world.stack.start_entry(Business::Shop)?;
    eventually(BACK, || async {
        let committed = world.stack.metric("log", "ledger_entries_committed_total").await?;
        ensure!(committed > committed_before, "the entry is not committed yet");
        Ok(())
    })
    .await?;
    tokio::time::sleep(WATCH).await;
    let during = size(&world.stack.checkpoint().await?)?;
    ensure!(during == before, "a tree of {during} was published without quorum");
    world.stack.start_all(cosigners).await?;
    published(world, before, entry).await?;
    Ok("committed, not published; published once they are back".to_owned())
}

async fn published(world: &World, before: u64, entry: Entry) -> Result<()> {
    eventually(BACK, || async {
        let now = size(&world.stack.checkpoint().await?)?;
        ensure!(now > before, "the entry is not published although the quorum is back");
        Ok(())
    })
    .await?;
    entry.finish().await
}

pub(super) async fn cosignatures_stripped(world: &mut World) -> Result<String> {
    let (port, log) = (world.stack.port("proxy")?, world.stack.port("log")?);
    let strip = |path: &str, body: Vec<u8>| if path == "/checkpoint" { stripped(&body) } else { body };
    let _proxy = Proxy::start(port, log, Arc::new(strip)).await?;
    let audit = world.stack.audit(&format!("http://proxy.localhost:{port}")).await?;
    ensure!(
        !audit.status.success(),
        "a log without cosignatures passes the audit: {}",
        audit.stdout
    );
    Ok("the auditor refuses what has no quorum".to_owned())
}

/// A checkpoint with the log's own signature and no other.
fn stripped(note: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(note);
    let mut signatures = 0;
    let kept = text.lines().filter(|line| {
        signatures += usize::from(line.starts_with("— "));
        signatures <= 1
    });
    kept.map(|line| format!("{line}\n")).collect::<String>().into_bytes()
}

pub(super) async fn replay(world: &mut World) -> Result<String> {
    let published = size(&world.stack.checkpoint().await?)?;
    for source in ["log", "mirror"] {
        let url = world.stack.layout().url(source)?;
        let audit = world
            .stack
            .audit(&url)
            .await?
            .success()
            .with_context(|| format!("from the {source}"))?;
        ensure!(audit.stdout.contains("everything holds"), "{}", audit.stdout);
    }
    Ok(format!(
        "{published} entries, from the log and from the mirror, everything holds"
    ))
}

pub(super) async fn false_map(world: &mut World) -> Result<String> {
    let before = world.stack.checkpoint().await?;
    let refused = world.stack.metric("mirror", "mirror_refused_total").await?;
    world.stack.tamper_with_map().await?;
    let entry = world.stack.start_entry(Business::Shop)?;
    eventually(BACK, || async {
        let now = world.stack.metric("mirror", "mirror_refused_total").await?;
        ensure!(now > refused, "the mirror has not refused anything");
        Ok(())
    })
    .await?;
    let after = world.stack.checkpoint().await?;
    ensure!(size(&after)? == size(&before)?, "the false map was published: {after}");
    drop(entry);
    Ok("the mirror refuses to cosign, nothing is published".to_owned())
}
