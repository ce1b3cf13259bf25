use serde_json::{Value, json};
use w3c_vc::{
    CredentialError, DocumentError, FormError, IssueError, LookUpError, PresentationError, ProofError, StatusListError,
};

/// The types that suites know. VCDM 2.0 §7.2; Data Integrity 1.0 and Bitstring Status List 1.0, processing errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemType {
    /// Not JSON of one meaning, or too much of it.
    Parsing,
    /// A member has a value that it cannot have.
    MalformedValue,
    /// A date lies outside of the range in which the document holds.
    Range,
    /// The document holds, but not from or for whom it has to.
    CryptographicSecurity,
    /// A proof cannot be made.
    ProofGeneration,
    /// A proof is missing, malformed, or does not hold.
    ProofVerification,
    /// The proof is for another domain.
    InvalidDomain,
    /// The proof is over another challenge.
    InvalidChallenge,
    /// Something of the document would not be signed.
    DataLossDetection,
    /// The credential was revoked, or its list does not hold.
    StatusVerification,
}

impl ProblemType {
    fn name(self) -> &'static str {
        match self {
            Self::Parsing => "PARSING_ERROR",
            Self::MalformedValue => "MALFORMED_VALUE_ERROR",
            Self::Range => "RANGE_ERROR",
            Self::CryptographicSecurity => "CRYPTOGRAPHIC_SECURITY_ERROR",
            Self::ProofGeneration => "PROOF_GENERATION_ERROR",
            Self::ProofVerification => "PROOF_VERIFICATION_ERROR",
            Self::InvalidDomain => "INVALID_DOMAIN_ERROR",
            Self::InvalidChallenge => "INVALID_CHALLENGE_ERROR",
            Self::DataLossDetection => "DATA_LOSS_DETECTION_ERROR",
            Self::StatusVerification => "STATUS_VERIFICATION_ERROR",
        }
    }

    /// The URL of the type.
    #[must_use]
    pub fn url(self) -> String {
        let registry = match self {
            Self::Parsing | Self::MalformedValue | Self::Range | Self::CryptographicSecurity => {
                "https://www.w3.org/TR/vc-data-model#"
            }
            Self::StatusVerification => "https://www.w3.org/ns/credentials/status-list#",
            _ => "https://w3id.org/security#",
        };
        format!("{registry}{}", self.name())
    }
}

/// Why something is refused, as `problemDetails` say it. RFC 9457
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    kind: ProblemType,
    detail: String,
}

impl Problem {
    fn new(kind: ProblemType, detail: impl ToString) -> Self {
        let detail = detail.to_string();
        Self { kind, detail }
    }

    /// The request itself is malformed.
    #[must_use]
    pub fn malformed(detail: &'static str) -> Self {
        Self::new(ProblemType::MalformedValue, detail)
    }

    /// The request is not JSON of one meaning.
    #[must_use]
    pub fn unreadable(detail: impl ToString) -> Self {
        Self::new(ProblemType::Parsing, detail)
    }

    /// The bit of the credential is set.
    #[must_use]
    pub fn revoked() -> Self {
        Self::new(ProblemType::StatusVerification, "the credential was revoked")
    }

    /// The problem document.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"type": self.kind.url(), "title": self.kind.name(), "detail": self.detail})
    }
}

fn of_document(error: DocumentError) -> ProblemType {
    match error {
        DocumentError::Json(_) | DocumentError::NotAnObject | DocumentError::OverBudget(_) => ProblemType::Parsing,
        DocumentError::JsonLd | DocumentError::Unsigned => ProblemType::DataLossDetection,
        _ => ProblemType::MalformedValue,
    }
}

fn of_form(error: FormError) -> ProblemType {
    match error {
        FormError::Period => ProblemType::Range,
        _ => ProblemType::MalformedValue,
    }
}

fn of_proof(error: ProofError) -> ProblemType {
    match error {
        ProofError::Challenge => ProblemType::InvalidChallenge,
        ProofError::Domain => ProblemType::InvalidDomain,
        ProofError::Document(error) => of_document(error),
        _ => ProblemType::ProofVerification,
    }
}

fn of_credential(error: CredentialError) -> ProblemType {
    match error {
        CredentialError::Document(error) => of_document(error),
        CredentialError::Form(error) => of_form(error),
        CredentialError::Proof(error) => of_proof(error),
        CredentialError::NotYetValid | CredentialError::Expired => ProblemType::Range,
        _ => ProblemType::CryptographicSecurity,
    }
}

impl From<CredentialError> for Problem {
    fn from(error: CredentialError) -> Self {
        Self::new(of_credential(error), error)
    }
}

impl From<PresentationError> for Problem {
    fn from(error: PresentationError) -> Self {
        let kind = match error {
            PresentationError::Document(error) => of_document(error),
            PresentationError::Form(error) => of_form(error),
            PresentationError::Proof(error) => of_proof(error),
            PresentationError::Credential(error) => of_credential(error),
            _ => ProblemType::CryptographicSecurity,
        };
        Self::new(kind, error)
    }
}

impl From<IssueError> for Problem {
    fn from(error: IssueError) -> Self {
        let kind = match error {
            IssueError::Document(error) => of_document(error),
            IssueError::Form(error) => of_form(error),
            IssueError::Proved => ProblemType::MalformedValue,
            _ => ProblemType::ProofGeneration,
        };
        Self::new(kind, error)
    }
}

impl From<StatusListError> for Problem {
    fn from(error: StatusListError) -> Self {
        Self::new(ProblemType::StatusVerification, error)
    }
}

impl From<LookUpError> for Problem {
    fn from(error: LookUpError) -> Self {
        Self::new(ProblemType::StatusVerification, error)
    }
}
