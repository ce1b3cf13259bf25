//! Resident memory of the verifier: idle, and with as many sessions open as it allows.

use std::time::Duration;

use anyhow::{Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use crate::presenter::{CHECK, Opened, Presenter};
use crate::report::Line;
use crate::services::{SHOP, Services};
use crate::usage::Process;

/// Sessions that are open: no more are allowed where the settings say nothing.
const SESSIONS: usize = 10_000;
/// How many are opened at the same time.
const AT_ONCE: usize = 16;
/// How much memory it should be at most, in MiB.
const LIMIT_IDLE: f64 = 32.0;
const LIMIT_OPEN: f64 = 128.0;
/// After the start: ledger and status list are read several times.
const SETTLING: Duration = Duration::from_secs(5);

/// A verifier that was just started on what it holds, and then with open sessions.
pub(crate) fn verifier() -> Result<Vec<Line>> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut services = Services::with_agency().await?;
        let presenter = Presenter::new(&mut services).await?;
        services.stack.stop(SHOP.service()).await?;
        services.stack.start_all(&[SHOP.service()]).await?;
        tokio::time::sleep(SETTLING).await;
        let process = Process::of(&services.stack, SHOP.service())?;
        let idle = process.resident_mib()?;
        open_all(&services, &presenter).await?;
        let open = process.resident_mib()?;
        services.stack.stop_all().await?;
        let held = "a ledger with one agency, one status list";
        Ok(vec![
            Line::at_most("memory-verifier-idle", [idle, LIMIT_IDLE], "MiB").counting(held.to_owned()),
            Line::at_most("memory-verifier-open", [open, LIMIT_OPEN], "MiB")
                .counting(format!("{SESSIONS} open sessions; {held}")),
        ])
    })
}

/// Opens sessions until one more is refused: then all of them are open at this moment.
async fn open_all(services: &Services, presenter: &Presenter) -> Result<()> {
    let opened: Vec<Opened> = stream::iter(0..SESSIONS)
        .map(|_| presenter.open())
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let api = services.stack.business(SHOP)?;
    let url = format!("{}/api/v1/checks/{CHECK}/sessions", api.url);
    let answer = services.stack.http().post(&url, &api.token, &json!({})).await?;
    let refused = String::from_utf8_lossy(answer.body()).contains("too_many_sessions");
    ensure!(
        refused,
        "not all of {} sessions are open: {}",
        opened.len(),
        answer.status()
    );
    for session in opened.first().into_iter().chain(opened.last()) {
        let told = presenter.session(&session.id).await?;
        ensure!(told["state"] == "open", "a session is not open: {told}");
    }
    Ok(())
}
