//! Is this business allowed to ask this?

use super::{RequestRefused, Unanswerable};
use crate::consent::AskedCard;
use crate::trust::Registration;
use ledger::{Coverage, Purpose};
use oid4vp::{ClaimsPath, DcqlQuery, PathComponent};

/// What a business asks for and may not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outside {
    /// The purpose is not recorded.
    Purpose,
    /// A claim outside what was recorded.
    Scope {
        /// The type of card.
        vct: String,
        /// The claim.
        claim: String,
    },
    /// Another rule than the recorded one.
    Rule,
    /// A claim that only those may ask for who are recorded.
    Anonymous {
        /// The claim.
        claim: String,
    },
}

impl Outside {
    /// Stable name of the reason.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Purpose => "purpose_not_recorded",
            Self::Scope { .. } => "over_asking",
            Self::Rule => "rule_not_recorded",
            Self::Anonymous { .. } => "verifier_not_registered",
        }
    }

    pub(super) fn refusal(self, kept: Box<Unanswerable>) -> RequestRefused {
        match self {
            Self::Purpose => RequestRefused::UnknownPurpose { kept },
            Self::Scope { vct, claim } => RequestRefused::OverAsking { kept, vct, claim },
            Self::Rule => RequestRefused::OtherRule { kept },
            Self::Anonymous { claim } => RequestRefused::NotAnonymous { kept, claim },
        }
    }
}

/// Checks every claim asked for, also those that no card here could answer: a business that asks
/// too much gets nothing at all. Gives the recorded purpose, where there is one.
pub(super) fn check<'a>(
    query: &DcqlQuery,
    registration: &'a Registration,
    purpose: Option<&str>,
) -> Result<Option<&'a Purpose>, Outside> {
    match registration {
        Registration::Registered { scope, .. } => {
            let named = purpose.and_then(|id| scope.purpose(id));
            if let Some(first) = receipt::over_asked(query, scope, purpose).into_iter().next() {
                return Err(Outside::Scope {
                    claim: first.name(),
                    vct: first.vct,
                });
            }
            // A claim that lies outside everything recorded has been named by now.
            named.map(Some).ok_or(Outside::Purpose)
        }
        Registration::Unregistered => {
            let asked = query.credentials().iter();
            for (asked, claim) in asked.flat_map(|asked| asked.claims().iter().map(move |claim| (asked, claim))) {
                if !asked.meta().claim_name(claim.path()).is_some_and(is_age_threshold) {
                    return Err(Outside::Anonymous {
                        claim: claim.path().to_string(),
                    });
                }
            }
            Ok(None)
        }
        Registration::Foreign { .. } => Ok(None),
    }
}

/// Checks what travels along with every answer of these cards, whether asked for or not: to those
/// who may not ask for it, it is not shown either.
pub(super) fn check_company(
    cards: &[AskedCard],
    registration: &Registration,
    purpose: Option<&Purpose>,
) -> Result<(), Outside> {
    for card in cards {
        for path in card.company() {
            let claim = || path.to_string();
            match (registration, purpose) {
                (Registration::Unregistered, _) if !says_an_age(&path) => {
                    return Err(Outside::Anonymous { claim: claim() });
                }
                (Registration::Registered { .. }, Some(purpose))
                    if receipt::coverage(&[purpose], &card.vct, &path) == Coverage::Outside =>
                {
                    return Err(Outside::Scope {
                        vct: card.vct.clone(),
                        claim: claim(),
                    });
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Whether all that stands there is a threshold of age.
fn says_an_age(path: &ClaimsPath) -> bool {
    matches!(path.components(), [PathComponent::Key(name)] if is_age_threshold(name))
}

/// `age_over_18` and its like: yes or no, and nobody is identified by it.
fn is_age_threshold(name: &str) -> bool {
    name.strip_prefix("age_over_")
        .is_some_and(|age| age.len() == 2 && age.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use test_case::test_case;

    fn query(claims: &[&str]) -> DcqlQuery {
        let claims: Vec<_> = claims.iter().map(|name| json!({"path": [name]})).collect();
        let mut credential = json!({"id": "c", "format": "dc+sd-jwt",
            "meta": {"vct_values": ["urn:holdfast:vct:person-identification:1"]}});
        if !claims.is_empty() {
            credential["claims"] = claims.into();
        }
        DcqlQuery::parse(&json!({"credentials": [credential]})).expect("query")
    }

    #[test_case(&["age_over_18"] => true ; "an age threshold")]
    #[test_case(&[] => true ; "that a card is held")]
    #[test_case(&["birth_date"] => false ; "a birth date")]
    #[test_case(&["age_over_18", "portrait"] => false ; "a portrait beside it")]
    #[test_case(&["age_over_1"] => false ; "one digit")]
    #[test_case(&["age_over_180"] => false ; "three digits")]
    fn unregistered_may_ask(claims: &[&str]) -> bool {
        check(&query(claims), &Registration::Unregistered, None).is_ok()
    }

    /// What a verifier lets anybody try out, registered or not.
    #[test]
    fn unregistered_may_ask_all_that_can_be_tried_out() {
        let file = include_str!("../../../../verifier/src/business/anonymous.toml");
        let queries = file.split("dcql = '''").skip(1);
        let queries: Vec<&str> = queries.filter_map(|rest| rest.split("'''").next()).collect();
        assert_eq!(queries.len(), 5);
        for text in queries {
            let json = serde_json::from_str(text).expect("JSON");
            let query = DcqlQuery::parse(&json).expect("query");
            assert_eq!(check(&query, &Registration::Unregistered, None), Ok(None), "{text}");
        }
    }
}
