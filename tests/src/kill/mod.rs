//! `kill -9` at random moments: what was acknowledged before is there after.
//!
//! A workload of steps (`steps`) runs against a real stack. Whatever a party
//! acknowledges goes into a `journal`: offers, cards and their status, verdicts,
//! entries of the ledger, checkpoints, and the copies seen on the wire. Inside each
//! step one process is killed with SIGKILL at a moment that the dice choose
//! (`killer`), and started again; then the whole journal is held against what the
//! parties say now (`inspect`), the step is done to its end, and the next begins.
//! When all seeds are through, an auditor replays the ledger and the story goes on.
//! That the harness would notice a loss is shown by losses made on purpose
//! (`forgetting`).

mod dice;
mod forgetting;
mod inspect;
mod journal;
mod killer;
mod lists;
mod round;
mod scene;
mod steps;
mod target;
mod tree;
mod wire;

pub use forgetting::forget;
pub use round::{Survived, seeds, survive};
pub use target::Target;
