//! Links to trust packs: both forms, and what is refused.

use ledger::{EcosystemLink, EcosystemLinkError, fingerprint};
use proptest::prelude::*;
use test_case::test_case;
use testkit::Ledger;

const NOW: u64 = 1_763_640_000;
const PACK: &str = "https://ledger.example/about/trust-pack.json";

fn link() -> EcosystemLink {
    let sha256 = Ledger::new(NOW).trust_pack().sha256();
    EcosystemLink::new(PACK.parse().unwrap(), sha256).unwrap()
}

#[test]
fn both_forms_name_the_same_pack() {
    let link = link();
    assert!(
        link.to_string()
            .starts_with("holdfast-ecosystem://add?pack=https%3A%2F%2Fledger.example")
    );
    assert!(
        link.to_web()
            .starts_with("https://ledger.example/about/trust-pack.json#sha256=")
    );
    assert_eq!(link.to_string().parse::<EcosystemLink>(), Ok(link.clone()));
    assert_eq!(link.to_web().parse::<EcosystemLink>(), Ok(link.clone()));
    assert_eq!(link.pack().as_str(), PACK);
}

#[test]
fn a_fingerprint_is_the_hash_in_groups_of_four() {
    let hash = *link().sha256();
    let shown = fingerprint(&hash);
    assert_eq!(shown.split(' ').count(), 16);
    assert!(shown.split(' ').all(|group| group.len() == 4));
    assert_eq!(shown.replace(' ', ""), hex::encode(hash));
}

/// The link with one part of it replaced.
fn changed(from: &str, to: &str) -> Result<EcosystemLink, EcosystemLinkError> {
    let text = link().to_string();
    let changed = text.replacen(from, to, 1);
    assert_ne!(changed, text, "{from} is in no link");
    changed.parse()
}

#[test_case("holdfast-ecosystem:", "openid4vp:", EcosystemLinkError::Form; "another scheme")]
#[test_case("//add", "//remove", EcosystemLinkError::Form; "another command")]
#[test_case("add?", "add/more?", EcosystemLinkError::Form; "a path")]
#[test_case("pack=", "pack=x&pack=", EcosystemLinkError::Member; "two packs")]
#[test_case("pack=", "name=", EcosystemLinkError::Member; "no pack")]
#[test_case("pack=", "name=Live&pack=", EcosystemLinkError::Member; "a name, which the pack alone says")]
#[test_case("sha256=", "sha512=", EcosystemLinkError::Member; "another hash")]
#[test_case("sha256=", "sha256=00", EcosystemLinkError::Hash; "too many digits")]
#[test_case("https%3A%2F%2Fledger", "https%3A%2F%2Fme%40ledger", EcosystemLinkError::Address; "a user")]
#[test_case("https%3A", "file%3A", EcosystemLinkError::Address; "a file")]
#[test_case("trust-pack.json", "trust-pack.json%23x", EcosystemLinkError::Address; "a fragment of the pack")]
fn refused(from: &str, to: &str, error: EcosystemLinkError) {
    assert_eq!(changed(from, to), Err(error));
}

#[test]
fn digits_are_lower_case_and_a_link_without_a_hash_is_none() {
    let web = link().to_web();
    let (address, hash) = web.split_once("#sha256=").unwrap();
    let upper = format!("{address}#sha256={}", "A".repeat(hash.len()));
    assert_eq!(upper.parse::<EcosystemLink>(), Err(EcosystemLinkError::Hash));
    assert_eq!(address.parse::<EcosystemLink>(), Err(EcosystemLinkError::Member));
    let long = format!("{PACK}?{}#sha256={hash}", "x".repeat(2000));
    assert_eq!(long.parse::<EcosystemLink>(), Err(EcosystemLinkError::Form));
}

proptest! {
    #[test]
    fn what_is_written_reads_the_same(path in "[a-zA-Z0-9/%&=?+._~-]{0,60}", sha256 in any::<[u8; 32]>()) {
        let pack = format!("https://ledger.example/{path}").parse().unwrap();
        let link = EcosystemLink::new(pack, sha256).unwrap();
        prop_assert_eq!(link.to_string().parse::<EcosystemLink>(), Ok(link.clone()));
        prop_assert_eq!(link.to_web().parse::<EcosystemLink>(), Ok(link));
    }

    #[test]
    fn nothing_that_a_code_can_hold_is_more_than_refused(text in "(holdfast-ecosystem:|https:)?(//)?[ -~]{0,120}") {
        let _ = text.parse::<EcosystemLink>();
    }
}
