//! kill -9 inside each step: nothing that was acknowledged is lost.
//!
//! `HOLDFAST_SEED=N` repeats one seed, `HOLDFAST_KILL_SEEDS=N` takes so many fresh ones.

use e2e::kill::{Target, seeds, survive};
use test_case::test_case;

#[test_case(Target::Log ; "log")]
#[test_case(Target::Witness ; "witness")]
#[test_case(Target::Mirror ; "mirror")]
#[test_case(Target::Issuer ; "issuer")]
#[test_case(Target::Verifier ; "verifier")]
#[test_case(Target::Wallet ; "wallet")]
#[tokio::test]
async fn nothing_acknowledged_is_lost(target: Target) {
    let folder = tempfile::tempdir().unwrap();
    let seeds = seeds().unwrap();
    match survive(folder.path(), target, &seeds).await {
        Ok(survived) => {
            println!(
                "{}: {} kills, {} records, seeds {seeds:?}",
                target.name(),
                survived.kills,
                survived.records
            );
            assert!(survived.kills > 0 && survived.records > 0);
        }
        Err(error) => panic!("{error:#}\nkept in {}", folder.keep().display()),
    }
}
