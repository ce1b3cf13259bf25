//! How a log obtains cosignatures. `c2sp.org/tlog-witness`

mod request;
mod response;
mod state;

pub use request::{AddCheckpoint, AddCheckpointError, MAX_PROOF_LINES};
pub use response::{AddCheckpointResponseError, cosignatures_from_response, size_from_conflict};
pub use state::{Recorded, Refusal, StateMoved, ToPersist, WitnessState, WitnessStateError};
