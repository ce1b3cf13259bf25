//! Offers and their codes.

use card_formats::Format;
use oid4vci::{PreAuthorizedGrant, SecretHash};
use serde::Deserialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteExecutor};

use super::{Write, signed, unreadable, unsigned};

/// An offer.
#[derive(Clone)]
pub struct Offer {
    /// Its name towards whoever made it.
    pub id: String,
    /// Its name towards the wallet; whoever knows it can read the code.
    pub reference: String,
    /// What is offered.
    pub credential_type: String,
    /// In which formats; none: what the token of a wallet that came by itself says, and in an offer of a version before
    /// the first in which the type is issued.
    pub formats: Vec<Format>,
    /// To whom.
    pub subject: String,
    /// How it is taken up.
    pub flow: Flow,
    /// The pre-authorized code or the `issuer_state`, until it was used.
    pub code: Option<String>,
    /// How many digits the transaction code has, if there is one.
    pub tx_code_length: Option<u32>,
    /// Where the code stands.
    pub grant: PreAuthorizedGrant,
    /// What happened to it besides.
    pub seen: Seen,
    /// What an officer said, where one has to.
    pub approval: Option<Approval>,
}

/// What an officer said about a card that has to be approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// Nothing yet.
    Waiting,
    /// It may be issued.
    Approved,
    /// It is not issued, for good.
    Denied,
}

impl Approval {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Denied => "denied",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Waiting, Self::Approved, Self::Denied]
            .into_iter()
            .find(|approval| approval.name() == name)
    }
}

/// How an offer is taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// With the code that it carries. OpenID4VCI 1.0 §3.5
    #[default]
    PreAuthorizedCode,
    /// The person signs in. OpenID4VCI 1.0 §3.4
    AuthorizationCode,
    /// A wallet asked for it by itself; nobody was offered anything.
    #[serde(skip)]
    Wallet,
}

impl Flow {
    const fn name(self) -> &'static str {
        match self {
            Self::PreAuthorizedCode => "pre_authorized_code",
            Self::AuthorizationCode => "authorization_code",
            Self::Wallet => "wallet",
        }
    }

    fn from_name(name: &str) -> Self {
        match name {
            "authorization_code" => Self::AuthorizationCode,
            "wallet" => Self::Wallet,
            _ => Self::PreAuthorizedCode,
        }
    }
}

/// Whether a wallet has read an offer, and whether the agency took it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// A wallet has read it.
    pub opened: bool,
    /// The agency took it back.
    pub withdrawn: bool,
}

impl std::fmt::Debug for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Offer").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Keeps a new offer.
pub async fn insert(write: &mut Write, offer: &Offer, code: &str, now: u64) -> Result<(), sqlx::Error> {
    sqlx::query(
        r#"INSERT INTO offers (id, reference, credential_type, subject, code, code_hash, tx_code_length, "grant",
           expires_at, created_at, flow, approval, formats) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"#,
    )
    .bind(&offer.id)
    .bind(&offer.reference)
    .bind(&offer.credential_type)
    .bind(&offer.subject)
    .bind(code)
    .bind(SecretHash::of(code).0.to_vec())
    .bind(offer.tx_code_length)
    .bind(serde_json::to_string(&offer.grant).map_err(unreadable)?)
    .bind(signed(offer.grant.expires_at))
    .bind(signed(now))
    .bind(offer.flow.name())
    .bind(offer.approval.map(Approval::name))
    .bind(names(&offer.formats))
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// An offer by its id.
pub async fn find(executor: impl SqliteExecutor<'_>, id: &str) -> Result<Option<Offer>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM offers WHERE id = ?")
        .bind(id)
        .fetch_optional(executor)
        .await?;
    row.map(|row| offer(&row)).transpose()
}

/// An offer by the name the wallet knows.
pub async fn find_by_reference(
    executor: impl SqliteExecutor<'_>,
    reference: &str,
) -> Result<Option<Offer>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM offers WHERE reference = ?")
        .bind(reference)
        .fetch_optional(executor)
        .await?;
    row.map(|row| offer(&row)).transpose()
}

