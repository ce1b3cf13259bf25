//! The main job, told step by step by real processes.

mod breaks;
mod forgery;
mod people;
mod run;
mod steps;
mod world;

pub use breaks::{BREAKS, Break};
pub use people::{PEOPLE, People};
pub use run::{Failed, Options, find_break, tell};
pub use steps::{Act, STEPS, Step};
pub use world::{Session, TxCode, World, is_verdict};
