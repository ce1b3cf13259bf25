//! Status list, its token and the aggregation. draft-ietf-oauth-status-list

use std::io::Read;
use std::sync::LazyLock;

use flate2::read::ZlibDecoder;
use jose::{Algorithm, Budget, JwsHeader, Work, base64url, sign_compact};
use serde_json::{Value, json};
use status_list::{Aggregation, Bits, ListError, Status, StatusClaims, StatusList, UnverifiedToken, sign_token};

use super::Target;
use crate::keys::{NOW, OWN, TRUSTED, signer, verifying};
use crate::{Reached, seeds};

pub(super) const TARGET: Target = Target {
    name: "status-list",
    asserts: "inflation gives what flate2's own reader gives, never more than the limit, and deflated again the \
              same; a status comes from exactly its bits; no token verifies but the signed one; an aggregation, \
              written, reads the same",
    body,
    seeds: inputs,
};

const URI: &str = "https://agency.example/status/1";
const LIMIT: usize = 64 * 1024;

/// What a list may cost here: little, so that the limit is reached.
fn budget() -> Budget {
    status_list::budget::TOKEN.allow(Work::Inflated, LIMIT)
}

static SIGNED: LazyLock<String> = LazyLock::new(|| {
    let mut list = StatusList::new(Bits::Two, 4096);
    list.set(7, Status::Suspended).unwrap();
    let claims = StatusClaims {
        uri: URI,
        issued_at: NOW,
        expires: NOW + 600,
        time_to_live: 60,
        aggregation_uri: Some("https://agency.example/lists"),
    };
    sign_token(
        JwsHeader::new(Algorithm::EdDsa).with_kid("k"),
        &claims,
        &list,
        &signer(&TRUSTED),
    )
    .unwrap()
});

fn inputs() -> Vec<Vec<u8>> {
    let deflated = |bits, bytes| StatusList::from_bytes(bits, bytes).deflate();
    let zlib = |number: u8, data: Vec<u8>| [vec![number], data].concat();
    let claims = base64url::decode(SIGNED.split('.').nth(1).unwrap()).unwrap();
    let mut all = vec![
        SIGNED.clone().into_bytes(),
        claims,
        br#"{"status_lists":["https://agency.example/status/1","https://agency.example/status/2"]}"#.to_vec(),
        zlib(1, deflated(Bits::One, vec![0xb9, 0xa3])),
        zlib(2, deflated(Bits::Two, (0..=255).collect())),
        zlib(4, deflated(Bits::Four, vec![0; 4096])),
        zlib(8, deflated(Bits::Eight, vec![0; LIMIT + 1])),
    ];
    for (_, text) in seeds::set("token-status-list") {
        let joined: String = text.split_whitespace().collect();
        if seeds::is_compact(&joined, 3) {
            all.push(joined.into_bytes());
        } else if let Some((before, after)) = joined.split_once("\"lst\":\"") {
            let bits = before
                .rsplit("\"bits\":")
                .next()
                .and_then(|bits| bits.split(',').next()?.parse().ok());
            let lst = after.split('"').next().and_then(|lst| base64url::decode(lst).ok());
            all.extend(lst.map(|lst| zlib(bits.unwrap_or(1), lst)));
        }
    }
    all
}

fn body(input: &[u8]) -> Reached {
    match input.first() {
        Some(b'{') => claims(input).max(aggregation(input)),
        Some(bits @ (1 | 2 | 4 | 8)) => inflated(*bits, &input[1..]),
        _ => std::str::from_utf8(input).map_or(Reached::Refused, token),
    }
}

fn token(text: &str) -> Reached {
    let Ok(token) = UnverifiedToken::parse_within(text, budget()) else {
        return Reached::Refused;
    };
    let Ok(list) = token.verify(&verifying(&TRUSTED), URI, NOW) else {
        return Reached::Read;
    };
    assert_eq!(text, *SIGNED, "verified what nobody signed");
    assert_eq!(
        (list.status(7), list.status(8)),
        (Ok(Status::Suspended), Ok(Status::Valid))
    );
    Reached::Accepted
}

/// Claims that the body signs itself, to get behind the signature.
fn claims(input: &[u8]) -> Reached {
    let header = JwsHeader::new(Algorithm::EdDsa).with_typ("statuslist+jwt");
    let compact = sign_compact(&header, input, &signer(&OWN)).unwrap();
    let token = UnverifiedToken::parse_within(&compact, budget()).expect("a JWS of ours");
    let Ok(list) = token.verify(&verifying(&OWN), URI, NOW) else {
        return Reached::Read;
    };
    let claims: Value = serde_json::from_slice(input).expect("what the strict reader reads");
    assert_eq!(claims["sub"], URI);
    assert_eq!(claims["iat"].as_u64(), Some(list.issued_at()));
    assert!(list.issued_at() <= NOW + 60 && list.is_current(NOW));
    let compressed = base64url::decode(claims["status_list"]["lst"].as_str().unwrap()).unwrap();
    same_as_flate2(list.list(), &compressed);
    Reached::Accepted
}

fn inflated(bits: u8, compressed: &[u8]) -> Reached {
    let bits = Bits::try_from(u64::from(bits)).unwrap();
    match StatusList::inflate(bits, compressed, &mut budget()) {
        Ok(list) => {
            same_as_flate2(&list, compressed);
            Reached::Accepted
        }
        Err(ListError::OverBudget(_)) => Reached::Read,
        Err(_) => Reached::Refused,
    }
}

fn same_as_flate2(list: &StatusList, compressed: &[u8]) {
    assert!(list.bytes().len() <= LIMIT);
    let mut bytes = Vec::new();
    ZlibDecoder::new(compressed)
        .read_to_end(&mut bytes)
        .expect("flate2's own reader reads it too");
    assert_eq!(list.bytes(), bytes);
    assert_eq!(
        StatusList::inflate(list.bits(), &list.deflate(), &mut budget()).as_ref(),
        Ok(list)
    );
    let (width, entries) = (u64::from(list.bits().number()), list.entries());
    assert!(list.status(entries).is_err() && list.status(u64::MAX).is_err());
    for index in [0, 1, entries / 2, entries.saturating_sub(1)]
        .into_iter()
        .filter(|index| *index < entries)
    {
        let byte = bytes[usize::try_from(index * width / 8).unwrap()];
        let value = u64::from(byte) >> (index * width % 8) & ((1 << width) - 1);
        assert_eq!(list.status(index).map(|status| u64::from(status.value())), Ok(value));
    }
}

fn aggregation(input: &[u8]) -> Reached {
    let Ok(aggregation) = Aggregation::parse(input) else {
        return Reached::Refused;
    };
    let written = json!(aggregation).to_string();
    assert_eq!(Aggregation::parse(written.as_bytes()), Ok(aggregation));
    Reached::Accepted
}
