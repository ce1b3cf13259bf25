//! Redeeming codes and refresh tokens. RFC 6749 §4.1.3 and §6, RFC 9449 §5

use oid4vci::{
    AuthorizationCodeRequest, CodeError, GrantState, IssuedRefresh, PreAuthorizedGrant, ProvenKeys, RefreshRequest,
    SecretHash, TokenErrorCode, TokenResponse, TokenType,
};

use super::wanted::{details_of, narrowed, types};
use crate::app::App;
use crate::error::ApiError;
use crate::store::Write;
use crate::store::authorizations::{self, Code};
use crate::store::offers::{self, Approval, Flow, Offer, Seen};
use crate::store::refresh_tokens::{self, RefreshToken};
use crate::store::together::Together;
use crate::store::tokens::{self, AccessToken, Wanted};

/// For how many seconds an access token is good, where nobody has to wait.
const TOKEN_SECONDS: u64 = 600;

/// An authorization: the name of its tokens, who holds them and with which keys.
pub(crate) struct Granted<'a> {
    pub(crate) grant_id: &'a str,
    pub(crate) client_id: Option<&'a str>,
    pub(crate) wanted: &'a Wanted,
    pub(crate) keys: ProvenKeys,
    /// For how many seconds its access tokens are good.
    pub(crate) seconds: u64,
}

/// Redeems an authorization code, in the transaction that has marked the proof. Whoever shows a used one makes all
/// tokens of its authorization worthless. RFC 6749 §4.1.2
pub(crate) async fn redeem_code(
    app: &App,
    mut write: Write,
    request: &AuthorizationCodeRequest,
    keys: ProvenKeys,
) -> Result<TokenResponse, ApiError> {
    let now = app.now();
    let Some(mut code) = authorizations::find_code(&mut write, &request.code).await? else {
        write.commit().await?;
        return Err(ApiError::token(TokenErrorCode::InvalidGrant, &"the code is unknown"));
    };
    if let Err(error) = code.issued.redeem(request, &keys, now) {
        if error == CodeError::Reused {
            tokens::revoke_grant(&mut write, &code.grant_id).await?;
            tracing::warn!("an authorization code came twice; its tokens are worthless");
        }
        write.commit().await?;
        return Err(ApiError::token(error.code(), &error));
    }
    let wanted = narrowed(&code.wanted, request.authorization_details.as_deref())
        .map_err(|(error, why)| ApiError::token(error, &why))?;
    let offers = match take_up(app, &mut write, &code, &wanted).await? {
        Ok(offers) => offers,
        Err(why) => {
            write.commit().await?;
            return Err(ApiError::token(TokenErrorCode::InvalidGrant, &why));
        }
    };
    let mut together = Together::default();
    for offer in &offers {
        tokens::add_to_grant(&mut together, &code.grant_id, offer, now);
    }
    authorizations::put_code(&mut write, &request.code, &code.issued).await?;
    let granted = Granted {
        grant_id: &code.grant_id,
        client_id: Some(code.issued.client_id()),
        wanted: &wanted,
        keys,
        seconds: seconds_of(app, &mut write, &offers).await?,
    };
    let mut response = grant_for(app, &mut together, &granted, &offers)?;
    together.run(&mut write).await?;
    write.commit().await?;
    response.authorization_details = details_of(&wanted);
    Ok(response)
}

/// The offers that a code is for: the one that led to it, or such as wallets make by themselves.
async fn take_up(
    app: &App,
    write: &mut Write,
    code: &Code,
    wanted: &Wanted,
) -> Result<Result<Vec<String>, &'static str>, ApiError> {
    let now = app.now();
    if let Some(id) = &code.offer_id {
        let Some(mut offer) = offers::find(&mut **write, id).await? else {
            return Ok(Err("the offer is gone"));
        };
        let taken = offer.grant.redeem(None, now);
        if taken.is_err() {
            return Ok(Err("the offer was taken up, withdrawn or is over"));
        }
        offers::put_grant(write, id, &offer.grant).await?;
        return Ok(Ok(vec![offer.id]));
    }
    // The agency may have decided something since the person signed in.
    if app.is_barred(write, wanted, &code.subject).await? {
        return Ok(Err("the agency decided against the card, or has not decided yet"));
    }
    let mut taken = Vec::new();
    for credential_type in types(wanted) {
        taken.push(ask_by_itself(app, write, &code.subject, credential_type).await?);
    }
    Ok(Ok(taken))
}

/// The offer for a wallet that came by itself. A person has one for each type as long as the card is good: whoever
/// signs in again asks for copies of the same card.
async fn ask_by_itself(
    app: &App,
    write: &mut Write,
    subject: &str,
    credential_type: String,
) -> Result<String, ApiError> {
    let now = app.now();
    let approval = app.approval(&credential_type, false);
    if let Some(offer) = offers::asked_for_before(write, subject, &credential_type, approval.is_some()).await? {
        return Ok(offer.id);
    }
    let mut grant = PreAuthorizedGrant::new(None, now);
    grant.state = GrantState::Used;
    let offer = Offer {
        id: service::random::id(),
        reference: service::random::token(),
        credential_type,
        formats: Vec::new(),
        subject: subject.to_owned(),
        flow: Flow::Wallet,
        code: None,
        tx_code_length: None,
        grant,
        seen: Seen::default(),
        approval,
    };
    offers::insert(write, &offer, &service::random::token(), now).await?;
    // Nobody knows the code, and it is of no use: it is erased at once.
    offers::put_grant(write, &offer.id, &offer.grant).await?;
    Ok(offer.id)
}

