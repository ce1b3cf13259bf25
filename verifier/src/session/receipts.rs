//! The receipt that a citizen gets with the reply. docs/receipts.md

use oid4vp::UnverifiedVpToken;
use receipt::{LandmarkName, Receipt, RequestHash, Salt, SentReceipt, ShownCard, Verdict, shown};

use crate::app::App;
use crate::business::ANONYMOUS;
use crate::check::Check;
use crate::identity::Identity;
use crate::store::Session;
use crate::verdict;

/// What was shown, before the judgement takes the answer; `None` in checks that give no receipts, and
/// where an answer does not decode. It is read away from the threads that serve.
///
/// Nor is there one where nobody in particular asks: the key is that of the service's operator, who
/// would sign for a question that is not theirs.
pub(super) async fn shown_of(session: &Session, check: &Check, token: &UnverifiedVpToken) -> Option<Vec<ShownCard>> {
    if session.business == ANONYMOUS || !check.gives_receipts() {
        return None;
    }
    let (query, token) = (check.query().clone(), token.clone());
    let decoded = tokio::task::spawn_blocking(move || shown(&query, token.presentations()).ok());
    decoded.await.ok().flatten()
}

/// Signs a receipt with the key under `assertionMethod`. The salt in it is sent and kept nowhere. A
/// receipt that cannot be signed is lacking, and stops nothing.
pub(super) fn sign(
    app: &App,
    identity: &Identity,
    session: &Session,
    check: &Check,
    cards: Vec<ShownCard>,
    verdict: verdict::Verdict,
) -> Option<SentReceipt> {
    let salt = Salt::generate(&mut service::random::fill);
    let view = app.trust.view();
    let landmark = view.landmarks().first().map(|newest| LandmarkName {
        size: newest.size(),
        root: newest.root(),
    });
    let receipt = Receipt {
        business: identity.did().to_owned(),
        cards,
        verdict: match verdict {
            verdict::Verdict::Yes => Verdict::Yes,
            verdict::Verdict::No => Verdict::No,
            verdict::Verdict::CouldNotCheck => Verdict::CouldNotCheck,
        },
        rule: check.rule().hash(),
        hour: Receipt::hour(app.now()),
        landmark,
        request: salt.commit(&request_hash(app, identity, session)),
    };
    let (fragment, signer) = identity.assertion();
    let kid = format!("{}#{fragment}", identity.did());
    match receipt.sign(&kid, signer, salt) {
        Ok(sent) => Some(sent),
        Err(error) => {
            tracing::error!(%error, "a receipt was not signed");
            None
        }
    }
}

/// Of the members as they stand in the request of this session.
fn request_hash(app: &App, identity: &Identity, session: &Session) -> RequestHash {
    let wallet_id = session.wallet_id.as_str();
    let response_uri = app.response_uri(session);
    let client_id = identity.client_id().to_string();
    RequestHash::new(&client_id, response_uri.as_str(), session.nonce.as_str(), wallet_id)
}
