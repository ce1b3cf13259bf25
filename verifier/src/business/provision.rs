//! Adding a business to the service, and changing it: by the registrar's portal.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ledger::Localized;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::registration::Registration;
use super::set::{watch_lists, watch_registrar};
use super::{ANONYMOUS, Business, MAIN, ProvisionError};
use crate::app::App;
use crate::check::{Check, checks_from_json, is_id, named_issuers, named_types};
use crate::error::ApiError;
use crate::identity::{Made, OpenError};

/// Checks that one business may have.
const MOST_CHECKS: usize = 64;
/// How long whoever sets checks waits for the ledger to be read.
const READING: Duration = Duration::from_secs(2);

/// A business to be added.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBusiness {
    pub(crate) id: String,
    name: BTreeMap<String, String>,
    contact_url: Option<String>,
}

/// What a registrar gave a business.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Certificates {
    /// In PEM, that of the access key first.
    access_certificate_chain: Vec<String>,
    /// An `rc-wrp+jwt`. ETSI TS 119 475
    registration_certificate: String,
}

/// Adds a business: its keys are made here, and nobody else ever has them.
pub(crate) async fn add(app: &App, new: NewBusiness) -> Result<Made, ApiError> {
    let name = Localized::new(new.name).map_err(|_| ApiError::Malformed)?;
    let is_address = |text: &String| text.len() <= 512 && url::Url::parse(text).is_ok();
    if !is_id(&new.id) || new.contact_url.as_ref().is_some_and(|text| !is_address(text)) {
        return Err(ApiError::Malformed);
    }
    let _changing = app.businesses.changing().lock().await;
    if [MAIN, ANONYMOUS].contains(&new.id.as_str()) || app.store.has_business(&new.id).await? {
        return Err(ProvisionError::Exists.into());
    }
    let made = app.businesses.home().make(&new.id, &name, app.now()).map_err(|error| {
        tracing::error!(%error, "a business was not made");
        ApiError::Internal("the identity of a business cannot be made")
    })?;
    // The keys are kept by now: whoever is told of the business finds them.
    app.store
        .add_business(&new.id, new.contact_url.as_deref(), app.now())
        .await?;
    let business = app.businesses.home().open(&new.id, BTreeMap::new(), app.now());
    let business = business.map_err(|error| unopened(&error))?;
    app.trust.update(|view| view.watch_business(business.did()));
    app.businesses.put(business);
    Ok(made)
}

/// Replaces the checks of a business. None may ask for what the business may not, as soon as that is known.
pub(crate) async fn set_checks(app: &App, id: &str, entries: &[Value]) -> Result<(), ApiError> {
    let business = added(app, id)?;
    if entries.len() > MOST_CHECKS {
        return Err(ProvisionError::TooMany.into());
    }
    let checks = checks_from_json(entries).map_err(ProvisionError::Checks)?;
    if !named_issuers(&checks).is_empty() || !named_types(&checks).is_empty() {
        return Err(ProvisionError::Fetches.into());
    }
    until_in_scope(app, &business, &checks).await;
    let _changing = app.businesses.changing().lock().await;
    let business = added(app, id)?;
    check_scopes(app, &business, &checks)?;
    // Nothing is stored of a business that cannot be opened.
    let changed = app.businesses.home().open(id, checks, app.now());
    let changed = changed.map_err(|error| unopened(&error))?;
    let changed = changed.with_registration(business.registration_text(), app.now());
    app.store
        .set_checks(id, &Value::from(entries.to_vec()).to_string())
        .await?;
    watch_lists(&changed, &app.trust, app.now());
    app.businesses.put(changed);
    Ok(())
}

/// A registrar says what a business may ask as soon as the ledger does, which may not have been read since. The ledger is
/// read before such checks are refused; twice at most, since a reading that is under way may have begun too early.
async fn until_in_scope(app: &App, business: &Business, checks: &BTreeMap<String, Check>) {
    let end = Instant::now() + READING;
    for _ in 0..2 {
        if check_scopes(app, business, checks).is_ok() || timeout_at(end, app.trust.want_and_wait()).await.is_err() {
            return;
        }
    }
}

fn check_scopes(app: &App, business: &Business, checks: &BTreeMap<String, Check>) -> Result<(), ApiError> {
    let view = app.trust.view();
    checks.values().try_for_each(|check| business.check_scope(check, &view))
}

/// Takes the certificates of a business, which asks from then on, as soon as the ledger lists them.
pub(crate) async fn set_certificates(app: &App, id: &str, given: &Certificates) -> Result<(), ApiError> {
    let _changing = app.businesses.changing().lock().await;
    let business = added(app, id)?;
    let text = &given.registration_certificate;
    let registration = Registration::check(text, business.did(), app.now()).map_err(ProvisionError::from)?;
    let pem: String = given
        .access_certificate_chain
        .iter()
        .flat_map(|one| [one.trim(), "\n"])
        .collect();
    match app.businesses.home().keep_certificates(id, &pem, app.now()) {
        Ok(()) => {}
        Err(OpenError::Certificate(error)) => return Err(ProvisionError::from(error).into()),
        Err(error) => return Err(unopened(&error)),
    }
    app.store.set_registration(id, text).await?;
    let changed = app.businesses.home().open(id, business.checks().clone(), app.now());
    let mut changed = changed.map_err(|error| unopened(&error))?;
    changed.registration = Some(registration);
    watch_registrar(&changed, &app.trust);
    app.businesses.put(changed);
    app.trust.want();
    Ok(())
}

/// A business that can be changed.
pub(crate) fn added(app: &App, id: &str) -> Result<Arc<Business>, ApiError> {
    let business = app.businesses.get(id).filter(|business| business.is_added());
    business.ok_or(ApiError::NotFound)
}

fn unopened(error: &OpenError) -> ApiError {
    tracing::error!(%error, "a business cannot be opened");
    ApiError::Internal("a business cannot be opened")
}
