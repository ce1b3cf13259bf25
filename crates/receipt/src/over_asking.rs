//! What a request asks for outside of what was recorded: one rule, for the wallet that refuses and
//! for whoever checks a complaint. docs/receipts.md §6

use ledger::{ClaimPath, Coverage, PayloadError, Purpose, Scope, ScopeCredential};
use oid4vp::{ClaimsPath, ClaimsQuery, CredentialQuery, DcqlQuery};

use crate::as_registered;
use crate::as_registered::always_enough;

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
/// query, else it is asked for as if it were needed. What is said to be kept (`intent_to_retain` of an mdoc) is outside
/// where nothing may be kept. Where people may choose between sets of claims, each of them has to be enough: of a query
/// that takes the smallest away, what it asks beyond that is outside.
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
    let mut scoped = purposes.iter().flat_map(|purpose| &purpose.credentials);
    if !scoped.any(|scoped| scoped.has_type(vct)) {
        return vec![OverAsked {
            vct: vct.to_owned(),
            claim: None,
        }];
    }
    let places = asked.claims().iter().enumerate();
    let outside: Vec<OverAsked> = places
        .filter(|(place, claim)| match coverage(purposes, vct, claim.path()) {
            Coverage::Needed => is_kept_unasked(purposes, vct, claim),
            Coverage::Optional => !can_be_left_out(asked, *place) || is_kept_unasked(purposes, vct, claim),
            Coverage::Outside => true,
        })
        .map(|(_, claim)| OverAsked {
            vct: vct.to_owned(),
            claim: Some(claim.path().clone()),
        })
        .collect();
    if outside.is_empty() {
        beyond_the_choice(purposes, asked, vct)
    } else {
        outside
    }
}

/// What the smallest set of a query asks beyond a set that should be enough; nothing where one of the purposes leaves
/// every choice.
fn beyond_the_choice(purposes: &[&Purpose], asked: &CredentialQuery, vct: &str) -> Vec<OverAsked> {
    let Ok(wanted) = as_registered(asked) else {
        return Vec::new();
    };
    let scoped = purposes.iter().flat_map(|purpose| &purpose.credentials);
    let taken: Option<Vec<&[ClaimPath]>> = scoped
        .filter(|scoped| scoped.has_type(vct))
        .map(|scoped| choice_taken(scoped, asked).ok().flatten())
        .collect();
    let (Some(set), Some(smallest)) = (
        taken.and_then(|taken| taken.first().copied()),
        wanted.claim_sets.first(),
    ) else {
        return Vec::new();
    };
    let is_beyond = |claim: &&ClaimsQuery| {
        let path = ClaimPath::from_json(&claim.path().to_value());
        let is_more = |path: &ClaimPath| !set.contains(path) || !claim.values().is_empty();
        path.is_ok_and(|path| smallest.contains(&path) && is_more(&path))
    };
    let claims = asked.claims().iter().filter(is_beyond);
    claims
        .map(|claim| OverAsked {
            vct: vct.to_owned(),
            claim: Some(claim.path().clone()),
        })
        .collect()
}

/// The first set of a registered choice that a query takes from people: whoever shows no more than it has not answered.
/// An alternative that asks for certain values, or for a part of a claim, is none for those who have others.
///
/// # Errors
/// [`PayloadError`] for a path that cannot be registered.
pub fn choice_taken<'s>(
    scoped: &'s ScopeCredential,
    asked: &CredentialQuery,
) -> Result<Option<&'s [ClaimPath]>, PayloadError> {
    let needed = as_registered(asked)?.needed;
    Ok(scoped.choice_taken(&needed, &always_enough(asked)?))
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

/// Whether a request says that a claim will be kept, and is for nothing for which it may be. OpenID4VP 1.0 Appendix B.2.4
fn is_kept_unasked(purposes: &[&Purpose], vct: &str, claim: &ClaimsQuery) -> bool {
    let Ok(path) = ClaimPath::from_json(&claim.path().to_value()) else {
        return true;
    };
    let may_keep = |purpose: &&Purpose| purpose.retention_days > 0 && purpose.covers(vct, &path) != Coverage::Outside;
    claim.intent_to_retain() == Some(true) && !purposes.iter().any(may_keep)
}

