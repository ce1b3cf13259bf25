//! Status lists as an issuer should not publish them, and what the wallet then says of a card.

use crate::world::{Issuer, NOW, World};
use crate::{mdocs, w3c, w3c_bits};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use jose::{JwsError, JwsHeader, PrivateJwk, base64url, sign_compact};
use serde_json::{Value, json};
use status_list::{ListError, TokenError};
use std::io::Write as _;
use test_case::test_case;
use testkit::addresses::THIS_MACHINE;
use testkit::certificates::{Authority, Chain, Name};
use testkit::credential::{key, signer};
use wallet::{CardStatus, Refreshed, StatusError, TrustError};
use wiremock::ResponseTemplate;

/// A status list token before it is signed.
pub(crate) struct Token {
    typ: &'static str,
    kid: String,
    x5c: Option<Value>,
    key: PrivateJwk,
    claims: Value,
}

impl Token {
    /// A list of the agency with these bytes, one bit each.
    pub(crate) fn of(world: &World, bytes: &[u8]) -> Self {
        let (kid, key) = world.agency.assertion_key().expect("key");
        Self {
            typ: "statuslist+jwt",
            kid: kid.to_string(),
            x5c: None,
            key: key.clone(),
            claims: json!({
                "sub": world.url("agency", "/lists/1"),
                "iat": NOW,
                "exp": NOW + 3_600,
                "ttl": 60,
                "status_list": {"bits": 1, "lst": deflate(bytes)},
            }),
        }
    }

    /// The list of another address.
    pub(crate) fn at(mut self, uri: &str) -> Self {
        self.claims["sub"] = uri.into();
        self
    }

    /// Signed with this key, under this certificate.
    pub(crate) fn under(mut self, chain: &Chain, key: PrivateJwk) -> Self {
        self.x5c = Some(chain.x5c());
        self.key = key;
        self
    }

    /// Two bits for each card, all of this value.
    pub(crate) fn saying(mut self, value: u8) -> Self {
        let byte = value | value << 2 | value << 4 | value << 6;
        self.claims["status_list"] = json!({"bits": 2, "lst": deflate(&[byte; 128])});
        self
    }

    fn header(&self) -> JwsHeader {
        let header = JwsHeader::new(jose::Algorithm::Es256)
            .with_typ(self.typ)
            .with_kid(&self.kid);
        match &self.x5c {
            Some(x5c) => header.with_x5c(x5c.clone()),
            None => header,
        }
    }

    pub(crate) fn sign(&self) -> String {
        sign_compact(&self.header(), self.claims.to_string().as_bytes(), &signer(&self.key)).expect("signed")
    }
}

fn deflate(bytes: &[u8]) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("written");
    base64url::encode(encoder.finish().expect("deflated"))
}

pub(crate) async fn publish(world: &World, text: &str) {
    world
        .answer(
            "/lists/1",
            ResponseTemplate::new(200).set_body_raw(text, "application/statuslist+jwt"),
        )
        .await;
}

async fn refresh(world: &World) -> Refreshed {
    world.wallet.refresh_status().await.expect("refreshed")
}

/// A card in each format whose status is told by such tokens.
async fn told_by_tokens() -> [World; 2] {
    [World::with_card().await, mdocs::with_card().await]
}

/// Publishes an edited token; it must be refused, and the card's status stay unknown, in whatever format the card is.
async fn refused(edit: impl Fn(&mut Token)) -> StatusError {
    refused_as(|mut token| {
        edit(&mut token);
        token
    })
    .await
}

/// The same with what is made of a good token.
async fn refused_as(make: impl Fn(Token) -> Token) -> StatusError {
    let mut errors = Vec::new();
    for world in told_by_tokens().await {
        let token = make(Token::of(&world, &[0; 128]));
        publish(&world, &token.sign()).await;
        errors.push(only_failure(&world).await);
    }
    let last = errors.pop().expect("an error");
    assert!(errors.iter().all(|error| error.to_string() == last.to_string()));
    last
}

async fn only_failure(world: &World) -> StatusError {
    let mut refreshed = refresh(world).await;
    assert_eq!((refreshed.lists, refreshed.failures.len()), (0, 1));
    assert_eq!(world.card_status(), CardStatus::Unknown, "never valid");
    refreshed.failures.remove(0)
}

fn token_error(error: StatusError) -> TokenError {
    match error {
        StatusError::Token(error) => error,
        other => panic!("{other:?}"),
    }
}

