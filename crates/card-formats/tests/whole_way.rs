//! From an issuer through a wallet to a verifier.

use card_formats::{Binding, ClaimPath, Holder, PresentationError, ReceiveError};
use oid4vp::HolderBinding;
use serde_json::Value;
use testkit::credential::{key, signer};

use crate::sample::{DAY, DID, KID, NOW, Sample, binding, holder, issuer_key, said, samples, trusted};

fn sorted(mut paths: Vec<ClaimPath>) -> Vec<ClaimPath> {
    paths.sort();
    paths
}

#[test]
fn a_wallet_takes_a_copy_for_its_key_and_knows_what_it_says() {
    for sample in samples() {
        let received = sample.format.received(&sample.copy(holder().public(), 7)).unwrap();
        let hints = received.hints();
        assert_eq!(
            (hints.vct, hints.iss, hints.kid),
            (Some(sample.card_type), Some(DID), Some(KID))
        );
        let issuer_key = issuer_key();
        let verified = received.verify(trusted(&issuer_key, NOW), holder().public()).unwrap();
        assert_eq!(verified.card_type(), sample.card_type);
        assert_eq!(verified.status().map(|status| status.index), Some(7));
        assert_eq!(
            (verified.starts(), verified.expires()),
            (Some(NOW - DAY), Some(NOW + DAY))
        );
        let named = sample.named(&Value::Object(verified.values()));
        for (name, value) in said().as_object().unwrap() {
            assert_eq!(named.get(name), Some(value), "{:?}", sample.format);
        }
    }
}

#[test]
fn a_verifier_learns_what_was_chosen_and_nothing_else() {
    let answer_key = key(4);
    for sample in samples() {
        let binding = binding(answer_key.public());
        let presentation = sample.shown(&["age_over_18"], binding);
        let decoded = sample.format.decode(&presentation, Some(binding)).unwrap();
        assert_eq!(
            sorted(decoded.always_visible),
            sorted(sample.held().always_visible()),
            "{:?}",
            sample.format
        );
        let presented = sample.format.presented(&presentation).unwrap();
        assert_eq!((presented.hints().iss, presented.hints().kid), (Some(DID), Some(KID)));
        let issuer_key = issuer_key();
        let shown = presented.verify(trusted(&issuer_key, NOW), Some(binding)).unwrap();
        assert_eq!(shown.holder_binding(), HolderBinding::Cryptographic);
        assert_eq!(shown.status().map(|status| status.index), Some(7));
        let named = sample.named(shown.claims());
        assert_eq!(named.get("age_over_18"), Some(&Value::Bool(true)));
        if sample.withholds {
            let chosen = [(sample.place)("age_over_18")];
            let disclosed: Vec<&ClaimPath> = decoded.disclosed.iter().map(|claim| &claim.path).collect();
            assert_eq!(disclosed, chosen.iter().collect::<Vec<_>>());
            assert_eq!(shown.disclosed(), disclosed);
            assert!(!named.contains_key("family_name") && !named.contains_key("birth_date"));
        }
    }
}

#[test]
fn a_claim_that_is_not_there_cannot_be_chosen_and_none_can() {
    let answer_key = key(4);
    for sample in samples().filter(|sample| sample.withholds) {
        let binding = binding(answer_key.public());
        let signer = signer(&holder());
        let holder = Holder { key: &signer, now: NOW };
        let nothing = [(sample.place)("nothing")];
        assert!(sample.held().present(&nothing, binding, holder).is_err());
        let decoded = sample.format.decode(&sample.shown(&[], binding), Some(binding));
        assert!(decoded.unwrap().disclosed.is_empty());
        assert_eq!(
            sorted(sample.held().disclosable()),
            sorted(
                said()
                    .as_object()
                    .unwrap()
                    .keys()
                    .map(|name| (sample.place)(name))
                    .collect()
            ),
            "{:?}",
            sample.format
        );
    }
}

#[test]
fn only_the_issuers_key_and_the_time_of_the_card_make_it_good() {
    let stranger = jose::VerifyingKey::new(key(3).public()).unwrap();
    let issuer_key = issuer_key();
    for sample in samples() {
        let copy = sample.copy(holder().public(), 7);
        let received = |by, holder_key: &jose::PublicJwk| {
            let received = sample.format.received(&copy).unwrap();
            received.verify(by, holder_key).err()
        };
        let own = holder();
        for by in [
            trusted(&stranger, NOW),
            trusted(&issuer_key, NOW + 2 * DAY),
            trusted(&issuer_key, NOW - 2 * DAY),
        ] {
            let refused = received(by, own.public());
            assert!(matches!(refused, Some(ReceiveError::Invalid(_))), "{:?}", sample.format);
        }
        assert_eq!(
            received(trusted(&issuer_key, NOW), key(3).public()),
            Some(ReceiveError::ForeignHolderKey)
        );
        let presentation = shown_without(&sample);
        let verified = |by| sample.format.presented(&presentation).unwrap().verify(by, None).err();
        assert_eq!(verified(trusted(&issuer_key, NOW)), None);
        assert_eq!(verified(trusted(&stranger, NOW)), Some(PresentationError::Invalid));
        assert_eq!(
            verified(trusted(&issuer_key, NOW + 2 * DAY)),
            Some(PresentationError::Expired)
        );
        assert_eq!(
            verified(trusted(&issuer_key, NOW - 2 * DAY)),
            Some(PresentationError::NotYetValid)
        );
    }
}

fn shown_without(sample: &Sample) -> String {
    let answer_key = key(4);
    sample.shown(&["age_over_18"], binding(answer_key.public()))
}

#[test]
fn a_proof_that_nobody_asked_for_proves_nothing() {
    let issuer_key = issuer_key();
    for sample in samples() {
        let presented = sample.format.presented(&shown_without(&sample)).unwrap();
        let shown = presented.verify(trusted(&issuer_key, NOW), None).unwrap();
        assert_eq!(shown.holder_binding(), HolderBinding::None);
    }
}

#[test]
fn what_is_changed_on_the_way_says_no_more() {
    let (issuer_key, answer_key) = (issuer_key(), key(4));
    for sample in samples() {
        let binding: Binding<'_> = binding(answer_key.public());
        let presentation = sample.shown(&["age_over_18", "family_name"], binding);
        let shown = |text: &str| {
            let presented = sample.format.presented(text).ok()?;
            let shown = presented.verify(trusted(&issuer_key, NOW), Some(binding)).ok()?;
            Some(sample.named(shown.claims()))
        };
        let original = shown(&presentation).unwrap();
        for at in (0..presentation.len()).step_by(5) {
            let mut changed = presentation.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let Some(said) = shown(std::str::from_utf8(&changed).unwrap()) else {
                continue;
            };
            let alike = |(name, value): (&String, &Value)| original.get(name) == Some(value);
            assert!(said.iter().all(alike), "{:?}, byte {at}", sample.format);
        }
    }
}
