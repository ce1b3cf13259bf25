//! Keys and accreditations: never there, taken out, revoked.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use service::{Clock, SystemClock};

use crate::stack::{Agency, Business};
use crate::story::asked::Asked;
use crate::story::errands::is_verdict;
use crate::story::forgery::Forgery;
use crate::story::world::World;

const VCT: &str = "urn:holdfast:vct:person-identification:1";

pub(super) async fn key_never_anchored(world: &mut World) -> Result<String> {
    let session = world.open(Business::Shop, "customer-account").await?;
    let asked = Asked::read(&world.request_object(&session).await?)?;
    let issuer = world.stack.did(Agency::Population)?;
    let claims = [("given_name", "Mallory"), ("family_name", "Forger")];
    let forgery = Forgery {
        kid: format!("{issuer}#assert-99"),
        issuer,
        vct: VCT.to_owned(),
        status_uri: world.stack.status_list_uri(Agency::Population).await?,
        claims: claims
            .map(|(name, value)| (name.to_owned(), value.into()))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
    };
    let response = forgery.answer(&asked, SystemClock.now())?;
    let answer = world
        .stack
        .http()
        .post_form(&asked.response_uri, &[("response", &response)])
        .await?;
    ensure!(
        answer.status().is_success(),
        "the shop does not take the answer: {}",
        answer.status()
    );
    is_verdict(
        &world.session(Business::Shop, &session).await?,
        "no",
        "key_not_anchored",
    )?;
    Ok("no, key_not_anchored".to_owned())
}

pub(super) async fn take_key_out(world: &mut World) -> Result<String> {
    world.stack.take_out_key(Agency::Population).await?;
    world.note_change();
    Ok("a fresh key signs, the old one is in the DID document no more".to_owned())
}

pub(super) async fn key_retired(world: &mut World) -> Result<String> {
    world
        .expect_soon(Business::Shop, "customer-account", "no", "key_retired")
        .await?;
    Ok("no, key_retired".to_owned())
}

pub(super) async fn revoke_accreditation(world: &mut World) -> Result<String> {
    world.stack.revoke_accreditation(Agency::Transport).await?;
    world.note_change();
    Ok("its card was good until now".to_owned())
}

pub(super) async fn accreditation_revoked(world: &mut World) -> Result<String> {
    world
        .expect_soon(Business::Shop, "driver", "no", "issuer_not_accepted")
        .await?;
    Ok("no, issuer_not_accepted".to_owned())
}
