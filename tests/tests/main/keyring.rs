//! The keyring of the harness, on which other tests stand.

use e2e::keyring::Keyring;
use e2e::stack::Stack;
use e2e::wallet::{Exit, Wallet};

#[tokio::test]
async fn a_keyring_that_ended_by_itself_is_there_again_with_what_it_kept() {
    let folder = tempfile::tempdir().unwrap();
    let stack = Stack::on(folder.path()).unwrap();
    stack.found_ledger().await.unwrap();
    let keyring = Keyring::start(&folder.path().join("keyring")).await.unwrap();
    let wallet = Wallet::new(&folder.path().join("wallet"), &keyring).unwrap();
    let made = wallet.init(&stack).await.unwrap().expect(Exit::Done).unwrap();
    assert_eq!(made.json["protection"], "keyring");

    keyring.kill().await.unwrap();
    wallet.run(&["list"]).await.unwrap().expect(Exit::Done).unwrap();

    // What was taken away stays away.
    drop(keyring);
    let refused = wallet.run(&["list"]).await.unwrap();
    assert_eq!((refused.exit, refused.code()), (Exit::Locked, "keyring_unavailable"));
}
