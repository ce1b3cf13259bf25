//! Status list tokens: draft-ietf-oauth-status-list §5.1 and §8.3.

use jose::{
    Algorithm, Budget, JwsError, JwsHeader, OverBudget, PrivateJwk, Signer, SigningKey, VerifyingKey, Work, base64url,
    sign_compact,
};
use serde_json::{Value, json};
use status_list::{
    Aggregation, AggregationError, Bits, ListError, Status, StatusClaims, StatusList, TokenError, UnverifiedToken,
    VerifiedList, budget, sign_token,
};
use test_case::test_case;

const URI: &str = "https://agency.example/status/1";
const NOW: u64 = 1_800_000_000;

fn signer() -> SigningKey {
    let mut next = 7_u8;
    let mut random = |out: &mut [u8]| {
        out.fill(next);
        next += 1;
    };
    SigningKey::new(&PrivateJwk::generate_p256(&mut random)).unwrap()
}

fn key() -> VerifyingKey {
    VerifyingKey::new(signer().public_jwk()).unwrap()
}

fn verify(compact: &str) -> Result<VerifiedList, TokenError> {
    UnverifiedToken::parse(compact)?.verify(&key(), URI, NOW)
}

/// A good token, with a change to its claims.
fn token(change: impl FnOnce(&mut Value)) -> String {
    token_of_type("statuslist+jwt", change)
}

fn token_of_type(typ: &str, change: impl FnOnce(&mut Value)) -> String {
    let list = StatusList::new(Bits::Two, 1 << 17).deflate();
    let mut claims = json!({
        "sub": URI, "iat": NOW - 10, "exp": NOW + 60, "ttl": 43200,
        "status_list": {"bits": 2, "lst": base64url::encode(list)},
    });
    change(&mut claims);
    let header = JwsHeader::new(Algorithm::Es256).with_typ(typ);
    sign_compact(&header, claims.to_string().as_bytes(), &signer()).unwrap()
}

#[test]
fn a_signed_token_is_read_back() {
    let mut list = StatusList::new(Bits::Two, 1 << 17);
    list.set(99_999, Status::Suspended).unwrap();
    let said = StatusClaims {
        uri: URI,
        issued_at: NOW,
        expires: NOW + 60,
        time_to_live: 2,
        aggregation_uri: None,
    };
    let compact = sign_token(JwsHeader::new(Algorithm::Es256).with_kid("k"), &said, &list, &signer()).unwrap();
    let read = verify(&compact).unwrap();
    assert_eq!(read.status(99_999), Ok(Status::Suspended));
    assert_eq!(read.status(99_998), Ok(Status::Valid));
    assert_eq!(read.refresh_at(), Some(NOW + 2));
    assert_eq!(read.age(NOW + 5), 5);
    assert!(read.is_current(NOW + 59) && !read.is_current(NOW + 60));
}

#[test_case(|claims| claims["sub"] = "https://agency.example/status/2".into() => TokenError::Subject; "another list")]
#[test_case(|claims| drop(claims.as_object_mut().unwrap().remove("sub")) => TokenError::Subject; "no sub")]
#[test_case(|claims| drop(claims.as_object_mut().unwrap().remove("iat")) => TokenError::IssuedAt; "no iat")]
#[test_case(|claims| claims["iat"] = "1".into() => TokenError::IssuedAt; "iat as text")]
#[test_case(|claims| claims["iat"] = json!(1.5) => TokenError::IssuedAt; "iat as a fraction")]
#[test_case(|claims| claims["iat"] = json!(-1) => TokenError::IssuedAt; "iat negative")]
#[test_case(|claims| claims["iat"] = json!(NOW + 61) => TokenError::InFuture; "iat ahead")]
#[test_case(|claims| claims["exp"] = Value::Null => TokenError::ExpiryMalformed; "exp null")]
#[test_case(|claims| claims["exp"] = json!(9_223_372_036_854_775_808_u64) => TokenError::ExpiryMalformed; "exp 2 to the 63")]
#[test_case(|claims| claims["exp"] = json!(NOW) => TokenError::Expired; "expired this second")]
#[test_case(|claims| claims["ttl"] = json!(0) => TokenError::TimeToLive; "ttl zero")]
#[test_case(|claims| claims["ttl"] = json!("60") => TokenError::TimeToLive; "ttl as text")]
#[test_case(|claims| claims["status_list"]["bits"] = json!(3) => TokenError::List(ListError::Bits); "three bits")]
#[test_case(|claims| claims["status_list"]["bits"] = json!("2") => TokenError::Malformed; "bits as text")]
#[test_case(|claims| claims["status_list"]["lst"] = json!("eNrbuRgAAhcBXQ=") => TokenError::Malformed; "padding")]
#[test_case(|claims| claims["status_list"]["lst"] = json!("AAAA") => TokenError::List(ListError::Compression); "no ZLIB")]
#[test_case(|claims| drop(claims.as_object_mut().unwrap().remove("status_list")) => TokenError::Malformed; "no list")]
fn refused(change: fn(&mut Value)) -> TokenError {
    verify(&token(change)).unwrap_err()
}