/// What nobody knows is not good.
#[tokio::test]
async fn d8_wallet_what_a_list_tells_of_a_card() {
    for world in told_by_tokens().await {
        assert_eq!(world.card_status(), CardStatus::Unknown, "nothing is known yet");
        for (round, (value, expected)) in [
            (0b00, CardStatus::Valid),
            (0b10, CardStatus::Suspended),
            (0b11, CardStatus::Unknown),
            (0b01, CardStatus::Revoked),
        ]
        .into_iter()
        .enumerate()
        {
            let mut token = Token::of(&world, &[]).saying(value);
            token.claims["iat"] = (NOW + u64::try_from(round).expect("small")).into();
            publish(&world, &token.sign()).await;
            assert_eq!(refresh(&world).await.lists, 1);
            assert_eq!(world.card_status(), expected, "{value}");
        }
    }
}

/// A card of each format that counts for a quarter of an hour.
async fn brief() -> [World; 3] {
    let until = NOW + 900;
    let of_sd_jwt = World::new().await;
    let issuer = Issuer::of(&of_sd_jwt, "person-identification").making(move |mut copy| {
        copy.draft.expires = until;
        copy.issue()
    });
    issuer.mount(&of_sd_jwt).await;
    of_sd_jwt.accept(&issuer.offer()).await.expect("accepted");
    let of_w3c = w3c::with_card_of(|endpoint| {
        endpoint.written = Some(|copy| copy["validUntil"] = json!("2026-11-20T12:15:00Z"));
    })
    .await;
    [of_sd_jwt, mdocs::with_card_until(Some(until)).await, of_w3c]
}

/// The agency says of every card that it is good, as each format has it.
async fn publish_good(world: &World) {
    publish(world, &Token::of(world, &[0; 128]).sign()).await;
    let (_, key) = world.agency.assertion_key().expect("key");
    w3c_bits::publish(world, &w3c_bits::all_is_well(), key, 0).await;
}

#[tokio::test]
async fn d8_wallet_a_card_that_has_run_out_although_its_list_says_good() {
    for world in brief().await {
        publish_good(&world).await;
        assert_eq!(refresh(&world).await.failures.len(), 0);
        assert_eq!(world.card_status(), CardStatus::Valid);
        world.clock.set(NOW + 899);
        assert_eq!(world.card_status(), CardStatus::Valid);
        world.clock.set(NOW + 900);
        assert_eq!(world.card_status(), CardStatus::Expired);
    }
}

