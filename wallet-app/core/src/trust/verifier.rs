//! Who asks: from the record that came with the request, from a configured foreign anchor, or not
//! known to anybody.

use super::{LedgerClient, PublicRecord, TrustError};
use jose::UnixTime;
use jose::x5c::{Purpose, TrustAnchors, UnverifiedChain};
use ledger::{BundleError, KeyLookup, OrganisationRecord, Scope, UnverifiedBundle, VerifiedBundle};
use oid4vp::{AuthenticatedRequest, ClientId, RequestError, UnverifiedRequest, VerifierEvidence};
use serde::Serialize;

/// What is known about who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum Registration {
    /// Publicly recorded, with what it may ask.
    Registered {
        /// Its DID.
        did: String,
        /// The recorded scope.
        #[serde(skip)]
        scope: Box<Scope>,
    },
    /// Certified under a configured anchor of an ecosystem that records nobody.
    Foreign {
        /// Subject of its certificate.
        subject: String,
    },
    /// Recorded nowhere: may ask yes or no questions that identify nobody.
    Unregistered,
}

/// A request whose sender was authenticated.
pub(crate) struct Authenticated {
    pub(crate) request: AuthenticatedRequest,
    pub(crate) registration: Registration,
    pub(crate) record: Option<PublicRecord>,
    /// All of its record, where it came along.
    pub(crate) keys: Option<Box<OrganisationRecord>>,
}

/// Why a request is not from whom it says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthenticationError {
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error(transparent)]
    Request(#[from] RequestError),
}

/// What the wallet believes about businesses.
pub(crate) struct VerifierTrust<'a> {
    pub(crate) ledger: &'a LedgerClient<'a>,
    pub(crate) anchors: &'a TrustAnchors,
    pub(crate) now: UnixTime,
}

