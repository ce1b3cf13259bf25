use jose::SignError;
use jose::base64url::Base64UrlError;

/// What is wrong with a copy, in the words of its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// Not an SD-JWT.
    #[error(transparent)]
    SdJwt(#[from] sd_jwt::SdJwtError),
    /// No SD-JWT VC for this wallet.
    #[error(transparent)]
    SdJwtVc(sd_jwt::ReceiveError),
    /// Not base64url, as an mdoc travels.
    #[error(transparent)]
    Base64Url(#[from] Base64UrlError),
    /// No mdoc that holds.
    #[error(transparent)]
    Mdoc(#[from] mdoc::MdocError),
    /// An issuer on the ledger has to say where the status of a copy is told.
    #[error("the copy does not say where its status is told")]
    NoStatus,
    /// No W3C credential that is read here.
    #[error(transparent)]
    W3c(#[from] W3cError),
}

/// What is wrong with a W3C credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum W3cError {
    /// Form, contexts, issuer, dates or proof do not hold.
    #[error(transparent)]
    Credential(#[from] w3c_vc::CredentialError),
    /// It has no type beside the one of every credential, or several. VCDM 2.0 §4.5
    #[error("the credential is not of one type")]
    Types,
    /// Policy wants a member that it does not have.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A member that is listed to nobody, because every credential carries it, says more than it is there for.
    #[error("{0} says more than it is there for")]
    SaysMore(&'static str),
    /// Its status is told in a way that is not read here, so that nobody here can say that it is in force.
    #[error("the status is told in a way that is not known")]
    Status,
}

/// Why a wallet refuses a copy that an issuer sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// It carries the proof of a holder, which no issuer can make.
    #[error("the copy was shown by another holder")]
    AlreadyBound,
    /// It is bound to a key that is not this one.
    #[error("the copy is bound to another key")]
    ForeignHolderKey,
    /// Signature, dates, claims or form do not hold.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

/// Why a choice of claims cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PresentError {
    /// The copy has no such claim.
    #[error(transparent)]
    Select(#[from] sd_jwt::SelectError),
    /// It is bound to another key, or the key did not sign.
    #[error(transparent)]
    Bind(#[from] sd_jwt::BindError),
    /// The mdoc has no such element.
    #[error(transparent)]
    MdocSelect(#[from] mdoc::SelectError),
    /// The mdoc is bound to another key, or the key did not sign.
    #[error(transparent)]
    MdocBind(#[from] mdoc::BindError),
    /// A path leads to no element of an mdoc, or into one: an element is shown whole.
    #[error("there is no element at this place")]
    NotAnElement,
    /// The format can be shown only where the answer is handed over by a network.
    #[error("cards of this format cannot be shown without a network")]
    NoHandover,
    /// The presentation of a W3C credential cannot be signed.
    #[error(transparent)]
    W3c(w3c_vc::PresentError),
}

/// Why a finished presentation is not what it should be. A wallet sends nothing then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// It is made out to somebody else.
    #[error("the presentation is made out to somebody else")]
    OtherAudience,
    /// It answers another request.
    #[error("the presentation is for another request")]
    OtherNonce,
    /// It does not decode as an SD-JWT.
    #[error(transparent)]
    SdJwt(#[from] sd_jwt::DecodeError),
    /// It is for another audience, nonce, address or key to encrypt to: an mdoc proves all of them at once.
    #[error("the presentation is not for this request")]
    OtherRequest,
    /// Not base64url, as an mdoc travels.
    #[error(transparent)]
    Base64Url(#[from] Base64UrlError),
    /// It does not decode as an mdoc.
    #[error(transparent)]
    Mdoc(mdoc::DecodeError),
    /// It is no presentation of one W3C credential.
    #[error("not a presentation of one credential")]
    NoPresentation,
    /// It is signed by another key than the copy's: two copies could be linked by it.
    #[error("the presentation is signed by another key than the copy's")]
    OtherHolder,
    /// It says something beside the credential in it.
    #[error("the presentation says something beside the credential")]
    Beside,
}

/// Why a verifier refuses a presentation; what it is in detail is told to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PresentationError {
    /// The holder does not prove to have the key, or not for this request.
    #[error("the holder's key is not proved for this request")]
    HolderBinding,
    /// The card has run out.
    #[error("the card has expired")]
    Expired,
    /// The card does not count yet.
    #[error("the card is not valid yet")]
    NotYetValid,
    /// The key is right, and yet its certificate is not one for such a card.
    #[error("the issuer may not sign such a card")]
    Issuer,
    /// Anything else is wrong with it.
    #[error("the card is not valid")]
    Invalid,
}

/// Why a copy is not issued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// It cannot be made as an SD-JWT VC.
    #[error(transparent)]
    SdJwtVc(sd_jwt::IssueError),
    /// It cannot be made as an mdoc.
    #[error(transparent)]
    Mdoc(mdoc::IssueError),
    /// What an mdoc says stands in namespaces.
    #[error("a claim stands in no namespace")]
    NoNamespace,
    /// The issuer's certificate chain is none.
    #[error("the certificate chain of the issuer cannot be read")]
    Certificates,
    /// It cannot be made as a W3C credential.
    #[error(transparent)]
    W3c(w3c_vc::IssueError),
}
