//! Verdicts, at the shop.

use anyhow::{Result, ensure};
use http::StatusCode;

use crate::kill::journal::Journal;
use crate::kill::scene::Scene;
use crate::stack::Business;

/// Every session is there; one that was answered has the same verdict, and takes no
/// second answer.
pub(super) async fn verdicts(scene: &Scene, journal: &Journal) -> Result<()> {
    let url = scene.url("shop")?;
    for session in &journal.sessions {
        let found = scene.world.session(Business::Shop, &session.session).await?;
        let Some((verdict, reason)) = &session.verdict else {
            continue;
        };
        ensure!(
            found["verdict"] == verdict.as_str() && found["reason"] == reason.as_str(),
            "the verdict was {verdict}, {reason} and is {found}"
        );
        let address = format!("{url}/openid4vp/response/{}", session.wallet_id);
        let again = scene
            .world
            .stack
            .http()
            .post_form(&address, &[("response", "again")])
            .await?;
        ensure!(
            again.status() == StatusCode::CONFLICT,
            "an answered session takes another answer with {}",
            again.status()
        );
    }
    Ok(())
}
