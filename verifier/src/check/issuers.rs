use std::collections::{BTreeMap, BTreeSet};

use card_formats::Format;
use sd_jwt::IssuerUrl;

use super::Check;
use super::error::CheckProblem;
use crate::trust::type_address;

/// Whose cards of one type a check accepts: a row of the table of issuer and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedIssuers {
    accredited: bool,
    certificates: Option<Certificates>,
    by_metadata: Vec<IssuerUrl>,
}

/// Which of the configured trust anchors count.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Certificates {
    All,
    File(String),
}

impl AcceptedIssuers {
    /// Reads `["accredited", "x5c", "x5c:NAME", "metadata:URL"]`; NAME is a file
    /// of the folder of trust anchors, without `.pem`, and URL is the `iss` of an
    /// issuer that publishes its keys.
    pub(super) fn parse(words: &[String]) -> Result<Self, CheckProblem> {
        let mut accepted = Self {
            accredited: false,
            certificates: None,
            by_metadata: Vec::new(),
        };
        for word in words {
            match word.split_once(':') {
                None if word == "accredited" => accepted.accredited = true,
                None if word == "x5c" => accepted.certificates = Some(Certificates::All),
                Some(("x5c", name)) if !name.is_empty() => {
                    accepted.certificates = Some(Certificates::File(name.to_owned()));
                }
                Some(("metadata", url)) => {
                    let issuer = IssuerUrl::parse(url).map_err(|_| CheckProblem::IssuerUrl(url.to_owned()))?;
                    accepted.by_metadata.push(issuer);
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

    /// Whether the issuer of exactly this URL is accepted, by the keys that it
    /// publishes and in no other way. draft-ietf-oauth-sd-jwt-vc §4
    pub fn by_metadata(&self, iss: &str) -> bool {
        self.by_metadata.iter().any(|issuer| issuer.as_str() == iss)
    }
}

/// Every issuer that some check names by URL: whose metadata may be fetched, and
/// nobody else's.
pub fn named_issuers(checks: &BTreeMap<String, Check>) -> Vec<IssuerUrl> {
    let rows = checks.values().flat_map(|check| check.issuers.values());
    let named: BTreeMap<&str, &IssuerUrl> = rows
        .flat_map(|row| &row.by_metadata)
        .map(|issuer| (issuer.as_str(), issuer))
        .collect();
    named.into_values().cloned().collect()
}

/// Every card type that some check asks for as a W3C credential: of whose issuers Bitstring Status Lists are held.
pub(crate) fn types_in_bits(checks: &BTreeMap<String, Check>) -> Vec<String> {
    let queries = checks.values().flat_map(|check| check.query.credentials());
    let in_bits = queries.filter(|asked| asked.format() == Format::W3C.name());
    let named: BTreeSet<&str> = in_bits.flat_map(|asked| asked.meta().type_names()).collect();
    named.into_iter().map(str::to_owned).collect()
}

/// Every card type that some check names and whose name is an address: whose metadata may be fetched.
pub fn named_types(checks: &BTreeMap<String, Check>) -> Vec<String> {
    let named: BTreeSet<&String> = checks.values().flat_map(|check| check.issuers.keys()).collect();
    let at_an_address = named.into_iter().filter(|vct| type_address(vct).is_some());
    at_an_address.cloned().collect()
}
