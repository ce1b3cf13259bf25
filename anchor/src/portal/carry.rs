//! Carrying out what was decided: keys, certificates, entries of the ledger, the verifier. docs/registration.md §4
//!
//! Each part may be done again: what was written before is found and not written twice. Where a part fails, the
//! application stays where it is and is taken up again later.

use std::time::Duration;

use did::Did;
use jose::{PublicJwk, UnixTime, x5c};
use ledger::{BlobRef, Hash, Kind, OrganisationRecord, PrivateBlob, RevocationReason, Scope};
use service::CancellationToken;

use super::Portal;
use super::authority::{AuthorityError, Certified};
use super::checks::checks;
use super::content::{Applicant, Hosting, Terms};
use super::provision::ProvisionError;
use super::registration::Register;
use super::state::{Actor, State, Step};
use super::store::{Anchored, ApplyError, Business, Filed};
use crate::pages::address;
use crate::registrar::{Application, ApplicationError, Decision, RegistrarError};

/// For how long a suspension by one operator holds, in seconds: 72 hours.
pub const UNCONFIRMED: UnixTime = 72 * 3600;
/// Between two looks at what is to be done.
const PAUSE: Duration = Duration::from_secs(30);
/// How long a page waits for what it set going.
const PATIENCE: Duration = Duration::from_secs(6);