/// Some alternative does without it.
fn can_be_left_out(query: &CredentialQuery, place: usize) -> bool {
    query.claim_sets().iter().any(|set| !set.contains(&place))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use test_case::test_case;

    use super::*;

    const CARD: &str = "urn:card";

    fn query(sets: Value) -> DcqlQuery {
        let claim = |name: &str| json!({"id": name, "path": [name]});
        let mut asked = json!({"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": [CARD]},
            "claims": [claim("adult"), claim("student"), claim("birth_date")]});
        asked["claim_sets"] = sets;
        DcqlQuery::parse(&json!({ "credentials": [asked] })).unwrap()
    }

    /// Any of the three is enough, the first of them by this path, or with these values alone.
    fn query_with(first: Value) -> DcqlQuery {
        let mut changed = query(json!([["adult"], ["student"], ["birth_date"]]))
            .to_value()
            .clone();
        changed["credentials"][0]["claims"][0] = first;
        DcqlQuery::parse(&changed).unwrap()
    }

    /// Any one of three is registered as enough.
    fn scope() -> Scope {
        let mut purpose = testkit::purpose("age", CARD, &[], &["adult", "student", "birth_date"]);
        let set = |name: &str| vec![ClaimPath::names(&[name])];
        purpose.credentials[0].claim_sets = vec![set("adult"), set("student"), set("birth_date")];
        let shop = "did:webvh:QmX:shop.example".parse().unwrap();
        testkit::scope(&shop, "Shop", &[[7; 32]], vec![purpose], 2_000_000_000)
    }

    #[test_case(json!([["adult"], ["student"], ["birth_date"]]) => Vec::<String>::new(); "all of them")]
    #[test_case(json!([["adult"], ["student"], ["birth_date"], ["adult", "birth_date"]]) => Vec::<String>::new(); "and one that asks more")]
    #[test_case(json!([["student"], ["birth_date"]]) => vec!["student".to_owned()]; "one is taken away")]
    #[test_case(json!([["student"], ["adult", "birth_date"]]) => vec!["student".to_owned()]; "one is made larger")]
    #[test_case(json!([["birth_date"], ["birth_date", "adult"]]) => vec!["birth_date".to_owned()]; "only the largest is left")]
    fn a_choice_stays_a_choice(sets: Value) -> Vec<String> {
        let outside = over_asked(&query(sets), &scope(), Some("age"));
        outside.iter().map(OverAsked::name).collect()
    }

    #[test_case(json!({"id": "adult", "path": ["adult"]}) => Vec::<String>::new(); "whatever it says")]
    #[test_case(json!({"id": "adult", "path": ["adult"], "values": [false]}) => vec!["adult".to_owned()]; "for those who are none")]
    #[test_case(json!({"id": "adult", "path": ["adult", "x"]}) => vec!["adult.x".to_owned()]; "a part that nobody has")]
    fn an_alternative_that_some_cannot_take_is_none(first: Value) -> Vec<String> {
        let outside = over_asked(&query_with(first), &scope(), Some("age"));
        outside.iter().map(OverAsked::name).collect()
    }

    /// A purpose with something needed and something optional of an mdoc, and a request that says of each whether it is
    /// kept.
    #[test_case(0, json!(false), json!(false) => Vec::<String>::new(); "nothing is kept")]
    #[test_case(0, json!(true), json!(false) => vec!["ns.adult".to_owned()]; "what is needed is kept")]
    #[test_case(0, json!(false), json!(true) => vec!["ns.name".to_owned()]; "what is optional is kept")]
    #[test_case(7, json!(true), json!(true) => Vec::<String>::new(); "both may be kept")]
    fn what_is_kept_is_kept_for_a_purpose_that_says_so(days: u32, adult: Value, name: Value) -> Vec<String> {
        let mut purpose = testkit::purpose("age", CARD, &[], &[]);
        purpose.retention_days = days;
        purpose.credentials[0].needed = vec![ClaimPath::names(&["ns", "adult"])];
        purpose.credentials[0].optional = vec![ClaimPath::names(&["ns", "name"])];
        let shop = "did:webvh:QmX:shop.example".parse().unwrap();
        let scope = testkit::scope(&shop, "Shop", &[[7; 32]], vec![purpose], 2_000_000_000);
        let asked = json!({"id": "q", "format": "mso_mdoc", "meta": {"doctype_value": CARD}, "claims": [
            {"id": "a", "path": ["ns", "adult"], "intent_to_retain": adult},
            {"id": "n", "path": ["ns", "name"], "intent_to_retain": name},
        ], "claim_sets": [["a"], ["a", "n"]]});
        let query = DcqlQuery::parse(&json!({ "credentials": [asked] })).unwrap();
        let outside = over_asked(&query, &scope, Some("age"));
        outside.iter().map(OverAsked::name).collect()
    }

    /// Beside the choice, the name is needed, of which a part is enough.
    #[test_case(json!({"id": "name", "path": ["name", "family"]}); "a part of what is needed")]
    #[test_case(json!({"id": "name", "path": ["name"], "values": ["Ada"]}); "what is needed for certain values")]
    fn what_every_alternative_asks_takes_no_choice(name: Value) {
        let mut scope = scope();
        let card = &mut scope.purposes[0].credentials[0];
        card.needed = vec![ClaimPath::names(&["name"])];
        card.claim_sets
            .iter_mut()
            .for_each(|set| set.push(ClaimPath::names(&["name"])));
        let sets = ["adult", "student", "birth_date"].map(|claim| json!([claim, "name"]));
        let mut asked = query(json!([["adult"], ["student"], ["birth_date"]]))
            .to_value()
            .clone();
        asked["credentials"][0]["claims"].as_array_mut().unwrap().push(name);
        asked["credentials"][0]["claim_sets"] = sets.into_iter().collect();
        let asked = DcqlQuery::parse(&asked).unwrap();
        assert!(over_asked(&asked, &scope, Some("age")).is_empty());
    }
}