impl VerifierTrust<'_> {
    /// Authenticates the sender. OpenID4VP 1.0 §5.9.3
    pub(crate) fn authenticate(&self, request: UnverifiedRequest) -> Result<Authenticated, AuthenticationError> {
        let bundle = match request.dangerous_bundle() {
            None => None,
            Some(bytes) => self.bundle(&bytes, request.client_id())?,
        };
        match request.client_id().clone() {
            ClientId::DecentralizedIdentifier(did) => self.by_did(request, did.as_str(), bundle.as_ref()),
            ClientId::X509Hash(_) | ClientId::X509SanDns(_) => self.by_certificate(request, bundle.as_ref()),
            _ => Err(TrustError::NotAuthenticated.into()),
        }
    }

    /// The record that came along. Of whom it is decides the record itself where the client id is
    /// a certificate: the certificate has to be listed in it. Proof that somebody is *not* recorded
    /// says nothing about a certificate.
    fn bundle(&self, bytes: &[u8], client: &ClientId) -> Result<Option<VerifiedBundle>, TrustError> {
        let bundle = UnverifiedBundle::parse(bytes)?;
        let subject = match client {
            ClientId::DecentralizedIdentifier(did) => Some(did.as_str().to_owned()),
            _ => bundle.dangerous_claimed_subject(),
        };
        match subject {
            Some(subject) => self.ledger.accept(bundle, &subject).map(Some),
            None => match bundle.verify(self.ledger.pack, "") {
                Err(error @ BundleError::Record(_)) => Err(error.into()),
                _ => Ok(None),
            },
        }
    }

    fn by_did(
        &self,
        request: UnverifiedRequest,
        did: &str,
        bundle: Option<&VerifiedBundle>,
    ) -> Result<Authenticated, AuthenticationError> {
        let record = bundle
            .and_then(VerifiedBundle::record)
            .ok_or(TrustError::NotAuthenticated)?;
        if record.is_deactivated() {
            return Err(TrustError::Deactivated.into());
        }
        let kid = request.dangerous_kid().ok_or(TrustError::NoKeyNamed)?.to_owned();
        let key = match record.assertion_key(&kid) {
            KeyLookup::Current(key) => key,
            KeyLookup::Retired => return Err(TrustError::KeyRetired.into()),
            KeyLookup::Never => return Err(TrustError::KeyNotAnchored.into()),
        };
        let evidence = VerifierEvidence::DidKey {
            did,
            kid: &kid,
            key: &key,
        };
        let request = request.authenticate(evidence)?;
        match record.relying_party() {
            None => Ok(Authenticated {
                request,
                registration: Registration::Unregistered,
                record: None,
                keys: Some(Box::new(record.clone())),
            }),
            Some(_) => self.registered(request, bundle, record),
        }
    }

    fn by_certificate(
        &self,
        request: UnverifiedRequest,
        bundle: Option<&VerifiedBundle>,
    ) -> Result<Authenticated, AuthenticationError> {
        let x5c = request.dangerous_x5c().ok_or(TrustError::NotAuthenticated)?;
        let chain = UnverifiedChain::parse(x5c).map_err(TrustError::from)?;
        let by_name = matches!(request.client_id(), ClientId::X509SanDns(_));
        if let Some(record) = bundle.and_then(VerifiedBundle::record) {
            let listed = record.relying_party().map(|entry| entry.certificates.as_slice());
            let leaf = chain
                .verify_listed(listed.unwrap_or_default(), self.now)
                .map_err(|error| match error {
                    jose::x5c::ChainError::NotListed => TrustError::NotInRecord,
                    other => other.into(),
                })?;
            let request = request.authenticate(VerifierEvidence::Certificate(&leaf))?;
            return self.registered(request, bundle, record);
        }
        let own_hash = *chain.dangerous_leaf_sha256();
        if !self.anchors.is_empty() {
            let leaf =
                UnverifiedChain::parse(x5c).and_then(|chain| chain.verify(self.anchors, self.now, Purpose::Request));
            if let Ok(leaf) = leaf {
                let subject = crate::text::plain(leaf.subject());
                let request = request.authenticate(VerifierEvidence::Certificate(&leaf))?;
                return Ok(Authenticated {
                    request,
                    registration: Registration::Foreign { subject },
                    record: None,
                    keys: None,
                });
            }
        }
        if by_name {
            // A name in a certificate that nobody vouches for says nothing.
            return Err(TrustError::NotAuthenticated.into());
        }
        // The client id is the hash of this very certificate: that much is certain, and no more.
        let leaf = chain.verify_listed(&[own_hash], self.now).map_err(TrustError::from)?;
        let request = request.authenticate(VerifierEvidence::Certificate(&leaf))?;
        Ok(Authenticated {
            request,
            registration: Registration::Unregistered,
            record: None,
            keys: None,
        })
    }

    fn registered(
        &self,
        request: AuthenticatedRequest,
        bundle: Option<&VerifiedBundle>,
        record: &OrganisationRecord,
    ) -> Result<Authenticated, AuthenticationError> {
        Ok(Authenticated {
            request,
            registration: self.registration(bundle, record)?,
            record: bundle.and_then(|bundle| PublicRecord::of(bundle, self.ledger.pack)),
            keys: Some(Box::new(record.clone())),
        })
    }

    fn registration(
        &self,
        bundle: Option<&VerifiedBundle>,
        record: &OrganisationRecord,
    ) -> Result<Registration, TrustError> {
        let entry = record.relying_party().ok_or(TrustError::NotInRecord)?;
        if record.is_deactivated() {
            return Err(TrustError::Deactivated);
        }
        if self.now >= entry.valid_until {
            return Err(TrustError::RegistrationExpired);
        }
        let bytes = bundle
            .and_then(|bundle| bundle.blob(&entry.payload.hash))
            .ok_or(TrustError::IncompleteRecord)?;
        let scope = Box::new(Scope::parse(bytes)?);
        Ok(Registration::Registered {
            did: record.did().to_owned(),
            scope,
        })
    }
}
