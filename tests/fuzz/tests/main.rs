//! Every body over its seeds, over a fixed number of changes of them, and over what once broke it.

#[cfg(test)]
mod replayed {
    use std::collections::HashSet;
    use std::path::Path;

    use fuzz::{TARGETS, replay, target};
    use test_case::test_case;

    /// Changed inputs for each target; a soak makes millions.
    const RUNS: usize = 2_000;

    #[test_case("jws"; "jws")]
    #[test_case("sd-jwt"; "sd_jwt")]
    #[test_case("mdoc"; "mdoc")]
    #[test_case("jwe"; "jwe")]
    #[test_case("status-list"; "status_list")]
    #[test_case("dcql"; "dcql")]
    #[test_case("offer"; "offer")]
    #[test_case("issuer-metadata"; "issuer_metadata")]
    #[test_case("request-object"; "request_object")]
    #[test_case("registration"; "registration")]
    #[test_case("note"; "note")]
    #[test_case("checkpoint"; "checkpoint")]
    #[test_case("tile-path"; "tile_path")]
    #[test_case("leaf"; "leaf")]
    #[test_case("bundle"; "bundle")]
    #[test_case("landmark"; "landmark")]
    #[test_case("did-line"; "did_line")]
    #[test_case("x5c"; "x5c")]
    #[test_case("qr-frame"; "qr_frame")]
    #[test_case("challenge"; "challenge")]
    #[test_case("answer"; "answer")]
    #[test_case("rule"; "rule")]
    #[test_case("type-metadata"; "type_metadata")]
    #[test_case("complaint"; "complaint")]
    #[test_case("ecosystem-link"; "ecosystem_link")]
    #[test_case("w3c-vc"; "w3c_vc")]
    fn holds(name: &str) {
        let target = target(name).unwrap();
        match replay(target, RUNS, Path::new(env!("CARGO_TARGET_TMPDIR"))) {
            Ok(done) => {
                println!("{name}: {done:?}");
                assert!(
                    done.accepted > 0,
                    "no seed goes all the way: what the body says of changes is empty"
                );
                assert!(done.read * 50 > done.changed, "hardly a change is read: {done:?}");
                assert_eq!(done.changed, RUNS);
            }
            Err(failure) => panic!("{name}: {failure}"),
        }
    }

    #[test]
    fn every_target_is_run_here_and_says_what_it_asserts() {
        let here = include_str!("main.rs");
        let mut names = HashSet::new();
        for target in &TARGETS {
            assert!(
                here.contains(&format!("#[test_case(\"{}\";", target.name)),
                "{} is not run",
                target.name
            );
            assert!(!target.asserts.is_empty() && names.insert(target.name));
        }
    }
}
