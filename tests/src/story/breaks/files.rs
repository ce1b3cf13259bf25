//! Files that are changed.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use sqlx::Connection;

use crate::codes;
use crate::stack::{Agency, Business, open};
use crate::story::world::World;

pub(super) async fn open_log_key(world: &mut World) -> Result<()> {
    let key = world.stack.layout().of("log").join("data/log.key");
    world.stack.stop("log").await?;
    std::fs::set_permissions(key, Permissions::from_mode(0o644))?;
    world.stack.start("log")
}

pub(super) async fn restored_backup(world: &mut World) -> Result<()> {
    world.stack.stop("log").await?;
    world.stack.keep_copy_of_log()?;
    world.stack.start_all(&["log"]).await?;
    let application = world.stack.agency_application(Agency::Transport).display().to_string();
    world
        .stack
        .registrar(&["accredit", "--application", &application])
        .await?
        .success()?;
    world.stack.stop("log").await?;
    world.stack.put_copy_of_log_back()?;
    world.stack.start("log")
}

pub(super) async fn bad_row(world: &mut World) -> Result<()> {
    let file = world.people.file().await?;
    let text = std::fs::read_to_string(&file)?;
    let row = text.lines().nth(5_000).context("too few rows")?;
    let birth_date = row.split(',').nth(3).context("too few columns")?;
    let changed = row.replacen(birth_date, "2001-02-29", 1);
    Ok(std::fs::write(file, text.replacen(row, &changed, 1))?)
}

pub(super) async fn changed_checks(world: &mut World) -> Result<()> {
    let file = world.stack.layout().of("shop").join("checks.toml");
    let asked = r#"{ "path": ["age_over_18"] }"#;
    let more = r#"{ "path": ["age_over_18"] }, { "path": ["personal_number"] }"#;
    replace(&file, asked, more)
}

pub(super) async fn changed_trust_pack(world: &mut World) -> Result<()> {
    replace(
        &world.stack.layout().trust_pack(),
        "witness-2.localhost/witness-2",
        "witness-9.localhost/witness-9",
    )
}

pub(super) async fn changed_vault(world: &mut World) -> Result<()> {
    world.wallet.close().await?;
    let vault = largest(world.wallet.profile())?;
    let mut bytes = std::fs::read(&vault)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    Ok(std::fs::write(vault, bytes)?)
}

pub(super) async fn changed_entry(world: &mut World) -> Result<()> {
    let mut store = open(&world.stack.layout().of("log").join("data/log.db")).await?;
    let leaf: Vec<u8> = sqlx::query_scalar("SELECT leaf FROM entries WHERE idx = 3")
        .fetch_one(&mut store)
        .await?;
    let mut changed = leaf;
    *changed.last_mut().context("an empty entry")? ^= 1;
    sqlx::query("UPDATE entries SET leaf = ? WHERE idx = 3")
        .bind(changed)
        .execute(&mut store)
        .await?;
    Ok(store.close().await?)
}

pub(super) async fn changed_codes(world: &mut World) -> Result<()> {
    let folder = &world.offline.as_ref().context("no answer was shown")?.shown;
    let mut frames = codes::read(folder)?;
    for frame in &mut frames {
        *frame.last_mut().context("an empty code")? ^= 1;
    }
    std::fs::remove_dir_all(folder)?;
    codes::draw(&frames, folder)
}

pub(super) async fn old_device(world: &mut World) -> Result<()> {
    // A second instead of a day, and nobody has to wait for it.
    world.stack.limit_offline(Business::Shop, 1)?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    Ok(())
}

fn replace(file: &Path, from: &str, to: &str) -> Result<()> {
    let text = std::fs::read_to_string(file)?;
    ensure!(text.contains(from), "{} does not hold {from}", file.display());
    Ok(std::fs::write(file, text.replace(from, to))?)
}

/// The largest file of a folder, which in a wallet's profile is the vault.
fn largest(folder: &Path) -> Result<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.push((entry.metadata()?.len(), entry.path()));
        }
    }
    Ok(files.into_iter().max().context("an empty profile")?.1)
}
