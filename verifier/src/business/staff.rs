//! The staff of a business that was added: invited, listed and taken away by whoever acts for it. Whoever is invited
//! picks a password, which nobody else ever has. docs/businesses.md

use jose::UnixTime;
use serde::{Deserialize, Serialize};
use service::letter_code;
use service::signin::{OperatorError, OperatorName, Operators, Password};
use zeroize::Zeroizing;

use super::{Business, ProvisionError};
use crate::app::App;
use crate::error::ApiError;
use crate::roles;
use crate::store::{NewInvitation, StoreFailure};

/// For how many seconds an invitation can be used: fourteen days.
const LIFETIME: UnixTime = 14 * 86_400;
/// Invitations that one business may have at a time, and people on its staff.
const MOST: usize = 64;
/// What tells the code of an invitation from other codes.
const CODE: &str = "holdfast/invitation/v1\n";

/// Somebody who is to join.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    name: String,
    role: String,
}

/// An invitation that was made just now: its code is told this once.
#[derive(Serialize)]
pub(crate) struct Fresh {
    id: String,
    code: String,
    expires: UnixTime,
}

/// Somebody on the staff.
#[derive(Debug, Serialize)]
pub(crate) struct Member {
    name: String,
    role: String,
}

/// Somebody who was invited.
#[derive(Debug, Serialize)]
pub(crate) struct Invited {
    id: String,
    name: String,
    role: String,
    expires: UnixTime,
}

/// All who are on the staff, and all who were invited.
#[derive(Debug, Serialize)]
pub(crate) struct Listed {
    operators: Vec<Member>,
    invitations: Vec<Invited>,
}

/// What somebody types who was invited.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Joining {
    code: String,
    password: String,
}

/// Who is on the staff of a business, and who was invited.
pub(crate) async fn list(app: &App, business: &Business) -> Result<Listed, ApiError> {
    let operators = of(app, business).list().await.map_err(refused)?;
    let rows = app.store.invitations(business.id(), app.now()).await?;
    let invited = |row: crate::store::InvitationRow| {
        Ok(Invited {
            expires: row.expires_at()?,
            id: row.id,
            name: row.name,
            role: row.role,
        })
    };
    let invitations: Result<_, StoreFailure> = rows.into_iter().map(invited).collect();
    let member = |operator: service::signin::Listed| Member {
        name: operator.name,
        role: operator.role,
    };
    Ok(Listed {
        operators: operators.into_iter().map(member).collect(),
        invitations: invitations?,
    })
}

/// Invites somebody by a name that nobody on the staff has.
pub(crate) async fn invite(app: &App, business: &Business, wanted: &Wanted) -> Result<Fresh, ApiError> {
    let name: OperatorName = wanted.name.parse().map_err(|_| ApiError::Malformed)?;
    if ![roles::STAFF, roles::OWNER].contains(&wanted.role.as_str()) {
        return Err(ApiError::Malformed);
    }
    let operators = of(app, business).list().await.map_err(refused)?;
    if operators.iter().any(|operator| operator.name == name.as_str()) {
        return Err(ProvisionError::OperatorExists.into());
    }
    if operators.len() >= MOST {
        return Err(ProvisionError::TooMany.into());
    }
    let fresh = Fresh {
        id: service::random::id(),
        code: letter_code::of(service::random::bytes()),
        expires: app.now().saturating_add(LIFETIME),
    };
    let new = NewInvitation {
        id: &fresh.id,
        business: business.id(),
        code: letter_code::hash(CODE, &fresh.code),
        name: name.as_str(),
        role: &wanted.role,
        expires_at: fresh.expires,
    };
    if app.store.invite(&new, MOST as u64, app.now()).await? {
        Ok(fresh)
    } else {
        Err(ProvisionError::TooMany.into())
    }
}

/// Takes somebody off the staff, whose sessions end with that. Somebody stays, and an owner where there was one.
pub(crate) async fn remove(app: &App, business: &Business, name: &str) -> Result<(), ApiError> {
    let name: OperatorName = name.parse().map_err(|_| ApiError::NotFound)?;
    let removed = of(app, business).remove_unless_last(&name, roles::OWNER).await;
    removed.map_err(refused)
}

/// Lets somebody in who was invited. The code is used up with that, whatever comes of it.
pub(crate) async fn join(app: &App, business: &Business, joining: Joining) -> Result<(), ApiError> {
    let password = Zeroizing::new(joining.password);
    let password = Password::new(&password).map_err(|_| ApiError::PasswordRefused)?;
    let code = letter_code::hash(CODE, &joining.code);
    let invited = app.store.use_invitation(business.id(), code, app.now()).await?;
    let invited = invited.ok_or(ApiError::WrongCode)?;
    let name: OperatorName = invited.name.parse().map_err(|_| ApiError::WrongCode)?;
    let added = of(app, business).add(&name, &invited.role, &password, app.now()).await;
    added.map_err(refused)?;
    tracing::info!(
        business = business.id(),
        role = invited.role,
        "somebody joined the staff"
    );
    Ok(())
}

fn of<'a>(app: &'a App, business: &'a Business) -> Operators<'a> {
    Operators::of_realm(app.store.sqlite(), business.realm())
}

fn refused(error: OperatorError) -> ApiError {
    match error {
        OperatorError::Exists => ProvisionError::OperatorExists.into(),
        OperatorError::Unknown => ApiError::NotFound,
        OperatorError::Last => ProvisionError::LastOperator.into(),
        OperatorError::Password(_) => ApiError::PasswordRefused,
        OperatorError::Store(error) => ApiError::Store(StoreFailure::Database(error)),
        _ => ApiError::Internal("the staff cannot be read or written"),
    }
}
