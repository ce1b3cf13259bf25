//! The ecosystem of a wallet: what a link brings, and which trust pack may follow the one that is held.

use crate::world::{NOW, PIN, World, YEAR};
use jose::{PrivateJwk, Signer, SigningKey};
use ledger::{Mode, PackContent};
use test_case::test_case;
use wallet::{EcosystemError, EcosystemLink, Network, OfferedEcosystem, Passphrase, Renewal, Renewed, Wallet};
use wiremock::ResponseTemplate;

const PACK: &str = "/about/trust-pack.json";

/// The pack after the one that the wallet has, changed, signed by governance and, where there is one, a stranger.
fn next(world: &World, change: impl FnOnce(&mut PackContent)) -> OfferedEcosystem {
    let mut content = PackContent {
        version: 2,
        expires: NOW + 2 * YEAR,
        ..world.ledger.pack_content().clone()
    };
    change(&mut content);
    offered(&content, world.ledger.governance())
}

fn offered(content: &PackContent, signer: &SigningKey) -> OfferedEcosystem {
    let signers: [&dyn Signer; 1] = [signer];
    let file = content.sign(&signers).expect("signed");
    OfferedEcosystem::read(String::from_utf8(file).expect("text"), NOW).expect("sound in itself")
}

/// The pack of today as others offer it: with the address of the ledger in it.
fn with_address(world: &World) -> Vec<u8> {
    let mut content = world.ledger.pack_content().clone();
    let address = format!(" http://ledger.localhost:{}/\n", world.server.address().port());
    content.policy = content.policy.replacen('\n', &address, 1);
    let signers: [&dyn Signer; 1] = [world.ledger.governance()];
    content.sign(&signers).expect("signed")
}

fn link(world: &World, file: &[u8]) -> EcosystemLink {
    let pack = ledger::UnverifiedTrustPack::parse(file).expect("a pack");
    let sha256 = pack.verify(None, NOW).expect("sound").sha256();
    let address = format!("http://ledger.localhost:{}{PACK}", world.server.address().port());
    EcosystemLink::new(address.parse().expect("url"), sha256).expect("a link")
}

fn development(world: &World) -> Network {
    Network::Development {
        ports: vec![world.server.address().port()],
    }
}

async fn publish(world: &World, file: &[u8]) {
    let answer = ResponseTemplate::new(200).set_body_raw(file, "application/json");
    world.answer(PACK, answer).await;
}

#[tokio::test]
async fn a_link_brings_name_mode_and_fingerprint_and_makes_settings() {
    let world = World::new().await;
    let file = with_address(&world);
    publish(&world, &file).await;
    let link = link(&world, &file);
    let offered = OfferedEcosystem::fetch(&link, &development(&world), NOW)
        .await
        .expect("fetched");
    let told = offered.told();
    assert_eq!(
        (told.name.as_str(), told.mode, told.version),
        ("Holdfast test", Mode::Test, 1)
    );
    assert!(link.to_string().ends_with(&told.fingerprint.replace(' ', "")));
    let settings = offered.settings(development(&world)).expect("settings");
    assert_eq!(settings.ledger_url.host_str(), Some("ledger.localhost"));
    assert_eq!(
        settings.ecosystem(NOW).expect("sound"),
        ("Holdfast test".to_owned(), Mode::Test)
    );
}

#[tokio::test]
async fn k19_wallet_a_pack_that_the_link_does_not_name() {
    let world = World::new().await;
    let named = link(&world, &with_address(&world));
    // Sound in itself, and of the same governance.
    publish(&world, &world.ledger.trust_pack_file()).await;
    let refused = OfferedEcosystem::fetch(&named, &development(&world), NOW)
        .await
        .expect_err("another pack");
    assert_eq!(refused.code(), "fingerprint_differs");
}

#[tokio::test]
async fn a_wallet_for_the_public_network_asks_no_address_of_this_machine() {
    let world = World::new().await;
    let file = with_address(&world);
    publish(&world, &file).await;
    let refused = OfferedEcosystem::fetch(&link(&world, &file), &Network::Public, NOW)
        .await
        .expect_err("blocked");
    assert_eq!(refused.code(), "address_not_allowed");
    assert!(world.sent("GET", PACK).await.is_empty());
}

