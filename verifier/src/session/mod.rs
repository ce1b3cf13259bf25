//! What happens to a session, whoever calls: it is opened, answered, watched
//! and told about in one way each.

mod answer;
mod asked;
mod changes;
mod collect;
mod open;
mod outcome;
mod receipts;
mod sandbox;
mod streams;

pub(crate) use answer::{ToJudge, close, decryption_key, judge, take};
pub(crate) use asked::asked;
pub(crate) use changes::Changes;
pub(crate) use collect::{collect, same};
pub(crate) use open::{Flow, Opened, Opening, open, wallet_link};
pub(crate) use outcome::{Limits, Outcome, outcome};
pub(crate) use sandbox::{is_sandbox, rehearse};
pub use streams::Streams;
