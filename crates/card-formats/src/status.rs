//! Status lists, whichever of both kinds a format has: Token Status Lists, and Bitstring Status Lists as W3C
//! credentials. They are read, held and judged in one way.

use jose::{SignError, Signer, UnixTime, VerifyingKey};
use serde_json::Value;
use status_list::{StatusList, StatusPurpose, TokenError, UnverifiedToken, VerifiedList};
use w3c_vc::{
    Bitstring, CredentialError, DocumentError, MakeProofError, Signing, StatusListDraft, TrustedIssuer,
    UnverifiedStatusList,
};

use crate::w3c::shape;

/// Why a status list was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusListError {
    /// A Token Status List.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A Bitstring Status List.
    #[error(transparent)]
    Bits(#[from] w3c_vc::StatusListError),
}

/// A status list as it came; nobody has verified it.
#[derive(Debug)]
pub struct UnverifiedList(Kind);

#[derive(Debug)]
enum Kind {
    Token(Box<UnverifiedToken>),
    Bits(Box<UnverifiedStatusList>),
}

impl UnverifiedList {
    /// Reads a list: an object is a Bitstring Status List, anything else a token.
    ///
    /// # Errors
    /// [`StatusListError`]
    pub fn parse(text: &str) -> Result<Self, StatusListError> {
        Ok(Self(match text.starts_with('{') {
            true => Kind::Bits(Box::new(UnverifiedStatusList::parse(text)?)),
            false => Kind::Token(Box::new(UnverifiedToken::parse(text)?)),
        }))
    }

    /// How it names the key that signed it.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        match &self.0 {
            Kind::Token(token) => token.header().kid(),
            Kind::Bits(list) => Some(shape::key_name(list.hints())),
        }
    }

    /// The certificate chain that it was signed under.
    #[must_use]
    pub fn x5c(&self) -> Option<&Value> {
        match &self.0 {
            Kind::Token(token) => token.header().x5c(),
            Kind::Bits(_) => None,
        }
    }

    /// Checks signature, address and times, and inflates the list. `issuer` is whose list it has to be; `None` where
    /// that was checked when it came, and its key was kept with it.
    ///
    /// # Errors
    /// [`StatusListError`]
    pub fn verify(
        self,
        key: &VerifyingKey,
        issuer: Option<&str>,
        uri: &str,
        now: UnixTime,
    ) -> Result<VerifiedList, StatusListError> {
        match self.0 {
            Kind::Token(token) => Ok(token.verify(key, uri, now)?),
            Kind::Bits(list) => {
                let said = list.hints();
                let id = issuer.unwrap_or(said.issuer).to_owned();
                let trusted = TrustedIssuer::new(id, [(said.method.to_owned(), key.clone())]);
                let contexts = shape::contexts().map_err(unread)?;
                let verified = list.verify(contexts, &trusted, uri, now.saturating_add(LEEWAY))?;
                Ok(verified.into_held()?)
            }
        }
    }
}

/// A Bitstring Status List about to be signed: what a Token Status List says, for one purpose.
pub struct NewBits<'a> {
    /// The address of the Token Status List; that of this one is [`StatusPurpose::list_beside`].
    pub token_list: &'a str,
    /// What the bits stand for.
    pub purpose: StatusPurpose,
    /// The Token Status List.
    pub list: &'a StatusList,
    /// Whose list it is, as its credentials say: a DID, or an address.
    pub issuer: &'a str,
    /// How the issuer's key is named.
    pub kid: &'a str,
    /// When it is signed.
    pub signed_at: UnixTime,
    /// From when on it counts no longer.
    pub expires: UnixTime,
    /// For how many seconds a copy may be kept.
    pub time_to_live: u64,
    /// The issuer's key.
    pub signer: &'a dyn Signer,
}

impl NewBits<'_> {
    /// Signs it. A place is the same in both lists.
    ///
    /// # Errors
    /// [`SignError`]
    pub fn sign(&self) -> Result<String, SignError> {
        let draft = StatusListDraft {
            url: &self.purpose.list_beside(self.token_list),
            issuer: self.issuer,
            purpose: self.purpose,
            valid_from: self.signed_at,
            valid_until: self.expires,
            time_to_live: self.time_to_live.saturating_mul(1_000),
        };
        let signing = Signing {
            method: &shape::method(self.issuer, self.kid),
            created: self.signed_at,
            signer: self.signer,
        };
        let contexts = shape::contexts().map_err(|_| SignError::Failed)?;
        draft
            .issue(&self.bits(), contexts, &signing)
            .map_err(|error| match error {
                w3c_vc::IssueError::Proof(MakeProofError::Sign(error)) => error,
                _ => SignError::Failed,
            })
    }

    fn bits(&self) -> Bitstring {
        let mut bits = Bitstring::new(self.list.entries());
        for index in 0..self.list.entries() {
            if self.list.status(index) == Ok(self.purpose.when_set()) {
                // There is room for as many as the other list has.
                let _ = bits.set(index, true);
            }
        }
        bits
    }
}

fn unread(error: DocumentError) -> StatusListError {
    w3c_vc::StatusListError::Credential(CredentialError::Document(error)).into()
}

/// How far an issuer's clock may be ahead of ours, as for tokens.
const LEEWAY: UnixTime = 60;
