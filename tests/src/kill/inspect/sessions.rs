//! Verdicts, at the shop.

use anyhow::{Result, ensure};
use http::StatusCode;

use super::copies::{is_to, response};
use crate::kill::journal::{Journal, Session};
use crate::kill::scene::Scene;
use crate::kill::wire::Wire;
use crate::stack::Business;

/// Every session is there; one that was answered has the same verdict, and takes no
/// second answer: not even the first again, where it was heard on the wire.
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
        let answer = scene.wire.as_ref().and_then(|wire| answer_to(session, wire));
        let fields = [("response", answer.as_deref().unwrap_or("again"))];
        let again = scene.world.stack.http().post_form(&address, &fields).await?;
        ensure!(
            again.status() == StatusCode::CONFLICT,
            "an answered session takes another answer with {}",
            again.status()
        );
    }
    Ok(())
}

/// The answer that the session got.
fn answer_to(session: &Session, wire: &Wire) -> Option<String> {
    let seen = wire.seen();
    let mut answers = seen.iter().filter(|posted| is_to(session, &posted.path));
    answers.find_map(|posted| response(&posted.body))
}
