use crate::budget;
use crate::list::{Bits, ListError, OutOfRange, StatusList};
use crate::status::Status;
use crate::{StatusPurpose, StatusReference};
use jose::{
    Budget, JwsError, JwsHeader, OverBudget, SignError, Signer, UnixTime, UnverifiedJws, VerifyingKey, Work, base64url,
    claims, sign_compact,
};
use serde_json::{Map, Value, json};
use thiserror::Error;

/// The exact `typ` of a status list token. draft-ietf-oauth-status-list §5.1
const TYP: &str = "statuslist+jwt";

/// How far an issuer's clock may be ahead of ours.
const LEEWAY: UnixTime = 60;

/// Why a status list token was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Not a JWS of an allowed algorithm and `typ`, or a bad signature.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// `sub` is not the URI that the credential names. §8.3
    #[error("the token is of another list")]
    Subject,
    /// `iat` is missing or no number of seconds. §5.1
    #[error("iat is missing or malformed")]
    IssuedAt,
    /// `iat` lies more than a minute ahead.
    #[error("the token was issued in the future")]
    InFuture,
    /// `exp` is malformed.
    #[error("exp is malformed")]
    ExpiryMalformed,
    /// `exp` has passed. §8.3
    #[error("the token has expired")]
    Expired,
    /// `ttl` is no positive number. §5.1
    #[error("ttl is malformed")]
    TimeToLive,
    /// `status_list` is missing or malformed. §4.2
    #[error("status_list is missing or malformed")]
    Malformed,
    /// The list in it.
    #[error(transparent)]
    List(#[from] ListError),
    /// A token issued before the one that is held already.
    #[error("the token is older than the one held")]
    OlderThanHeld,
    /// More bytes than the reader's budget allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}

/// A token as it came off the wire.
#[derive(Debug)]
pub struct UnverifiedToken {
    jws: UnverifiedJws,
    budget: Budget,
}

impl UnverifiedToken {
    /// Parses the compact form.
    ///
    /// # Errors
    /// [`TokenError::Jws`], [`TokenError::OverBudget`]
    pub fn parse(compact: &str) -> Result<Self, TokenError> {
        Self::parse_within(compact, budget::TOKEN)
    }

    /// Parses the compact form; this and all that follows stays within the budget.
    ///
    /// # Errors
    /// [`TokenError::Jws`], [`TokenError::OverBudget`]
    pub fn parse_within(compact: &str, mut budget: Budget) -> Result<Self, TokenError> {
        budget.spend(Work::Bytes, compact.len())?;
        let jws = UnverifiedJws::parse_within(compact, &mut budget)?;
        Ok(Self { jws, budget })
    }

    /// The header, from which policy finds a key; nothing in it is believed.
    #[must_use]
    pub fn header(&self) -> &JwsHeader {
        self.jws.header()
    }

    /// Checks signature, type, subject and times, and inflates the list.
    /// draft-ietf-oauth-status-list §8.3 steps 3 to 5
    ///
    /// # Errors
    /// [`TokenError`]
    pub fn verify(self, key: &VerifyingKey, uri: &str, now: UnixTime) -> Result<VerifiedList, TokenError> {
        let Self { jws, mut budget } = self;
        let claims = jws.verify_within(key, TYP, &mut budget)?.claims_from(&mut budget)?;
        if claims.get("sub").and_then(Value::as_str) != Some(uri) {
            return Err(TokenError::Subject);
        }
        let issued_at = claims::numeric_date(&claims, "iat")
            .ok()
            .flatten()
            .ok_or(TokenError::IssuedAt)?;
        if issued_at > now.saturating_add(LEEWAY) {
            return Err(TokenError::InFuture);
        }
        let expires = claims::numeric_date(&claims, "exp").map_err(|_| TokenError::ExpiryMalformed)?;
        if expires.is_some_and(|expires| expires <= now) {
            return Err(TokenError::Expired);
        }
        let time_to_live = time_to_live(&claims)?;
        let list = status_list(&claims, &mut budget)?;
        Ok(VerifiedList {
            uri: uri.to_owned(),
            issued_at,
            expires,
            time_to_live,
            list,
            purposes: Vec::new(),
        })
    }
}

fn time_to_live(claims: &Map<String, Value>) -> Result<Option<u64>, TokenError> {
    let positive = |value: &Value| {
        value
            .as_u64()
            .filter(|seconds| *seconds > 0)
            .ok_or(TokenError::TimeToLive)
    };
    claims.get("ttl").map(positive).transpose()
}

fn status_list(claims: &Map<String, Value>, budget: &mut Budget) -> Result<StatusList, TokenError> {
    let list = claims.get("status_list").ok_or(TokenError::Malformed)?;
    let bits = list.get("bits").and_then(Value::as_u64).ok_or(TokenError::Malformed)?;
    let compressed = list.get("lst").and_then(Value::as_str).ok_or(TokenError::Malformed)?;
    let compressed = base64url::decode(compressed).map_err(|_| TokenError::Malformed)?;
    Ok(StatusList::inflate(Bits::try_from(bits)?, &compressed, budget)?)
}

/// A list whose token has been checked.
#[derive(Clone, Debug)]
pub struct VerifiedList {
    uri: String,
    issued_at: UnixTime,
    expires: Option<UnixTime>,
    time_to_live: Option<u64>,
    list: StatusList,
    /// What the bits of a Bitstring Status List stand for; of a Token Status List nothing.
    purposes: Vec<StatusPurpose>,
}

/// When a list was made, and for how long it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListTimes {
    /// When it was issued.
    pub issued_at: UnixTime,
    /// From when on it counts no longer.
    pub expires: Option<UnixTime>,
    /// For how many seconds a copy may be kept.
    pub time_to_live: Option<u64>,
}

