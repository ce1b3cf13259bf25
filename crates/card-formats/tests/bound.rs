//! An answer is for one request.

use card_formats::{Binding, Handover, PresentationError, ReceiveError};
use jose::PublicJwk;
use testkit::credential::key;

use crate::sample::{NOW, RESPONSE_URI, binding, issuer_key, samples, trusted};

fn handed<'a>(binding: Binding<'a>, response_uri: &'a str, encryption_key: Option<&'a PublicJwk>) -> Binding<'a> {
    Binding {
        handover: Some(Handover {
            response_uri,
            encryption_key,
        }),
        ..binding
    }
}

/// One byte is enough, and an address that means the same is another one: a handover is about text.
#[test]
fn an_answer_to_another_request_is_neither_sent_nor_believed() {
    let (own, other) = (key(4), key(5));
    let issuer_key = issuer_key();
    let asked = binding(own.public());
    let everywhere = [
        Binding {
            audience: "x509_hash:verifies",
            ..asked
        },
        Binding {
            nonce: "n-0S6_WzA2Mk",
            ..asked
        },
    ];
    let own_key = Some(own.public());
    let of_the_handover = [
        handed(asked, "https://verifier.example/responsf", own_key),
        handed(asked, "https://verifier.example:443/response", own_key),
        handed(asked, "https://verifier.example/response/", own_key),
        handed(asked, "https://Verifier.example/response", own_key),
        handed(asked, RESPONSE_URI, Some(other.public())),
        handed(asked, RESPONSE_URI, None),
        Binding {
            handover: None,
            ..asked
        },
    ];
    for sample in samples() {
        let presentation = sample.shown(&["age_over_18"], asked);
        let others = everywhere.iter().map(|binding| (binding, true));
        let others = others.chain(of_the_handover.iter().map(|binding| (binding, sample.about_handover)));
        for (binding, refused) in others.chain([(&asked, false)]) {
            let decoded = sample.format.decode(&presentation, Some(*binding));
            assert_eq!(decoded.is_err(), refused, "{:?} {binding:?}", sample.format);
            let presented = sample.format.presented(&presentation).unwrap();
            let verified = presented.verify(trusted(&issuer_key, NOW), Some(*binding)).err();
            let expected = refused.then_some(PresentationError::HolderBinding);
            assert_eq!(verified, expected, "{:?} {binding:?}", sample.format);
        }
    }
}

#[test]
fn what_a_holder_showed_is_no_copy() {
    let own = key(4);
    for sample in samples() {
        let presentation = sample.shown(&["age_over_18"], binding(own.public()));
        let refused = sample.format.received(&presentation).err();
        assert_eq!(refused, Some(ReceiveError::AlreadyBound), "{:?}", sample.format);
    }
}

#[test]
fn what_is_none_of_it_is_refused() {
    for sample in samples() {
        for text in ["", "~", "AAAA", "oA", "gA", "{}", "{\"proof\":{}}", "a.b.c~", "💳"] {
            let what = format!("{:?} {text}", sample.format);
            assert!(sample.format.received(text).is_err(), "{what}");
            assert!(sample.format.held(text).is_err(), "{what}");
            assert!(sample.format.presented(text).is_err(), "{what}");
            assert!(sample.format.decode(text, None).is_err(), "{what}");
        }
    }
}
