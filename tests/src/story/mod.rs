//! The main job, told step by step by real processes.

mod asked;
mod breaks;
mod errands;
mod forgery;
mod offline;
mod people;
mod run;
mod steps;
mod world;

pub use asked::Asked;
pub use breaks::{BREAKS, Break};
pub use errands::{Session, TxCode, is_verdict, shown_until};
pub use offline::{AtDesk, Offline};
pub use people::{PEOPLE, People};
pub use run::{Failed, Options, find_break, tell};
pub use steps::{Act, STEPS, Step};
pub use world::World;
