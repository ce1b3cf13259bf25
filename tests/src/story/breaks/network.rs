//! Somebody in between.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use crate::story::world::World;

/// How old a list may be at the shop's checks, and a little more.
const LIST_TIME: Duration = Duration::from_millis(5_500);

pub(super) async fn changed_credential(world: &mut World) -> Result<()> {
    // Encrypted for the wallet, or not.
    let edit = |path: &str, body: Vec<u8>| match path.contains("credential") {
        true if body.starts_with(b"ey") => change_middle(body),
        true => change_last_token(&body, b'"'),
        false => body,
    };
    let proxy = world.stack.reroute("population", Arc::new(edit)).await?;
    world.proxies.push(proxy);
    Ok(())
}

pub(super) async fn changed_request(world: &mut World) -> Result<()> {
    let edit = |_: &str, body: Vec<u8>| {
        if body.starts_with(b"ey") {
            change_middle(body)
        } else {
            body
        }
    };
    let proxy = world.stack.reroute("shop", Arc::new(edit)).await?;
    world.proxies.push(proxy);
    Ok(())
}

pub(super) async fn changed_lists(world: &mut World) -> Result<()> {
    let edit = |_: &str, body: Vec<u8>| {
        if body.starts_with(b"ey") {
            change_middle(body)
        } else {
            body
        }
    };
    let proxy = world.stack.reroute("population-status", Arc::new(edit)).await?;
    world.proxies.push(proxy);
    tokio::time::sleep(LIST_TIME).await;
    Ok(())
}

/// Another character in the middle of a token, which is its payload.
fn change_middle(mut token: Vec<u8>) -> Vec<u8> {
    let middle = token.len() / 2;
    if let Some(byte) = token.get_mut(middle) {
        *byte = if *byte == b'A' { b'B' } else { b'A' };
    }
    token
}

/// Another character in the first SD-JWT's signature, which ends before a tilde.
fn change_last_token(body: &[u8], quote: u8) -> Vec<u8> {
    let mut body = body.to_vec();
    let is_credential = body.windows(4).any(|window| window == [quote, b'e', b'y', b'J']);
    if let Some(tilde) = body.iter().position(|&byte| byte == b'~').filter(|_| is_credential) {
        let place = tilde.saturating_sub(10);
        body[place] = if body[place] == b'A' { b'B' } else { b'A' };
    }
    body
}
