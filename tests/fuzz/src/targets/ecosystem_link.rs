//! Links to a trust pack. docs/ledger.md §9.3

use std::sync::LazyLock;

use ledger::{EcosystemLink, Hash, fingerprint};
use testkit::Ledger;
use url::{Url, form_urlencoded};

use super::Target;
use crate::Reached;
use crate::keys::NOW;

pub(super) const TARGET: Target = Target {
    name: "ecosystem-link",
    asserts: "a link reads the same in either form, and with anything more not at all; a plain reader finds the same \
              address and hash in it; it is of our pack where its fingerprint, as people compare it, is that of the \
              pack, and no link with another digit is",
    body,
    seeds: inputs,
};

/// Longest link that is read.
const LONGEST: usize = 2000;

/// The hash of a pack that is signed.
static PACK: LazyLock<Hash> = LazyLock::new(|| Ledger::new(NOW).trust_pack().sha256());

fn inputs() -> Vec<Vec<u8>> {
    let packs = [
        "https://ledger.example/about/trust-pack.json",
        "http://ledger.localhost:7100/about/trust-pack.json",
        "https://ledger.example/pack?version=2&of=a%20town",
        "https://xn--mnchen-3ya.example/p%C3%A4ckchen",
        "https://[2001:db8::1]:8443/trust-pack.json",
    ];
    let mut texts = Vec::new();
    for pack in packs {
        let link = EcosystemLink::new(Url::parse(pack).unwrap(), *PACK).unwrap();
        texts.extend([link.to_string(), link.to_web()]);
    }
    let (before, digits) = split(&texts[0]);
    let percent = format!("{before}%{:02X}{}", digits.as_bytes()[0], &digits[1..]);
    let more = format!("{}&mode=live", texts[0]);
    let user = texts[1].replace("https://", "https://user@");
    texts.extend([percent, more, user]);
    texts.push(format!("https://münchen.example/päckchen#sha256={}", hex(&PACK)));
    texts.into_iter().map(String::into_bytes).collect()
}

fn body(input: &[u8]) -> Reached {
    let Ok(text) = std::str::from_utf8(input) else {
        return Reached::Refused;
    };
    let Ok(link) = text.parse::<EcosystemLink>() else {
        return Reached::Refused;
    };
    let pack = link.pack();
    assert!(matches!(pack.scheme(), "https" | "http") && pack.has_host());
    assert!(pack.username().is_empty() && pack.password().is_none() && pack.fragment().is_none());
    assert_eq!(
        plainly(text),
        Some((pack.to_string(), hex(link.sha256()))),
        "read in another way"
    );
    for written in [link.to_string(), link.to_web()] {
        // What is written may be longer than what was read: letters become digits.
        if written.len() <= LONGEST - 100 {
            assert_eq!(
                written.parse::<EcosystemLink>().as_ref(),
                Ok(&link),
                "it does not come back: {written}"
            );
            holds_nothing_more(&written);
            says_one_digit_apart(&written, &link);
        }
    }
    let is_ours = fingerprint(link.sha256()) == fingerprint(&PACK);
    assert_eq!(is_ours, *link.sha256() == *PACK, "two hashes have one fingerprint");
    if is_ours { Reached::Accepted } else { Reached::Read }
}

/// Name, mode or anything else is what the pack says, never what a link says.
fn holds_nothing_more(written: &str) {
    let hash = hex(&PACK);
    for more in [
        "&mode=live",
        "&name=Town",
        &format!("&sha256={hash}"),
        "&pack=https%3A%2F%2Fx.example",
        "0",
    ] {
        let longer = format!("{written}{more}");
        assert!(longer.parse::<EcosystemLink>().is_err(), "{longer}");
    }
}

/// Another digit is another pack.
fn says_one_digit_apart(written: &str, link: &EcosystemLink) {
    let (before, digits) = split(written);
    let other = if digits.starts_with('0') { "1" } else { "0" };
    let changed: EcosystemLink = format!("{before}{other}{}", &digits[1..])
        .parse()
        .expect("still a link");
    assert_ne!(changed.sha256(), link.sha256());
    assert_eq!(changed.pack(), link.pack());
    let capitals = digits.to_uppercase();
    let read = format!("{before}{capitals}").parse::<EcosystemLink>();
    assert!(read.is_err() || capitals == digits, "capital digits");
}

/// A link that was written: what stands before the digits of the hash, and those.
fn split(written: &str) -> (&str, &str) {
    let at = written.rfind("sha256=").expect("a hash") + "sha256=".len();
    written.split_at(at)
}

/// Address and digits of the hash, by the form alone.
fn plainly(text: &str) -> Option<(String, String)> {
    let url = Url::parse(text).ok()?;
    if url.scheme() == "holdfast-ecosystem" {
        let (_, members) = url.as_str().split_once('?')?;
        let mut members: Vec<(String, String)> = form_urlencoded::parse(members.as_bytes()).into_owned().collect();
        members.sort();
        let [(pack, address), (sha256, digits)] = <[(String, String); 2]>::try_from(members).ok()?;
        let address = Url::parse(&address).ok()?;
        return (pack == "pack" && sha256 == "sha256").then(|| (address.to_string(), digits));
    }
    let (address, digits) = url.as_str().rsplit_once("#sha256=")?;
    Some((address.to_owned(), digits.to_owned()))
}

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