#[tokio::test]
async fn a_pack_without_an_address_of_the_ledger_makes_no_wallet() {
    let world = World::new().await;
    let file = String::from_utf8(world.ledger.trust_pack_file()).expect("text");
    let offered = OfferedEcosystem::read(file, NOW).expect("sound");
    assert_eq!(
        offered.settings(Network::Public).expect_err("nowhere").code(),
        "ecosystem_no_address"
    );
}

#[tokio::test]
async fn the_next_pack_counts_from_the_next_opening_on() {
    let world = World::new().await;
    let offered = next(&world, |_| ());
    let renewal = world.wallet.renewal().expect("open");
    assert_eq!(renewal.foresee(&offered).expect("the next one"), Renewed::Newer);
    assert_eq!(renewal.take(&offered).expect("taken"), Renewed::Newer);
    drop(renewal);
    assert_eq!(world.wallet.about_ecosystem().version, 1);
    let world = world.killed();
    assert_eq!(world.wallet.about_ecosystem(), offered.told());
    let again = world.wallet.renewal().expect("open").take(&offered).expect("held");
    assert_eq!(again, Renewed::Already);
}

#[test_case(|pack| pack.mode = Mode::Live, "ecosystem_other_mode"; "live for a test wallet")]
#[test_case(|pack| pack.name = "Another".to_owned(), "ecosystem_other"; "another name")]
#[test_case(|pack| pack.version = 3, "ecosystem_gap"; "one in between is missing")]
#[test_case(|pack| { pack.version = 1; pack.expires += 1 }, "ecosystem_older"; "no newer one")]
#[tokio::test]
async fn k19_wallet_a_pack_that_does_not_follow(change: fn(&mut PackContent), code: &str) {
    let world = World::new().await;
    let offered = next(&world, change);
    let refused = world
        .wallet
        .renewal()
        .expect("open")
        .take(&offered)
        .expect_err("refused");
    assert_eq!(refused.code(), code);
    let before = world.wallet.about_ecosystem();
    assert_eq!(world.killed().wallet.about_ecosystem(), before);
}

#[tokio::test]
async fn k19_wallet_a_pack_that_strangers_signed() {
    let world = World::new().await;
    let stranger = SigningKey::new(&PrivateJwk::from_ed25519_seed(&[9; 32])).expect("a key");
    let content = PackContent {
        version: 2,
        governance: ledger::Governance::new(vec![stranger.public_jwk().clone()], Vec::new(), 1).expect("one key"),
        ..world.ledger.pack_content().clone()
    };
    let offered = offered(&content, &stranger);
    let refused = world
        .wallet
        .renewal()
        .expect("open")
        .take(&offered)
        .expect_err("refused");
    assert!(matches!(refused, EcosystemError::Pack(_)), "{refused}");
    assert_eq!(refused.code(), "trust_pack_invalid");
    assert_eq!(world.killed().wallet.about_ecosystem().version, 1);
}

#[tokio::test]
async fn a_wallet_whose_pack_ran_out_takes_the_next_one_and_opens() {
    let world = World::new().await;
    let offered = next(&world, |_| ());
    world.clock.set(NOW + YEAR);
    let again = world.copied();
    let passphrase = Passphrase::new(PIN);
    let open = || Wallet::open(&again, &passphrase, world.keyring.as_ref(), world.clock.clone());
    assert_eq!(open().expect_err("ran out").code(), "trust_pack_expired");
    let renewal = Renewal::open(&again, &passphrase, world.keyring.as_ref(), world.clock.as_ref()).expect("opened");
    assert_eq!(renewal.take(&offered).expect("taken"), Renewed::Newer);
    drop(renewal);
    assert_eq!(open().expect("opened").about_ecosystem(), offered.told());
    assert_eq!(world.wallet.about_ecosystem().version, 1);
}
