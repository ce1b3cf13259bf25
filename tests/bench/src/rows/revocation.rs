//! From the click with which an agency revokes a card to *no, revoked* at a shop, online.

use std::time::Duration;

use anyhow::{Result, bail};
use e2e::story::is_verdict;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::presenter::Presenter;
use crate::report::Line;
use crate::services::{AGENCY, Services};

/// Cards that are revoked, one after the other.
const CARDS: usize = 3;
/// How long it may take, in seconds.
const LIMIT_S: f64 = 60.0;
/// Later than this there is no figure, but an error.
const GIVEN_UP: Duration = Duration::from_secs(180);
/// Between two checks of a card that was revoked.
const PAUSE: Duration = Duration::from_millis(250);

/// The longest of several times.
pub(crate) fn revoke() -> Result<Vec<Line>> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut services = Services::with_agency().await?;
        let mut presenter = Presenter::new(&mut services).await?;
        let mut times = Vec::new();
        for _ in 0..CARDS {
            let id = presenter.another_card(&services).await?;
            times.push(revoked(&services, &presenter, &id).await?.as_secs_f64());
        }
        services.stack.stop_all().await?;
        let longest = times.iter().copied().fold(0.0, f64::max);
        let all: Vec<String> = times.iter().map(|time| format!("{time:.1} s")).collect();
        let line = Line::at_most("revoke-to-no", [longest, LIMIT_S], "s");
        Ok(vec![line.counting(format!("the longest of {}", all.join(", ")))])
    })
}

/// Revokes a card that counts, and shows it until it does not.
async fn revoked(services: &Services, presenter: &Presenter, id: &str) -> Result<Duration> {
    let api = services.stack.agency(AGENCY)?;
    let url = format!("{}/api/v1/credentials/{id}/revoke", api.url);
    let clicked = Instant::now();
    services.stack.http().post_json(&url, &api.token, &json!({})).await?;
    loop {
        let verdict = presenter.judged(0).await?;
        if is_verdict(&verdict, "no", "revoked").is_ok() {
            return Ok(clicked.elapsed());
        }
        // Meanwhile it is still yes; a verdict of another kind would be a fault.
        is_verdict(&verdict, "yes", "ok")?;
        if clicked.elapsed() > GIVEN_UP {
            bail!("a revoked card still counts after {} s", GIVEN_UP.as_secs());
        }
        sleep(PAUSE).await;
    }
}
