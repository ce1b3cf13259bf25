//! Sentences about the ecosystem that a wallet belongs to.

use super::{AGAIN_LATER, SAFE};

const AS_BEFORE: &str = "Nothing was added, and everything is as it was.";

pub(super) fn of_an_ecosystem(code: &str) -> Option<[&'static str; 3]> {
    Some(match code {
        "ecosystem_link_invalid" => [
            "This is no link or code of an ecosystem.",
            AS_BEFORE,
            "It begins with holdfast-ecosystem:// and names a hash.",
        ],
        "ecosystem_unreachable" => ["The trust pack cannot be fetched.", AS_BEFORE, AGAIN_LATER],
        "fingerprint_differs" => [
            "What the link leads to is not what the link names.",
            AS_BEFORE,
            "Get the link again from somebody you trust.",
        ],
        "ecosystem_other_mode" => [
            "Test and live are never mixed in one wallet.",
            AS_BEFORE,
            "Make a wallet of its own for it, in another folder.",
        ],
        "ecosystem_other" => [
            "This wallet belongs to another ecosystem.",
            AS_BEFORE,
            "Make a wallet of its own for it, in another folder.",
        ],
        "ecosystem_older" => ["The wallet has a newer trust pack than this one.", SAFE, ""],
        "ecosystem_gap" => [
            "A trust pack between the one of this wallet and this one is missing.",
            AS_BEFORE,
            "Add those in between first, one after the other.",
        ],
        "ecosystem_no_address" => [
            "This trust pack does not say where the public record answers.",
            AS_BEFORE,
            "Give --ledger-url with --trust-pack instead.",
        ],
        "not_added" => ["You did not agree.", AS_BEFORE, ""],
        _ => return None,
    })
}
