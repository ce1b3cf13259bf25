use std::fmt;

use cbor::Writer;
use jose::{Budget, PublicJwk, SignError, Signer, UnixTime, Work};

use crate::cose::Sign1;
use crate::device_auth::authentication;
use crate::issuer_signed::{IssuerSigned, NameSpaces};
use crate::response;
use crate::{Element, ElementPath, IssuerTrust, MdocClaims, MdocError, ReceiveError, SessionTranscript, budget};

/// `IssuerSigned` from an issuer that nobody has verified. ISO/IEC 18013-5 §8.3.2.1.2.2
#[derive(Clone, Debug)]
pub struct UnverifiedMdoc {
    issuer: IssuerSigned,
    budget: Budget,
}

impl UnverifiedMdoc {
    /// Takes a document apart.
    pub fn parse(bytes: &[u8]) -> Result<Self, MdocError> {
        Self::parse_within(bytes, budget::CREDENTIAL)
    }

    /// Takes a document apart; this and all that follows stays within the budget.
    pub fn parse_within(bytes: &[u8], mut budget: Budget) -> Result<Self, MdocError> {
        budget.spend(Work::Bytes, bytes.len())?;
        let value = cbor::decode_value(bytes, &mut budget)?;
        let issuer = IssuerSigned::read(value, &mut budget)?;
        Ok(Self { issuer, budget })
    }

    /// The type that it says it is of.
    #[must_use]
    pub fn doc_type(&self) -> &str {
        self.issuer.mso.claims.doc_type()
    }

    /// The certificates of its `x5chain` in DER form, unverified: for a policy to find the trusted key.
    #[must_use]
    pub fn certificates(&self) -> Vec<&[u8]> {
        self.issuer.certificates()
    }

    /// How it names the key that signed it, unverified. RFC 9052 §3.1
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.issuer.auth.kid()
    }

    /// Its only encoding: what is not understood is left out.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(&self.issuer)
    }

    /// Verifies a document that a wallet received for its own key. §9.3.1
    pub fn receive(
        mut self,
        trust: IssuerTrust<'_>,
        device_key: &PublicJwk,
        now: UnixTime,
    ) -> Result<(HeldMdoc, MdocClaims), ReceiveError> {
        self.issuer.verify(trust, now, &mut self.budget)?;
        let claims = self.issuer.mso.claims.clone();
        if !claims.device_key().same_key(device_key) {
            return Err(ReceiveError::ForeignDeviceKey);
        }
        Ok((HeldMdoc { issuer: self.issuer }, claims))
    }

    /// The document without its signature, digests and dates checked: for what the wallet verified
    /// before it put it into its own vault.
    #[must_use]
    pub fn dangerous_from_storage(self) -> HeldMdoc {
        HeldMdoc { issuer: self.issuer }
    }
}

/// A document in the holder's hands, from which elements are chosen to be shown.
#[derive(Clone, Debug)]
pub struct HeldMdoc {
    issuer: IssuerSigned,
}

/// Why a choice of elements cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// The document has no such element.
    #[error("there is no element {0}")]
    NoSuchElement(ElementPath),
}

/// Why a presentation could not be signed by the device key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The document is bound to another key than the signer's.
    #[error("the document is bound to another key")]
    WrongKey,
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl HeldMdoc {
    /// What the issuer says about the document as a whole.
    #[must_use]
    pub fn claims(&self) -> &MdocClaims {
        &self.issuer.mso.claims
    }

    /// Every element, by namespace.
    pub fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        self.issuer.elements()
    }

    /// The certificates of its `x5chain` in DER form.
    #[must_use]
    pub fn certificates(&self) -> Vec<&[u8]> {
        self.issuer.certificates()
    }

    /// What every presentation of it shows that is no element, where no specification knows it: names of members of the
    /// security object, and `header` for more than the signature needs.
    #[must_use]
    pub fn says_more(&self) -> Vec<String> {
        self.issuer.says_more()
    }

    /// What is random in it, and shown with it or with an element: whoever finds one of these in two documents knows
    /// them as one. Salts, and digests with decoys.
    pub fn marks(&self) -> impl Iterator<Item = &[u8]> {
        let items = self.issuer.name_spaces.iter().flat_map(|(_, items)| items);
        let salts = items.map(|item| item.random.as_slice());
        let digests = self.issuer.mso.digests.values().flat_map(|digests| digests.values());
        salts.chain(digests.map(<[u8; 32]>::as_slice))
    }

    /// The bytes of `IssuerSigned`, to be stored.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(&self.issuer)
    }

    /// Chooses the elements to show; nothing else is disclosed. OpenID4VP 1.0 §7.2: a path in DCQL is
    /// namespace and element.
    pub fn select(&self, elements: &[ElementPath]) -> Result<Selection<'_>, SelectError> {
        for path in elements {
            if !self.elements().any(|element| element.path() == *path) {
                return Err(SelectError::NoSuchElement(path.clone()));
            }
        }
        let chosen = |namespace: &str, identifier: &str| {
            let mut paths = elements.iter();
            paths.any(|path| path.namespace == namespace && path.identifier == identifier)
        };
        let mut name_spaces = NameSpaces::new();
        for (namespace, items) in &self.issuer.name_spaces {
            let items = items.iter().filter(|item| chosen(namespace, &item.identifier));
            let items: Vec<_> = items.cloned().collect();
            if !items.is_empty() {
                name_spaces.push((namespace.clone(), items));
            }
        }
        Ok(Selection {
            held: self,
            name_spaces,
        })
    }
}

/// A document with the chosen elements only. `Debug` shows none of them.
#[derive(Clone)]
pub struct Selection<'a> {
    held: &'a HeldMdoc,
    name_spaces: NameSpaces,
}

impl Selection<'_> {
    /// Authenticates the device for this transcript with the key that the document is bound to: the bytes
    /// of a `DeviceResponse` with this one document. §9.1.3.6, OpenID4VP 1.0 Appendix B.2.5
    pub fn respond(self, transcript: &SessionTranscript, signer: &dyn Signer) -> Result<Vec<u8>, BindError> {
        let claims = self.held.claims();
        if !claims.device_key().same_key(signer.public_jwk()) {
            return Err(BindError::WrongKey);
        }
        let signature = Sign1::detached(&authentication(transcript, claims.doc_type()), signer)?;
        let issuer = IssuerSigned {
            name_spaces: self.name_spaces,
            auth: self.held.issuer.auth.clone(),
            mso: self.held.issuer.mso.clone(),
        };
        Ok(response::encode(claims.doc_type(), &issuer, &signature))
    }
}

impl fmt::Debug for Selection<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Selection").finish_non_exhaustive()
    }
}

fn encode(issuer: &IssuerSigned) -> Vec<u8> {
    let mut writer = Writer::new();
    issuer.write(&mut writer);
    writer.into_bytes()
}