#[test]
fn no_exp_and_no_ttl_are_allowed() {
    let read = verify(&token(|claims| {
        claims
            .as_object_mut()
            .unwrap()
            .retain(|name, _| name != "exp" && name != "ttl");
    }))
    .unwrap();
    assert!(read.is_current(u64::MAX));
    assert_eq!(read.refresh_at(), None);
}

#[test_case("JWT"; "plain")]
#[test_case("dc+sd-jwt"; "a credential")]
#[test_case("application/statuslist+jwt"; "with the media type's prefix")]
fn a5_another_typ_is_refused(typ: &str) {
    assert_eq!(
        verify(&token_of_type(typ, |_| ())).unwrap_err(),
        TokenError::Jws(JwsError::WrongType)
    );
}

#[test]
fn d6_a_token_under_another_key_is_refused() {
    let mut random = |out: &mut [u8]| out.fill(0x55);
    let other = SigningKey::new(&PrivateJwk::generate_p256(&mut random)).unwrap();
    let said = StatusClaims {
        uri: URI,
        issued_at: NOW,
        expires: NOW + 60,
        time_to_live: 2,
        aggregation_uri: None,
    };
    let header = JwsHeader::new(Algorithm::Es256).with_jwk(other.public_jwk().clone());
    let compact = sign_token(header, &said, &StatusList::new(Bits::One, 8), &other).unwrap();
    assert!(matches!(verify(&compact), Err(TokenError::Jws(JwsError::Signature(_)))));
}

#[test]
fn an_older_list_never_takes_the_place_of_a_newer_one() {
    let newer = verify(&token(|_| ())).unwrap();
    let older = verify(&token(|claims| claims["iat"] = json!(NOW - 11))).unwrap();
    let same = verify(&token(|_| ())).unwrap();
    assert_eq!(
        older.clone().succeed(Some(&newer)).unwrap_err(),
        TokenError::OlderThanHeld
    );
    assert_eq!(same.succeed(Some(&newer)).unwrap().issued_at(), NOW - 10);
    assert_eq!(newer.succeed(Some(&older)).unwrap().issued_at(), NOW - 10);
    assert!(older.succeed(None).is_ok());
}

#[test]
fn d1_a_bomb_inside_a_token_stops_at_the_limit() {
    let bomb = base64url::encode(StatusList::new(Bits::One, 8 * (16 << 20) + 8).deflate());
    let compact = token(|claims| claims["status_list"]["lst"] = bomb.into());
    assert_eq!(
        verify(&compact).unwrap_err(),
        TokenError::List(ListError::OverBudget(OverBudget(Work::Inflated)))
    );
}

#[test]
fn d1_a_token_over_the_readers_budget_is_refused_at_each_step() {
    let compact = token(|_| ());
    let refused = |budget: Budget| {
        let read = UnverifiedToken::parse_within(&compact, budget).and_then(|token| token.verify(&key(), URI, NOW));
        read.unwrap_err()
    };
    let budget = status_list::budget::TOKEN;
    assert_eq!(
        refused(budget.clone().allow(Work::Bytes, compact.len() - 1)),
        TokenError::OverBudget(OverBudget(Work::Bytes))
    );
    assert_eq!(
        refused(budget.clone().allow(Work::Signatures, 0)),
        TokenError::Jws(JwsError::OverBudget(OverBudget(Work::Signatures)))
    );
    let list = (1 << 17) / 4;
    assert_eq!(
        refused(budget.clone().allow(Work::Inflated, list - 1)),
        TokenError::List(ListError::OverBudget(OverBudget(Work::Inflated)))
    );
    let exactly = budget.allow(Work::Inflated, list);
    let token = UnverifiedToken::parse_within(&compact, exactly).unwrap();
    assert!(token.verify(&key(), URI, NOW).is_ok());
}

#[test_case(br#"{"status_lists":["https://a.example/1","https://a.example/2"]}"# => Ok(2); "two lists")]
#[test_case(br#"{"status_lists":[],"other":1}"# => Ok(0); "none")]
#[test_case(br#"{"status_lists":["list"]}"# => Err(AggregationError::Uri); "no URI")]
#[test_case(br#"{"status_lists":"https://a.example/1"}"# => Err(AggregationError::Form); "no array")]
#[test_case(br#"{"status_lists":[],"status_lists":[]}"# => Err(AggregationError::Form); "twice")]
#[test_case(b"<html>" => Err(AggregationError::Form); "a page")]
fn aggregation(bytes: &[u8]) -> Result<usize, AggregationError> {
    Aggregation::parse(bytes).map(|aggregation| aggregation.status_lists.len())
}

#[test]
fn e8_core_an_aggregation_over_the_budget_is_refused() {
    let refused = |work| Err(AggregationError::OverBudget(OverBudget(work)));
    let parse = |json: &str| Aggregation::parse(json.as_bytes()).map(drop);
    let with = |lists: usize| json!({"status_lists": vec!["https://a.example/1"; lists]}).to_string();
    assert_eq!(parse(&with(1_000)), Ok(()));
    assert_eq!(parse(&with(1_001)), refused(Work::Documents));
    let longest = budget::AGGREGATION.allowed(Work::Bytes);
    let padded = |length: usize| with(1) + &" ".repeat(length - with(1).len());
    assert_eq!(parse(&padded(longest)), Ok(()));
    assert_eq!(parse(&padded(longest + 1)), refused(Work::Bytes));
}
