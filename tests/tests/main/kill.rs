//! kill -9 inside each step: nothing that was acknowledged is lost.
//!
//! `HOLDFAST_SEED=N` repeats one seed, `HOLDFAST_KILL_SEEDS=N` takes so many fresh ones.

use e2e::kill::{Target, forget, seeds, survive};
use test_case::test_case;

#[test_case(Target::Log ; "log")]
#[test_case(Target::Witness ; "witness")]
#[test_case(Target::Mirror ; "mirror")]
#[test_case(Target::Issuer ; "issuer")]
#[test_case(Target::StatusLists ; "status lists")]
#[test_case(Target::Verifier ; "verifier")]
#[test_case(Target::Wallet ; "wallet")]
#[tokio::test]
async fn nothing_acknowledged_is_lost(target: Target) {
    let folder = tempfile::tempdir().unwrap();
    let seeds = seeds().unwrap();
    match survive(folder.path(), target, &seeds).await {
        Ok(survived) => {
            println!(
                "COUNT: {}: {} kills, {} records, seeds {seeds:?}",
                target.name(),
                survived.kills,
                survived.records
            );
            assert!(survived.kills > 0 && survived.records > 0);
        }
        Err(error) => panic!("{error:#}\nkept in {}", folder.keep().display()),
    }
}

#[tokio::test]
async fn what_is_lost_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let noticed = forget(folder.path()).await.unwrap();
    let expected = [
        ("ledger", "entries of the ledger: a tree of"),
        ("witness", "what the witnesses have cosigned: witness-2 has cosigned"),
        ("issuer", "offers: "),
        ("verifier", "verdicts: "),
        ("wallet", "the wallet: "),
    ];
    assert_eq!(noticed.len(), expected.len());
    for ((party, said), (name, begins)) in noticed.iter().zip(expected) {
        assert_eq!(*party, name);
        let said = said.as_deref().unwrap_or("nothing");
        assert!(
            said.starts_with(begins),
            "the {party} forgot, and the harness says: {said}"
        );
    }
}
