//! What a check asks, held against what its business may ask.

use ledger::{Coverage, Purpose, Scope, ScopeCredential};
use oid4vp::CredentialQuery;
use receipt::choice_taken;

use crate::check::Check;

/// What a check has that the registered purpose of its id has not: a card type, a claim, or the name
/// of the property; `None` where nothing is.
pub(super) fn outside(check: &Check, scope: &Scope) -> Option<String> {
    let (Some(purpose), Ok(asked)) = (scope.purpose(check.id()), check.to_purpose()) else {
        return Some("purpose".to_owned());
    };
    if asked.channel != purpose.channel {
        return Some("channel".to_owned());
    }
    if asked.retention_days > purpose.retention_days {
        return Some("retention_days".to_owned());
    }
    let mut cards = asked.credentials.iter().zip(check.query().credentials());
    cards.find_map(|(credential, query)| of_card(credential, query, purpose))
}

fn of_card(asked: &ScopeCredential, query: &CredentialQuery, purpose: &Purpose) -> Option<String> {
    if asked.vct_values.is_empty() {
        return Some("vct_values".to_owned());
    }
    asked.vct_values.iter().find_map(|vct| {
        if !purpose.credentials.iter().any(|scoped| scoped.has_type(vct)) {
            return Some(vct.clone());
        }
        let needed = asked.needed.iter().map(|path| (path, true));
        let all = needed.chain(asked.optional.iter().map(|path| (path, false)));
        let mut outside = all.filter(|(path, is_needed)| match purpose.covers(vct, path) {
            Coverage::Needed => false,
            // What people may leave out cannot be asked as if they could not.
            Coverage::Optional => *is_needed,
            Coverage::Outside => true,
        });
        if let Some((path, _)) = outside.next() {
            return Some(serde_json::to_string(path).unwrap_or_default());
        }
        // Where people may choose, none of the choices is taken from them.
        let mut scoped = purpose.credentials.iter().filter(|scoped| scoped.has_type(vct));
        let is_narrower = !scoped.any(|scoped| matches!(choice_taken(scoped, query), Ok(None)));
        is_narrower.then(|| "claim_sets".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use ledger::{Channel, ClaimPath, Localized};
    use test_case::test_case;

    use super::*;
    use crate::check::parse_checks;

    fn scope(change: fn(&mut Purpose)) -> Scope {
        let checks = parse_checks(include_str!("../../tests/main/checks.toml")).unwrap();
        let mut purpose = checks["contact"].to_purpose().unwrap();
        change(&mut purpose);
        scope_of(purpose)
    }

    fn scope_of(purpose: Purpose) -> Scope {
        Scope {
            access_certificates: vec![[1; 32]],
            name: Localized::english("Shop").unwrap(),
            purposes: vec![purpose],
            subject: "did:webvh:QmX:shop.example".parse().unwrap(),
            valid_until: 2_000_000_000,
        }
    }

    #[test_case(|_| () => None; "the same")]
    #[test_case(|purpose| purpose.retention_days = 30 => None; "more than is asked")]
    #[test_case(|purpose| purpose.id = "other".to_owned() => Some("purpose".to_owned()); "another purpose")]
    #[test_case(|purpose| purpose.channel = Channel::InPerson => Some("channel".to_owned()); "another channel")]
    #[test_case(|purpose| purpose.retention_days = 1 => Some("retention_days".to_owned()); "kept longer")]
    #[test_case(|purpose| purpose.credentials[0].vct_values = vec!["urn:x".to_owned()] => Some("urn:holdfast:vct:person-identification:1".to_owned()); "another card")]
    #[test_case(|purpose| { purpose.credentials[0].optional.clear(); } => Some(r#"["birth_date"]"#.to_owned()); "a claim more")]
    #[test_case(|purpose| { let path = ClaimPath::names(&["given_name"]);
        purpose.credentials[0].needed.retain(|needed| *needed != path);
        purpose.credentials[0].optional.push(path); } => Some(r#"["given_name"]"#.to_owned()); "needed although it is optional")]
    fn outside_of(change: fn(&mut Purpose)) -> Option<String> {
        let checks = parse_checks(include_str!("../../tests/main/checks.toml")).unwrap();
        outside(&checks["contact"], &scope(change))
    }

    /// A check whose people may choose between these sets of claims.
    fn choice(sets: &str) -> Check {
        let text = format!(
            r#"
[[check]]
id = "adult"
purpose = {{ en = "Age", de = "Alter", fr = "Âge" }}
channel = "online"
privacy_policy = "https://shop.example/privacy"
dcql = """{{"credentials":[{{"id":"person","format":"dc+sd-jwt",
  "meta":{{"vct_values":["urn:holdfast:vct:person-identification:1"]}},
  "claims":[{{"id":"18","path":["age_over_18"]}},{{"id":"21","path":["age_over_21"]}},{{"id":"b","path":["birth_date"]}}],
  "claim_sets":{sets}}}]}}"""
rule = "true"
[check.issuers]
"urn:holdfast:vct:person-identification:1" = ["accredited"]
"#
        );
        parse_checks(&text).unwrap().remove("adult").unwrap()
    }

    #[test_case(r#"[["18"],["21"],["b"]]"# => None; "the same")]
    #[test_case(r#"[["18"],["21"],["b"],["18","b"]]"# => None; "and one that asks more")]
    #[test_case(r#"[["21"],["b"]]"# => Some("claim_sets".to_owned()); "one taken away")]
    #[test_case(r#"[["21"],["18","b"]]"# => Some("claim_sets".to_owned()); "one made larger")]
    fn what_people_may_choose_from(sets: &str) -> Option<String> {
        let registered = choice(r#"[["18"],["21"],["b"]]"#).to_purpose().unwrap();
        let scope = scope_of(registered);
        assert_eq!(Scope::parse(&scope.encode().unwrap()), Ok(scope.clone()));
        outside(&choice(sets), &scope)
    }
}