/// Uses a refresh token: a new access token for the same cards, but those that another wallet has since. It stays as it
/// is, bound to the wallet's keys. RFC 6749 §6
pub(crate) async fn redeem_refresh(
    app: &App,
    mut write: Write,
    request: &RefreshRequest,
    keys: ProvenKeys,
) -> Result<TokenResponse, ApiError> {
    let found = refresh_tokens::find(&mut write, &request.refresh_token).await?;
    let checked = match &found {
        None => Err("the refresh token is unknown".to_owned()),
        Some(token) => token
            .issued
            .check(request, &keys, app.now())
            .map_err(|error| error.to_string()),
    };
    let (Some(token), Ok(())) = (found, &checked) else {
        write.commit().await?;
        let why = checked.err().unwrap_or_default();
        return Err(ApiError::token(TokenErrorCode::InvalidGrant, &why));
    };
    let wanted = match &request.scope {
        None => token.wanted.clone(),
        Some(scope) => less(&token.wanted, scope)
            .ok_or_else(|| ApiError::token(TokenErrorCode::InvalidScope, &"the scope exceeds what was granted"))?,
    };
    let offers = tokens::grant_offers(&mut write, &token.grant_id).await?;
    let granted = Granted {
        grant_id: &token.grant_id,
        client_id: token.issued.client_id.as_deref(),
        wanted: &wanted,
        keys,
        seconds: seconds_of(app, &mut write, &offers).await?,
    };
    let mut together = Together::default();
    let mut response = access_token(app, &mut together, &granted, &offers)?;
    together.run(&mut write).await?;
    write.commit().await?;
    response.authorization_details = details_of(&wanted);
    Ok(response)
}

/// What is left of what was granted.
fn less(granted: &Wanted, scope: &str) -> Option<Wanted> {
    let asked: Vec<String> = scope
        .split(' ')
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect();
    let all = !asked.is_empty() && asked.iter().all(|one| granted.configurations.contains(one));
    all.then_some(Wanted {
        configurations: asked,
        asked_by: granted.asked_by,
    })
}

/// An access token, and a refresh token where the settings give any.
pub(crate) fn grant_for(
    app: &App,
    together: &mut Together,
    granted: &Granted<'_>,
    offers: &[String],
) -> Result<TokenResponse, ApiError> {
    let mut response = access_token(app, together, granted, offers)?;
    let seconds = app.0.settings.own.refresh_seconds;
    if seconds > 0 {
        let secret = service::random::token();
        let token = RefreshToken {
            issued: IssuedRefresh {
                client_id: granted.client_id.map(str::to_owned),
                keys: granted.keys,
                expires_at: app.now() + seconds,
            },
            wanted: granted.wanted.clone(),
            grant_id: granted.grant_id.to_owned(),
        };
        refresh_tokens::add(together, &secret, &token)?;
        response.refresh_token = Some(secret);
    }
    Ok(response)
}

/// An access token alone.
fn access_token(
    app: &App,
    together: &mut Together,
    granted: &Granted<'_>,
    offers: &[String],
) -> Result<TokenResponse, ApiError> {
    let Some(first) = offers.first() else {
        return Err(ApiError::token(
            TokenErrorCode::InvalidGrant,
            &"nothing is left of the grant",
        ));
    };
    let secret = service::random::token();
    let token = AccessToken {
        hash: SecretHash::of(&secret).0,
        offer_id: first.clone(),
        jkt: granted.keys.dpop_jkt,
        client_id: granted.client_id.map(str::to_owned),
        asked_by: granted.wanted.asked_by,
        grant_id: Some(granted.grant_id.to_owned()),
        configurations: Some(granted.wanted.configurations.clone()),
        expires_at: app.now() + granted.seconds,
    };
    tokens::add(together, &token)?;
    Ok(TokenResponse {
        access_token: secret,
        token_type: TokenType::Dpop,
        expires_in: Some(granted.seconds),
        scope: None,
        refresh_token: None,
        authorization_details: None,
    })
}

/// For how many seconds an access token for these offers is good.
async fn seconds_of(app: &App, write: &mut Write, ids: &[String]) -> Result<u64, ApiError> {
    let mut waits = false;
    for id in ids {
        let offer = offers::find(&mut **write, id).await?;
        waits |= offer.is_some_and(|offer| offer.approval == Some(Approval::Waiting));
    }
    Ok(token_seconds(app, waits))
}

/// For how many seconds an access token is good: a wallet that has to wait for an officer asks again with the same one.
/// OpenID4VCI 1.0 §9
pub(crate) fn token_seconds(app: &App, waits: bool) -> u64 {
    if waits {
        app.0.settings.own.deferred_seconds
    } else {
        TOKEN_SECONDS
    }
}