/// Why a list says nothing of a card. The card must be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LookUpError {
    /// The place is in another list.
    #[error("the place is in another list")]
    OtherList,
    /// The list is of another kind than the card says, or for another purpose. Bitstring Status List 1.0 §3.2
    #[error("the list has another purpose")]
    Purpose,
    /// The list ends before the place. draft-ietf-oauth-status-list §8.3
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

impl VerifiedList {
    /// A Bitstring Status List whose credential has been checked: one bit for each card, the first card in the lowest
    /// bit of the first byte.
    #[must_use]
    pub fn of_bits(uri: String, purposes: Vec<StatusPurpose>, list: StatusList, times: ListTimes) -> Self {
        Self {
            uri,
            issued_at: times.issued_at,
            expires: times.expires,
            time_to_live: times.time_to_live,
            list,
            purposes,
        }
    }

    /// The status of the card whose place this is.
    ///
    /// # Errors
    /// [`LookUpError`]
    pub fn look_up(&self, place: &StatusReference) -> Result<Status, LookUpError> {
        if place.uri != self.uri {
            return Err(LookUpError::OtherList);
        }
        let fits = match place.purpose {
            None => self.purposes.is_empty(),
            Some(purpose) => self.purposes.contains(&purpose),
        };
        if !fits {
            return Err(LookUpError::Purpose);
        }
        let status = self.list.status(place.index)?;
        Ok(match (place.purpose, status) {
            (Some(purpose), Status::Invalid) => purpose.when_set(),
            (_, status) => status,
        })
    }

    /// The status at an index, whatever list a card names.
    ///
    /// # Errors
    /// [`OutOfRange`]: the card must be refused.
    pub fn status(&self, index: u64) -> Result<Status, OutOfRange> {
        self.list.status(index)
    }

    /// Takes the place of the list that is held, unless it is older.
    ///
    /// # Errors
    /// [`TokenError::OlderThanHeld`], [`TokenError::Subject`]
    pub fn succeed(self, held: Option<&Self>) -> Result<Self, TokenError> {
        match held {
            Some(held) if held.uri != self.uri => Err(TokenError::Subject),
            Some(held) if held.issued_at > self.issued_at => Err(TokenError::OlderThanHeld),
            _ => Ok(self),
        }
    }

    /// Whether the issuer still stands by the list: not after `exp`.
    #[must_use]
    pub fn is_current(&self, now: UnixTime) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }

    /// When a fresh copy is wanted: `ttl` after it was issued. §13.7
    #[must_use]
    pub fn refresh_at(&self) -> Option<UnixTime> {
        self.time_to_live.map(|seconds| self.issued_at.saturating_add(seconds))
    }

    /// How old the statement is, in seconds.
    #[must_use]
    pub fn age(&self, now: UnixTime) -> u64 {
        now.saturating_sub(self.issued_at)
    }

    /// Which list this is.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// When it was issued.
    #[must_use]
    pub fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// The list itself.
    #[must_use]
    pub fn list(&self) -> &StatusList {
        &self.list
    }
}

/// What an issuer says in a token beside the list.
#[derive(Clone, Debug)]
pub struct StatusClaims<'a> {
    /// `sub`: the URI under which the token is published.
    pub uri: &'a str,
    /// `iat`
    pub issued_at: UnixTime,
    /// `exp`
    pub expires: UnixTime,
    /// `ttl` in seconds.
    pub time_to_live: u64,
    /// `aggregation_uri` of the list. §9.2
    pub aggregation_uri: Option<&'a str>,
}

/// Signs a status list token. `header` brings `kid` or `x5c`; its `typ` is set
/// here. draft-ietf-oauth-status-list §5.1
///
/// # Errors
/// [`SignError`]
pub fn sign_token(
    header: JwsHeader,
    said: &StatusClaims<'_>,
    list: &StatusList,
    signer: &dyn Signer,
) -> Result<String, SignError> {
    let mut status_list = json!({"bits": list.bits().number(), "lst": base64url::encode(list.deflate())});
    if let (Some(uri), Some(members)) = (said.aggregation_uri, status_list.as_object_mut()) {
        members.insert("aggregation_uri".to_owned(), uri.into());
    }
    let payload = json!({
        "sub": said.uri,
        "iat": said.issued_at,
        "exp": said.expires,
        "ttl": said.time_to_live,
        "status_list": status_list,
    });
    sign_compact(&header.with_typ(TYP), payload.to_string().as_bytes(), signer)
}
