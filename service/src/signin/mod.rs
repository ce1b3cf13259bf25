//! Signing in on a service's own pages: local operators with roles.
//!
//! An operator has a name, a role and a password, kept as an Argon2id hash
//! (RFC 9106). Whoever signs in gets a session, held by the service and named by
//! a cookie that no script can read; it ends after a quarter of an hour without
//! work, after eight hours, when the operator signs out, and when the password
//! changes. Wrong passwords make the next attempt wait, by name and by address,
//! whether there is such a name or not.
//!
//! [`SignIn::console`] puts all of this around the routes of a page; a route says
//! by [`Operator`] which [`Role`] it needs. Pages of forms, which send no JSON, use [`SignIn::enter`],
//! [`SignIn::who`] and [`SignIn::leave`], and keep other sites out themselves.

mod description;
mod extract;
mod forms;
mod guard;
mod lockout;
mod operators;
mod password;
mod routes;
mod session;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use url::Url;

pub use description::described;
pub use extract::{Operator, Presence, Role, Watcher};
pub use forms::SignedIn;
pub use operators::{Listed, OperatorError, OperatorName, OperatorNameError, Operators};
pub use password::{Password, PasswordError};

use crate::clock::Clock;
use crate::cookie::{Cookie, SameSite};
use crate::store::Sqlite;
pub(crate) use guard::Caller;
use password::Hashing;

/// The cookie that names a session, where the scheme is not https.
pub(crate) const SESSION_COOKIE: &str = "holdfast_session";

/// The tables of this module: a migration of the service's store.
pub const SCHEMA: &str = include_str!("schema.sql");

/// Signing in, as a part of a service. Cheap to clone.
///
/// A service that several organisations use has a realm for each: operators of one are none in
/// another, and one name may be in both. Its own operators are in the realm without a name.
#[derive(Clone)]
pub struct SignIn(Arc<Inner>, Arc<str>);

/// The realm of a request, where a layer around the console says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realm(pub String);

struct Inner {
    store: Sqlite,
    clock: Arc<dyn Clock>,
    /// The origin of the pages, for browsers that do not say where a request comes from.
    origin: String,
    cookie: Cookie,
    hashing: Hashing,
}

impl SignIn {
    /// Signs in operators of this store, on pages under this address.
    #[must_use]
    pub fn new(store: Sqlite, clock: Arc<dyn Clock>, public_url: &Url) -> Self {
        Self(
            Arc::new(Inner {
                store,
                clock,
                origin: public_url.origin().ascii_serialization(),
                cookie: Cookie::new(public_url, SESSION_COOKIE, SameSite::Strict),
                hashing: Hashing::new(),
            }),
            Arc::from(""),
        )
    }

    /// The same for the operators of a realm.
    fn in_realm(&self, realm: &str) -> Self {
        Self(Arc::clone(&self.0), Arc::from(realm))
    }

    /// The routes of a page with those for signing in beside them, all behind the
    /// guard: requests of other sites are refused, no answer is cached.
    pub fn console<S: Clone + Send + Sync + 'static>(&self, routes: Router<S>) -> Router<S> {
        let own = Router::new()
            .route("/sign-in", post(routes::sign_in))
            .route("/sign-out", post(routes::sign_out))
            .route("/me", get(routes::me));
        routes.merge(own).layer(from_fn_with_state(self.clone(), guard::guard))
    }

    fn now(&self) -> u64 {
        self.0.clock.now()
    }
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn")
            .field("origin", &self.0.origin)
            .finish_non_exhaustive()
    }
}
