//! All copies of two people, byte for byte: nothing tells which belong together but what is shown.

use std::collections::BTreeSet;

use jose::base64url;
use serde_json::Value;
use test_case::test_case;

use crate::wallet::Wallet;
use crate::world::World;

/// A copy with everything replaced that is random for each copy: signature, holder's key, digests, status index.
fn skeleton(copy: &str) -> String {
    let (jwt, _) = copy.split_once('~').unwrap();
    let parts: Vec<&str> = jwt.split('.').collect();
    let header = String::from_utf8(base64url::decode(parts[0]).unwrap()).unwrap();
    let mut payload: Value = serde_json::from_slice(&base64url::decode(parts[1]).unwrap()).unwrap();
    for coordinate in ["x", "y"] {
        let value = payload["cnf"]["jwk"][coordinate].as_str().unwrap().to_owned();
        payload["cnf"]["jwk"][coordinate] = "·".repeat(value.len()).into();
    }
    for digest in payload["_sd"].as_array_mut().unwrap() {
        *digest = "·".repeat(digest.as_str().unwrap().len()).into();
    }
    payload["status"]["status_list"]["idx"] = "·".into();
    format!("{header}\n{payload}\n{}", parts[2].len())
}

async fn copies(world: &World, subject: &str, configuration: &str) -> Vec<String> {
    let wallet = Wallet::new();
    let credential_type = configuration.trim_end_matches(".offline");
    let token = wallet.access_token(world, credential_type, subject).await;
    wallet.copies(world, &token, configuration, 5).await.0
}

#[test_case("person-identification"; "person identification")]
#[test_case("person-identification.offline"; "person identification offline")]
#[test_case("residence"; "residence")]
#[test_case("residence.offline"; "residence offline")]
#[test_case("driving-licence"; "driving licence")]
#[test_case("driving-licence.offline"; "driving licence offline")]
#[test_case("business-representative"; "business representative")]
#[test_case("business-representative.offline"; "business representative offline")]
#[tokio::test]
async fn copies_of_two_people_compared_byte_for_byte(configuration: &str) {
    compare(&World::ledger().await, configuration).await;
}

#[test_case("person-identification"; "person identification")]
#[test_case("residence"; "residence")]
#[tokio::test]
async fn copies_of_an_issuer_known_by_certificate_compared_byte_for_byte(configuration: &str) {
    compare(&World::x5c().await, configuration).await;
}

async fn compare(world: &World, configuration: &str) {
    let one = copies(world, "SYN-000001", configuration).await;
    // Another time of the same day, another person.
    world.clock.advance(240);
    let two = copies(world, "SYN-000002", configuration).await;
    let skeletons: BTreeSet<String> = one.iter().chain(&two).map(|copy| skeleton(copy)).collect();
    assert_eq!(skeletons.len(), 1, "{skeletons:#?}");

    // What was replaced never repeats, so it cannot tell either.
    let all: Vec<&String> = one.iter().chain(&two).collect();
    let disclosures: Vec<&str> = all
        .iter()
        .flat_map(|copy| copy.split('~').skip(1))
        .filter(|d| !d.is_empty())
        .collect();
    assert_eq!(disclosures.iter().collect::<BTreeSet<_>>().len(), disclosures.len());
    let digests: Vec<String> = all
        .iter()
        .flat_map(|copy| crate::status::payload(copy)["_sd"].as_array().unwrap().clone())
        .map(|digest| digest.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(digests.iter().collect::<BTreeSet<_>>().len(), digests.len());
    let places: BTreeSet<u64> = all.iter().map(|copy| crate::status::place(copy).1).collect();
    assert_eq!(places.len(), 10);
}

#[tokio::test]
async fn a_person_with_portrait_looks_like_one_without() {
    let world = World::ledger().await;
    let mut write = world.app.store().begin().await.unwrap();
    let mut person = issuer::store::people::find(&mut *write, "SYN-000002")
        .await
        .unwrap()
        .unwrap();
    person.portrait = None;
    issuer::store::people::put(&mut write, &person).await.unwrap();
    write.commit().await.unwrap();
    let one = copies(&world, "SYN-000001", "person-identification").await;
    let two = copies(&world, "SYN-000002", "person-identification").await;
    let skeletons: BTreeSet<String> = one.iter().chain(&two).map(|copy| skeleton(copy)).collect();
    assert_eq!(skeletons.len(), 1);
}

#[tokio::test]
async fn what_a_wallet_writes_beside_its_key_does_not_come_back() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let key = crate::wallet::fresh_key();
    let mut jwk = jose::Signer::public_jwk(&key).to_value();
    jwk["kid"] = "tracking".into();
    let header = serde_json::json!({ "alg": "ES256", "typ": "openid4vci-proof+jwt", "jwk": jwk });
    let nonce = crate::wallet::c_nonce(&world).await;
    let claims = serde_json::json!({ "aud": crate::world::PUBLIC_URL, "iat": crate::world::NOW, "nonce": nonce });
    let proof = crate::wallet::forged(&key, &header.to_string(), &claims.to_string());
    let answer = wallet.credential(&world, &token, "residence", &[proof]).await;
    let copy = answer.json()["credentials"][0]["credential"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(crate::status::payload(&copy)["cnf"]["jwk"].get("kid").is_none());
}
