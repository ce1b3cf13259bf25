//! What a request asks for outside of what was recorded: one rule, for the wallet that refuses and
//! for whoever checks a complaint. docs/receipts.md §6

use ledger::{Coverage, Purpose, Scope};
use oid4vp::{ClaimsPath, CredentialQuery, DcqlQuery};

/// Something asked for outside the scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverAsked {
    /// The type of card.
    pub vct: String,
    /// The claim; `None`: the business may not ask for this type of card at all.
    pub claim: Option<ClaimsPath>,
}

impl OverAsked {
    /// The claim by its path with dots, or the type of card.
    #[must_use]
    pub fn name(&self) -> String {
        self.claim
            .as_ref()
            .map_or_else(|| self.vct.clone(), ToString::to_string)
    }
}

/// Everything in a query that lies outside of the purpose it names; of no recorded purpose, outside of
/// all of them together. What is recorded as optional has to be left out by some alternative of the
/// query, else it is asked for as if it were needed.
#[must_use]
pub fn over_asked(query: &DcqlQuery, scope: &Scope, purpose: Option<&str>) -> Vec<OverAsked> {
    let named = purpose.and_then(|id| scope.purpose(id));
    let purposes: Vec<&Purpose> = match named {
        Some(purpose) => vec![purpose],
        None => scope.purposes.iter().collect(),
    };
    let mut outside = Vec::new();
    for asked in query.credentials() {
        let types = asked.meta().type_names();
        if types.is_empty() {
            outside.push(OverAsked {
                vct: asked.format().to_owned(),
                claim: None,
            });
        }
        for vct in types {
            outside.extend(outside_of(&purposes, asked, vct));
        }
    }
    outside
}

fn outside_of(purposes: &[&Purpose], asked: &CredentialQuery, vct: &str) -> Vec<OverAsked> {
    let of_type = |scoped: &ledger::ScopeCredential| scoped.vct_values.iter().any(|value| value == vct);
    let mut scoped = purposes.iter().flat_map(|purpose| &purpose.credentials);
    if !scoped.any(of_type) {
        return vec![OverAsked {
            vct: vct.to_owned(),
            claim: None,
        }];
    }
    let places = asked.claims().iter().enumerate();
    places
        .filter(|(place, claim)| match coverage(purposes, vct, claim.path()) {
            Coverage::Needed => false,
            Coverage::Optional => !can_be_left_out(asked, *place),
            Coverage::Outside => true,
        })
        .map(|(_, claim)| OverAsked {
            vct: vct.to_owned(),
            claim: Some(claim.path().clone()),
        })
        .collect()
}

/// The most that any of the purposes says about a claim. A path that could not be recorded is
/// outside of everything.
#[must_use]
pub fn coverage(purposes: &[&Purpose], vct: &str, path: &ClaimsPath) -> Coverage {
    let Ok(path) = ledger::ClaimPath::from_json(&path.to_value()) else {
        return Coverage::Outside;
    };
    let all = || purposes.iter().map(|purpose| purpose.covers(vct, &path));
    [Coverage::Needed, Coverage::Optional]
        .into_iter()
        .find(|wanted| all().any(|found| found == *wanted))
        .unwrap_or(Coverage::Outside)
}

/// Some alternative does without it.
fn can_be_left_out(query: &CredentialQuery, place: usize) -> bool {
    query.claim_sets().iter().any(|set| !set.contains(&place))
}