#[tokio::test]
async fn whole_sets_are_refreshed_and_showing_a_card_fetches_nothing() {
    let mut world = World::with_card().await;
    let token = Token::of(&world, &[0; 128]).sign();
    let other = world.url("agency", "/lists/2");
    let first = world.url("agency", "/lists/1");
    let content = [
        ledger::ListContent {
            uri: &first,
            bits: 1,
            bytes: &[0; 128],
        },
        ledger::ListContent {
            uri: &other,
            bits: 1,
            bytes: &[0; 128],
        },
    ];
    let lists: Vec<(ledger::ListContent<'_>, &[u8])> = content.into_iter().map(|c| (c, token.as_bytes())).collect();
    let agency = did::identity::Organisation::open(
        did::identity::OrganisationKeys::from_json(world.agency.keys().dangerous_to_json().to_string().as_bytes())
            .expect("keys"),
        &world.agency.log_file(),
    )
    .expect("agency");
    world.ledger.snapshot(&agency, &lists);
    world.publish_agencies().await;
    let link = world.ask("age", &["age_over_18"]).await;
    world.share(&link).await.expect("shared");
    assert_eq!(
        world.sent("GET", "/lists/1").await.len(),
        0,
        "showing a card asks nobody"
    );
    publish(&world, &token).await;
    let refreshed = refresh(&world).await;
    assert_eq!(
        (
            world.sent("GET", "/lists/1").await.len(),
            world.sent("GET", "/lists/2").await.len()
        ),
        (1, 1)
    );
    assert_eq!(
        (refreshed.lists, refreshed.failures.len()),
        (1, 1),
        "the second list is not there"
    );
}

/// A card of somebody else names the list of the agency.
#[test_case(0, true ; "before the card of the agency came, and it is recorded")]
#[test_case(NOW + 1, true ; "after it, and it is recorded")]
#[test_case(NOW + 1, false ; "after it, and it is not recorded")]
#[tokio::test]
async fn a_list_stays_that_of_its_issuer_whoever_else_names_it(came_at: u64, is_recorded: bool) {
    let mut world = World::with_card().await;
    let uri = world.url("agency", "/lists/1");
    let other = format!(
        r#"INSERT INTO card (id, vct, issuer, issuer_host, display, claims, received_at) VALUES
            ('other', 'urn:example:card', '{{"known_by": "certificate", "name": "Office"}}', 'office.example', '{{}}', '{{}}',
             {came_at});
        INSERT INTO holder_key (id, private_jwk) VALUES ('other', X'7b7d');
        INSERT INTO copy (card_id, kind, key_id, credential, status_uri, status_index)
            VALUES ('other', 'online', 'other', '', '{uri}', 1);"#
    );
    world.wallet.vault().dangerous_execute(&other).expect("stored");
    if is_recorded {
        world.publish_proofs(&[0; 128]).await;
    } else {
        world.publish_list(&[0; 128]).await;
    }
    let refreshed = refresh(&world).await;
    assert_eq!((refreshed.lists, refreshed.failures.len()), (1, 0));
}

#[tokio::test]
async fn a1_wallet_status_token_alg_none() {
    let world = World::with_card().await;
    let token = Token::of(&world, &[0; 128]);
    let header = base64url::encode(r#"{"alg":"none","typ":"statuslist+jwt"}"#);
    publish(
        &world,
        &format!("{header}.{}.", base64url::encode(token.claims.to_string())),
    )
    .await;
    assert_eq!(
        token_error(only_failure(&world).await),
        TokenError::Jws(JwsError::AlgorithmNotAllowed)
    );
}

#[tokio::test]
async fn a3_wallet_status_token_with_a_key_of_an_attacker() {
    let error = refused(|token| token.kid = "did:web:evil.localhost#key-1".into()).await;
    assert!(matches!(error, StatusError::Trust(TrustError::KeyNotAnchored)));
}

#[test_case("JWT" ; "a plain token")]
#[test_case("dc+sd-jwt" ; "a credential")]
#[tokio::test]
async fn a5_wallet_status_token_of_another_typ(typ: &'static str) {
    let error = refused(|token| token.typ = typ).await;
    assert_eq!(token_error(error), TokenError::Jws(JwsError::WrongType));
}

#[test_case("iat", json!("now") => TokenError::IssuedAt ; "iat as text")]
#[test_case("exp", json!(-1) => TokenError::ExpiryMalformed ; "exp negative")]
#[test_case("exp", json!(1.5) => TokenError::ExpiryMalformed ; "exp a fraction")]
#[test_case("ttl", json!("60") => TokenError::TimeToLive ; "ttl as text")]
#[tokio::test]
async fn a6_wallet_status_token_times(name: &'static str, value: Value) -> TokenError {
    token_error(refused(|token| token.claims[name] = value.clone()).await)
}

#[tokio::test]
async fn a7_wallet_status_token_with_a_name_twice() {
    let world = World::with_card().await;
    let token = Token::of(&world, &[0; 128]);
    let payload = token.claims.to_string().replacen('{', "{\"exp\":9999999999,", 1);
    let text = sign_compact(&token.header(), payload.as_bytes(), &signer(&token.key)).expect("signed");
    publish(&world, &text).await;
    assert!(matches!(token_error(only_failure(&world).await), TokenError::Jws(_)));
}

#[tokio::test]
async fn d1_wallet_a_list_that_inflates_without_end() {
    let error = refused(|token| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        for _ in 0..64 {
            encoder.write_all(&[0; 1024 * 1024]).expect("written");
        }
        let bomb = base64url::encode(encoder.finish().expect("deflated"));
        token.claims["status_list"]["lst"] = bomb.into();
    })
    .await;
    assert!(matches!(token_error(error), TokenError::List(ListError::OverBudget(_))));
}

#[tokio::test]
async fn d2_wallet_an_index_outside_the_list() {
    // The copies have the entries from 0 on; the list holds none of them.
    for world in told_by_tokens().await {
        publish(&world, &Token::of(&world, &[]).sign()).await;
        assert_eq!(refresh(&world).await.lists, 1);
        assert_eq!(world.card_status(), CardStatus::Unknown, "never valid");
    }
}

#[test_case(3 ; "three bits")]
#[test_case(16 ; "sixteen bits")]
#[tokio::test]
async fn d3_wallet_bits_that_do_not_exist(bits: u64) {
    let error = refused(|token| token.claims["status_list"]["bits"] = bits.into()).await;
    assert!(matches!(token_error(error), TokenError::List(ListError::Bits)));
}

#[tokio::test]
async fn d6_wallet_the_list_of_another_address() {
    let error = refused(|token| token.claims["sub"] = "http://agency.localhost/lists/2".into()).await;
    assert_eq!(token_error(error), TokenError::Subject);
}

#[tokio::test]
async fn d6_wallet_a_list_with_a_certificate_of_its_own() {
    let chain = Authority::new("own").certify(key(5).public(), &[Name::Uri("did:web:evil.example")]);
    let error = refused_as(|token| token.under(&chain, key(5))).await;
    assert!(matches!(token_error(error), TokenError::Jws(JwsError::Signature(_))));
}

#[tokio::test]
async fn an_older_list_does_not_take_the_place_of_a_newer_one() {
    let world = World::with_card().await;
    publish(&world, &Token::of(&world, &[0xff; 128]).sign()).await;
    refresh(&world).await;
    assert_eq!(world.card_status(), CardStatus::Revoked);
    let mut older = Token::of(&world, &[0; 128]);
    older.claims["iat"] = (NOW - 10).into();
    publish(&world, &older.sign()).await;
    let mut refreshed = refresh(&world).await;
    assert_eq!(token_error(refreshed.failures.remove(0)), TokenError::OlderThanHeld);
    assert_eq!(world.card_status(), CardStatus::Revoked);
}

#[tokio::test]
async fn a_list_that_has_run_out_still_tells_which_ones_are_older() {
    let world = World::with_card().await;
    let mut brief = Token::of(&world, &[0xff; 128]);
    brief.claims["exp"] = (NOW + 100).into();
    publish(&world, &brief.sign()).await;
    refresh(&world).await;
    world.clock.set(NOW + 200);
    assert_eq!(world.card_status(), CardStatus::Unknown);
    let mut older = Token::of(&world, &[0; 128]);
    older.claims["iat"] = (NOW - 10).into();
    publish(&world, &older.sign()).await;
    let error = only_failure(&world).await;
    assert_eq!(token_error(error), TokenError::OlderThanHeld);
    assert_eq!(world.card_status(), CardStatus::Unknown);
}

/// A card in every format there is, none of whose lists is held.
async fn with_lists_of_each_kind() -> [World; 3] {
    let [of_sd_jwt, of_mdoc] = told_by_tokens().await;
    [of_sd_jwt, of_mdoc, w3c::with_card().await]
}

#[tokio::test]
async fn d4_wallet_a_list_that_has_run_out_says_nothing() {
    for world in with_lists_of_each_kind().await {
        publish_good(&world).await;
        refresh(&world).await;
        assert_eq!(world.card_status(), CardStatus::Valid);
        world.clock.set(NOW + 3_600);
        assert_eq!(world.card_status(), CardStatus::Unknown, "never valid");
    }
}

/// What every list answers with.
async fn lists_answer(world: &World, answer: &ResponseTemplate) {
    for at in ["/lists/1", "/lists/1/revocation", "/lists/1/suspension"] {
        world.answer(at, answer.clone()).await;
    }
}

/// Nothing is known of a card whose list cannot be had; one that was had before still counts.
#[test_case(|| ResponseTemplate::new(404) ; "not found")]
#[test_case(|| ResponseTemplate::new(503) ; "out of order")]
#[test_case(|| ResponseTemplate::new(200).set_body_raw("<html></html>", "text/html") ; "a page")]
#[tokio::test]
async fn d5_wallet_a_list_that_cannot_be_had(answer: fn() -> ResponseTemplate) {
    for world in with_lists_of_each_kind().await {
        lists_answer(&world, &answer()).await;
        let refreshed = refresh(&world).await;
        assert_eq!(refreshed.lists, 0);
        assert!(
            refreshed
                .failures
                .iter()
                .all(|error| error.code() == "status_unavailable")
        );
        assert_eq!(world.card_status(), CardStatus::Unknown, "never valid");
        publish_good(&world).await;
        refresh(&world).await;
        lists_answer(&world, &answer()).await;
        refresh(&world).await;
        assert_eq!(
            world.card_status(),
            CardStatus::Valid,
            "the list that is held still counts"
        );
        world.clock.set(NOW + 3_600);
        assert_eq!(world.card_status(), CardStatus::Unknown);
    }
}

#[tokio::test]
async fn e5_wallet_a_list_at_an_address_outside_the_run() {
    for host in THIS_MACHINE {
        list_not_fetched(|port| format!("http://{host}:{port}/lists/1")).await;
    }
    for uri in ["http://10.0.0.1/lists/1", "http://169.254.169.254/lists/1"] {
        list_not_fetched(|_| uri.to_owned()).await;
    }
}

/// A card whose list lies at this address, on the port that may be reached or elsewhere; nobody is asked there.
async fn list_not_fetched(uri: impl FnOnce(u16) -> String) {
    let world = World::new().await;
    let uri = uri(world.port());
    let at = uri.clone();
    let issuer = crate::world::Issuer::of(&world, "person-identification").making(move |mut copy| {
        if let Some(status) = &mut copy.draft.status {
            status.uri.clone_from(&at);
        }
        copy.issue()
    });
    issuer.mount(&world).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    assert_eq!(only_failure(&world).await.code(), "address_not_allowed", "{uri}");
    assert_eq!(world.wallet.blocked_requests(), 1, "{uri}");
    assert!(
        world.sent("GET", "/lists/1").await.is_empty(),
        "no connection is opened"
    );
}