/// An offer by its pre-authorized code, or by its `issuer_state`: one is never taken for the other.
pub async fn find_by_code(
    executor: impl SqliteExecutor<'_>,
    flow: Flow,
    code: &str,
) -> Result<Option<Offer>, sqlx::Error> {
    let hash = SecretHash::of(code).0.to_vec();
    let row = sqlx::query("SELECT * FROM offers WHERE code_hash = ? AND flow = ?")
        .bind(hash)
        .bind(flow.name())
        .fetch_optional(executor)
        .await?;
    row.map(|row| offer(&row)).transpose()
}

/// Keeps where the code stands now. A code that cannot be redeemed any more is erased.
pub async fn put_grant(write: &mut Write, id: &str, grant: &PreAuthorizedGrant) -> Result<(), sqlx::Error> {
    let open = matches!(grant.state, oid4vci::GrantState::Open { .. });
    sqlx::query(r#"UPDATE offers SET "grant" = ?, code = CASE WHEN ? THEN code END WHERE id = ?"#)
        .bind(serde_json::to_string(grant).map_err(unreadable)?)
        .bind(open)
        .bind(id)
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Notes that a wallet has read an offer.
pub async fn opened(write: &mut Write, id: &str, now: u64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE offers SET opened_at = ? WHERE id = ? AND opened_at IS NULL")
        .bind(signed(now))
        .bind(id)
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Takes an offer back: with this grant it cannot be redeemed, and its code is erased.
pub async fn withdraw(write: &mut Write, id: &str, grant: &PreAuthorizedGrant, now: u64) -> Result<(), sqlx::Error> {
    sqlx::query(r#"UPDATE offers SET "grant" = ?, code = NULL, expires_at = ?, withdrawn_at = ? WHERE id = ?"#)
        .bind(serde_json::to_string(grant).map_err(unreadable)?)
        .bind(signed(grant.expires_at))
        .bind(signed(now))
        .bind(id)
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Keeps what an officer said.
pub async fn decide(write: &mut Write, id: &str, approval: Approval, now: u64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE offers SET approval = ?, decided_at = ? WHERE id = ?")
        .bind(approval.name())
        .bind(signed(now))
        .bind(id)
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Whether something that the agency decided stands against a card that a wallet asks for by itself: the person's newest
/// card of the type is revoked or suspended; a card was denied, and none was issued since; or one still has to be
/// approved. What nobody can take up or waits for any more is not in the way.
pub async fn is_barred(write: &mut Write, subject: &str, credential_type: &str, now: u64) -> Result<bool, sqlx::Error> {
    if newest_is_not_valid(write, subject, credential_type).await? {
        return Ok(true);
    }
    let row = sqlx::query(
        "SELECT 1 FROM offers AS offer WHERE offer.subject = ?1 AND offer.credential_type = ?2 AND
           ((offer.approval = 'denied' AND NOT EXISTS
              (SELECT 1 FROM credentials AS card WHERE card.subject = ?1 AND card.credential_type = ?2
               AND card.status = 0 AND card.issued_at > offer.decided_at))
            OR (offer.approval = 'waiting' AND offer.flow <> 'wallet' AND offer.withdrawn_at IS NULL
                AND offer.expires_at > ?3)
            OR (offer.approval = 'waiting' AND EXISTS
              (SELECT 1 FROM deferred WHERE deferred.offer_id = offer.id AND deferred.expires_at > ?3)))",
    )
    .bind(subject)
    .bind(credential_type)
    .bind(signed(now))
    .fetch_optional(&mut **write)
    .await?;
    Ok(row.is_some())
}

/// Whether the person's newest card of the type is revoked or suspended.
pub async fn newest_is_not_valid(write: &mut Write, subject: &str, credential_type: &str) -> Result<bool, sqlx::Error> {
    let row = sqlx::query(
        "SELECT 1 FROM credentials AS card WHERE card.subject = ?1 AND card.credential_type = ?2 AND card.status <> 0
         AND card.issued_at = (SELECT max(issued_at) FROM credentials WHERE subject = ?1 AND credential_type = ?2)",
    )
    .bind(subject)
    .bind(credential_type)
    .fetch_optional(&mut **write)
    .await?;
    Ok(row.is_some())
}

/// What a person's wallet asked for by itself before and can go on with: an offer whose card is good, or that has none
/// yet; where an approval is needed, one that asks for it.
pub async fn asked_for_before(
    write: &mut Write,
    subject: &str,
    credential_type: &str,
    needs_approval: bool,
) -> Result<Option<Offer>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT offers.* FROM offers LEFT JOIN credentials ON credentials.offer_id = offers.id
         WHERE offers.subject = ?1 AND offers.credential_type = ?2 AND offers.flow = 'wallet'
         AND offers.approval IS NOT 'denied' AND coalesce(credentials.status, 0) = 0
         AND (credentials.id IS NOT NULL OR offers.approval IS NOT NULL OR NOT ?3)
         ORDER BY offers.created_at DESC, offers.id LIMIT 1",
    )
    .bind(subject)
    .bind(credential_type)
    .bind(needs_approval)
    .fetch_optional(&mut **write)
    .await?;
    row.map(|row| offer(&row)).transpose()
}

/// Offers whose cards wallets wait for until an officer says something, oldest first, at most so many.
pub async fn awaiting_approval(
    executor: impl SqliteExecutor<'_>,
    now: u64,
    most: u32,
) -> Result<Vec<Offer>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT * FROM offers WHERE approval = 'waiting' AND id IN
         (SELECT offer_id FROM deferred WHERE expires_at > ?) ORDER BY created_at, id LIMIT ?",
    )
    .bind(signed(now))
    .bind(most)
    .fetch_all(executor)
    .await?;
    rows.iter().map(offer).collect()
}

/// Erases codes that nobody redeemed in time.
pub async fn erase_expired_codes(write: &mut Write, now: u64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE offers SET code = NULL WHERE code IS NOT NULL AND expires_at <= ?")
        .bind(signed(now))
        .execute(&mut **write)
        .await?;
    Ok(())
}

fn names(formats: &[Format]) -> String {
    let names: Vec<&str> = formats.iter().map(|format| format.name()).collect();
    names.join(" ")
}

fn named(names: &str) -> Result<Vec<Format>, sqlx::Error> {
    let known = |name| Format::named(name).ok_or(sqlx::Error::Decode("unknown format".into()));
    names.split_whitespace().map(known).collect()
}

pub(super) fn offer(row: &SqliteRow) -> Result<Offer, sqlx::Error> {
    let grant: String = row.try_get("grant")?;
    let length: Option<i64> = row.try_get("tx_code_length")?;
    let approval: Option<String> = row.try_get("approval")?;
    Ok(Offer {
        id: row.try_get("id")?,
        reference: row.try_get("reference")?,
        credential_type: row.try_get("credential_type")?,
        formats: named(&row.try_get::<String, _>("formats")?)?,
        subject: row.try_get("subject")?,
        flow: Flow::from_name(&row.try_get::<String, _>("flow")?),
        code: row.try_get("code")?,
        tx_code_length: length.and_then(|length| u32::try_from(unsigned(length)).ok()),
        grant: serde_json::from_str(&grant).map_err(unreadable)?,
        seen: Seen {
            opened: row.try_get::<Option<i64>, _>("opened_at")?.is_some(),
            withdrawn: row.try_get::<Option<i64>, _>("withdrawn_at")?.is_some(),
        },
        approval: approval
            .map(|name| Approval::from_name(&name).ok_or(sqlx::Error::Decode("unknown approval".into())))
            .transpose()?,
    })
}
