use super::error::CheckProblem;

/// Whose cards of one type a check accepts: a row of the table of issuer and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedIssuers {
    accredited: bool,
    certificates: Option<Certificates>,
}

/// Which of the configured trust anchors count.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Certificates {
    All,
    File(String),
}

impl AcceptedIssuers {
    /// Reads `["accredited", "x5c", "x5c:NAME"]`; NAME is a file of the folder
    /// of trust anchors, without `.pem`.
    pub(super) fn parse(words: &[String]) -> Result<Self, CheckProblem> {
        let mut accepted = Self {
            accredited: false,
            certificates: None,
        };
        for word in words {
            match word.split_once(':') {
                None if word == "accredited" => accepted.accredited = true,
                None if word == "x5c" => accepted.certificates = Some(Certificates::All),
                Some(("x5c", name)) if !name.is_empty() => {
                    accepted.certificates = Some(Certificates::File(name.to_owned()));
                }
                _ => return Err(CheckProblem::IssuerMechanism(word.clone())),
            }
        }
        Ok(accepted)
    }

    /// Whether organisations are accepted that the ledger says may issue the type.
    pub fn accredited(&self) -> bool {
        self.accredited
    }

    /// Whether issuers with a certificate chain to a trust anchor are accepted.
    pub fn by_certificate(&self) -> bool {
        self.certificates.is_some()
    }

    /// The one file whose anchors count; `None` for all of them.
    pub fn anchor_file(&self) -> Option<&str> {
        match &self.certificates {
            Some(Certificates::File(name)) => Some(name),
            Some(Certificates::All) | None => None,
        }
    }
}