/// Why something that was decided is not carried out yet.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CarryError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
    /// The ledger did not take it.
    #[error(transparent)]
    Registrar(#[from] RegistrarError),
    /// The verifier did not do its part.
    #[error(transparent)]
    Verifier(#[from] ProvisionError),
    /// No certificate could be made.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The application file cannot be used.
    #[error(transparent)]
    Application(#[from] ApplicationError),
    /// What would be written breaks a rule.
    #[error(transparent)]
    Payload(#[from] ledger::PayloadError),
    /// The registration certificate could not be signed.
    #[error(transparent)]
    Sign(#[from] jose::SignError),
    /// The step could not be taken.
    #[error("a step could not be taken: {0}")]
    Step(String),
    /// The DID belongs to another organisation, or this one has another.
    #[error("the DID is another organisation's")]
    OtherDid,
    /// What is in force is suspended: nothing takes its place meanwhile.
    #[error("what is in force is suspended")]
    Suspended,
    /// A row lacks what was written before.
    #[error("the store lacks {0}")]
    Missing(&'static str),
}

impl From<ApplyError> for CarryError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Store(error) => Self::Store(error),
            other => Self::Step(other.to_string()),
        }
    }
}

/// An organisation with its keys.
struct Keyed {
    did: Did,
    line: String,
    certificates: Vec<Hash>,
    /// The access certificate by the registrar, where there is one.
    access: Option<Certified>,
}

impl Portal {
    /// Carries out what is to be done, again and again, until `stop` is cancelled.
    pub async fn work(self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.carry_out().await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the portal cannot look for its work"
                );
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    /// Carries out all that is to be done now. What cannot be done stays for the next time.
    ///
    /// # Errors
    /// Where the portal's store cannot be read.
    pub async fn carry_out(&self) -> Result<(), sqlx::Error> {
        let _turn = self.inner.working.lock().await;
        let now = self.now();
        for filed in self
            .inner
            .store
            .unfinished(now, now.saturating_sub(UNCONFIRMED))
            .await?
        {
            if let Err(error) = self.carry(&filed, now).await {
                self.inner.store.put_off(&filed.id, now).await?;
                tracing::warn!(
                    application = %filed.id,
                    error = &error as &dyn std::error::Error,
                    "an application waits"
                );
            }
        }
        // After all decisions, of which none waits for rules.
        self.anchor_rules(now).await
    }

    /// Sets the work going, and waits a little for it: most of it is done in a second.
    pub(crate) async fn settle(&self) {
        let portal = self.clone();
        let work = tokio::spawn(async move { portal.carry_out().await });
        // What takes longer goes on by itself; what fails is taken up again.
        let _ = tokio::time::timeout(PATIENCE, work).await;
    }

    async fn carry(&self, filed: &Filed, now: UnixTime) -> Result<(), CarryError> {
        let is_over = filed.valid_until.is_some_and(|until| until <= now);
        let unconfirmed = filed.confirmed_by.is_none()
            && filed
                .suspended_at
                .is_some_and(|at| at.saturating_add(UNCONFIRMED) <= now);
        match filed.state {
            State::Approved => self.register(filed, now).await,
            State::Registered | State::Suspended if is_over => self.rule(filed, Step::Expire, now).await,
            State::Suspended if unconfirmed => self.rule(filed, Step::Lift, now).await,
            State::Registered => self.write_anew(filed, now).await,
            State::Suspended | State::Revoked => self.take_off(filed, now).await,
            _ => Ok(()),
        }
    }

    async fn rule(&self, filed: &Filed, step: Step, now: UnixTime) -> Result<(), CarryError> {
        let store = &self.inner.store;
        store
            .apply(&filed.id, filed.version, Actor::Rule, step, "", now)
            .await?;
        Ok(())
    }

    /// From approved to registered.
    async fn register(&self, filed: &Filed, now: UnixTime) -> Result<(), CarryError> {
        let store = &self.inner.store;
        let in_force = store.in_force(&filed.business).await?;
        if in_force.as_ref().is_some_and(|other| other.state == State::Suspended) {
            return Err(CarryError::Suspended);
        }
        self.write_anew(filed, now).await?;
        if let Some(before) = in_force {
            self.rule(&before, Step::Replace, now).await?;
        }
        self.rule(filed, Step::Anchor, now).await
    }

    /// Brings ledger, certificates and verifier to what an application says.
    async fn write_anew(&self, filed: &Filed, now: UnixTime) -> Result<(), CarryError> {
        let store = &self.inner.store;
        let until = store.settle_validity(&filed.id, filed.content.until(now)).await?;
        let keyed = self.keyed(filed, (now, until)).await?;
        match filed.applicant {
            Applicant::Agency => {
                let payload = filed.content.accreditation(&keyed.did, until)?.encode()?;
                self.anchor(filed, &keyed, Kind::AccreditationGrant, payload, now).await
            }
            Applicant::Business => {
                self.keep_rules(filed).await?;
                let notices = self.address(&format!("/portal/privacy/{}", filed.business));
                let terms = Terms {
                    subject: &keyed.did,
                    certificates: &keyed.certificates,
                    valid_until: until,
                    notices: &notices,
                    cards: &self.inner.cards,
                };
                let scope = filed.content.scope(&terms)?;
                self.anchor(filed, &keyed, Kind::RelyingPartyRegister, scope.encode()?, now)
                    .await?;
                self.hand_over(filed, &keyed, &scope, now).await
            }
        }
    }

    /// Writes one decision, unless the ledger has it.
    async fn anchor(
        &self,
        filed: &Filed,
        keyed: &Keyed,
        kind: Kind,
        payload: Vec<u8>,
        now: UnixTime,
    ) -> Result<(), CarryError> {
        let registrar = &self.inner.registrar;
        let record = registrar.record(keyed.did.as_str(), now).await?;
        let hash = BlobRef::of(&payload).hash;
        if !record.as_ref().is_some_and(|record| is_in_force(record, kind, &hash)) {
            let is_update = record.as_ref().is_some_and(|record| record.relying_party().is_some());
            let decision = Decision {
                kind: match kind {
                    Kind::RelyingPartyRegister if is_update => Kind::RelyingPartyUpdate,
                    other => other,
                },
                payload,
                private: private(filed),
            };
            registrar
                .anchor_and_write(keyed.did.as_str(), &keyed.line, decision, now)
                .await?;
        }
        Ok(self
            .inner
            .store
            .keep_anchored(&filed.business, Anchored::Registered)
            .await?)
    }

    /// Registration certificate, and what the verifier needs.
    async fn hand_over(&self, filed: &Filed, keyed: &Keyed, scope: &Scope, now: UnixTime) -> Result<(), CarryError> {
        let inner = &self.inner;
        let page = filed.contact.as_ref().map(|contact| contact.page.as_str());
        let uri = self.address("/organisations");
        let record = self.address(&address::organisation(keyed.did.as_str()));
        let place = inner.store.settle_status_index(&filed.id).await?;
        let register = Register {
            uri: &uri,
            country: &inner.settings.country,
            info_uri: &record,
            support_uri: page.filter(|page| !page.is_empty()),
            certificate_policy: inner.settings.certificate_policy.as_ref(),
            supervisory_authority: inner.settings.supervisory_authority.as_ref(),
            status: self.status_place(place),
        };
        let registration = inner.signer.sign(scope, &register, now)?;
        inner.store.keep_registration(&filed.business, &registration).await?;
        if filed.content.hosting == Hosting::Own {
            return Ok(());
        }
        let verifier = inner.verifier.as_ref().ok_or(ProvisionError::NotConfigured)?;
        let access = keyed.access.as_ref().ok_or(CarryError::Missing("certificate"))?;
        verifier
            .put_certificates(&filed.business, &[&access.pem], &registration)
            .await?;
        verifier
            .put_checks(&filed.business, &checks(&filed.content, scope, &inner.cards))
            .await?;
        Ok(())
    }

    /// Keys of the organisation, and its access certificates.
    async fn keyed(&self, filed: &Filed, valid: (UnixTime, UnixTime)) -> Result<Keyed, CarryError> {
        let store = &self.inner.store;
        let own = match (filed.applicant, filed.content.hosting) {
            (Applicant::Business, Hosting::Hosted) => None,
            _ => Some(Application::parse(filed.content.file.as_bytes())?),
        };
        let business = self.business_with_did(filed, own.as_ref(), valid.0).await?;
        let text = business.did.as_deref().ok_or(CarryError::Missing("did"))?;
        let did: Did = text.parse().map_err(|_| CarryError::Missing("did"))?;
        let access = match &business.csr {
            Some(csr) => Some(self.access(&business, csr, filed.name("en"), valid)?),
            None => None,
        };
        let pem = access.as_ref().map(|access| access.pem.as_str());
        store.keep_certificate(&business.id, pem).await?;
        let business = store
            .business(&business.id)
            .await?
            .ok_or(CarryError::Missing("business"))?;
        let mut certificates: Vec<Hash> = access.iter().map(Certified::sha256).collect();
        if let (Some(own), Applicant::Business) = (&own, filed.applicant) {
            certificates.extend(own.scope()?.access_certificates);
            // It signs by the one that it has until it has fetched the new one.
            certificates.extend(before(&business, valid.0).as_ref().map(Certified::sha256));
        }
        let line = business.did_line.ok_or(CarryError::Missing("did_line"))?;
        Ok(Keyed {
            did,
            line,
            certificates,
            access,
        })
    }

    /// The organisation's row, with its DID in it.
    async fn business_with_did(
        &self,
        filed: &Filed,
        own: Option<&Application>,
        now: UnixTime,
    ) -> Result<Business, CarryError> {
        let store = &self.inner.store;
        let id = &filed.business;
        let found = store.business(id).await?.ok_or(CarryError::Missing("business"))?;
        let is_settled = match own {
            Some(own) => {
                // Somebody else may have come onto the ledger with it since it was handed in.
                let is_new = found.did.is_none();
                if is_new && self.inner.registrar.record(own.did().as_str(), now).await?.is_some() {
                    return Err(CarryError::OtherDid);
                }
                let csr = Some(filed.content.csr.as_str()).filter(|csr| !csr.is_empty());
                store
                    .settle_did(id, own.did().as_str(), own.did_log_line(), csr)
                    .await?
            }
            None if found.did.is_some() => true,
            None => {
                let verifier = self.inner.verifier.as_ref().ok_or(ProvisionError::NotConfigured)?;
                let name = serde_json::json!(filed.content.name);
                let made = verifier.create_business(id, &name).await?;
                store.settle_did(id, &made.did, &made.did_line, Some(&made.csr)).await?
            }
        };
        if !is_settled {
            return Err(CarryError::OtherDid);
        }
        store.business(id).await?.ok_or(CarryError::Missing("business"))
    }

    /// The access certificate that is there, where it is of the key and lives long enough; else a new one.
    fn access(
        &self,
        business: &Business,
        csr: &str,
        name: &str,
        (now, until): (UnixTime, UnixTime),
    ) -> Result<Certified, CarryError> {
        let did = business.did.as_deref().unwrap_or_default();
        let key = super::authority::request_key(csr)?;
        let kept = business.certificate.as_deref().and_then(Certified::from_pem);
        match kept.filter(|kept| counts_until(kept, &key, now) >= Some(until)) {
            Some(kept) => Ok(kept),
            None => Ok(self.inner.authority.access(csr, did, name, (now, until))?),
        }
    }

    /// Takes an organisation off the ledger.
    async fn take_off(&self, filed: &Filed, now: UnixTime) -> Result<(), CarryError> {
        let inner = &self.inner;
        let business = inner.store.business(&filed.business).await?;
        let did = business
            .and_then(|business| business.did)
            .ok_or(CarryError::Missing("did"))?;
        let record = inner.registrar.record(&did, now).await?;
        let (kind, is_there) = match (filed.applicant, &record) {
            (Applicant::Business, record) => (
                Kind::RelyingPartyRevoke,
                record.as_ref().is_some_and(|record| record.relying_party().is_some()),
            ),
            (Applicant::Agency, record) => (
                Kind::AccreditationRevoke,
                record
                    .as_ref()
                    .is_some_and(|record| record.accreditation_entry().is_some()),
            ),
        };
        let reason = if filed.suspended_by.is_some() {
            RevocationReason::Misuse
        } else {
            RevocationReason::Ended
        };
        if is_there {
            inner.registrar.revoke(&did, kind, reason, now).await?;
        }
        Ok(inner.store.keep_anchored(&filed.business, Anchored::Revoked).await?)
    }
}

/// Until when a certificate of this key counts; `None` where it is of another key or counts no more.
fn counts_until(kept: &Certified, key: &PublicJwk, now: UnixTime) -> Option<UnixTime> {
    let chain = x5c::UnverifiedChain::parse(&x5c::to_value([&kept.der])).ok()?;
    let leaf = chain.verify_listed(&[kept.sha256()], now).ok()?;
    leaf.public_jwk().same_key(key).then(|| leaf.not_after())
}

/// The access certificate before the last one, while it counts. One of another key was given up together with it.
fn before(business: &Business, now: UnixTime) -> Option<Certified> {
    let key = super::authority::request_key(business.csr.as_deref()?).ok()?;
    let before = Certified::from_pem(business.certificate_before.as_deref()?)?;
    counts_until(&before, &key, now).is_some().then_some(before)
}

/// Whether the record names this payload as what counts.
fn is_in_force(record: &OrganisationRecord, kind: Kind, hash: &Hash) -> bool {
    match kind {
        Kind::AccreditationGrant => {
            let entry = record.accreditation_entry();
            entry.is_some_and(|entry| entry.payload().hash == *hash)
        }
        _ => {
            let entry = record.relying_party();
            entry.is_some_and(|entry| entry.payload.hash == *hash)
        }
    }
}

/// The contact, of which the ledger has a fingerprint with a salt alone.
fn private(filed: &Filed) -> Option<PrivateBlob> {
    let contact = filed.contact.as_ref()?;
    Some(PrivateBlob {
        salt: filed.salt,
        bytes: serde_json::to_vec(contact).ok()?,
    })
}
