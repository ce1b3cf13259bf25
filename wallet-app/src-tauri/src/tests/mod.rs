//! The shell as a whole: what the page can call, from where, and with what.

mod calls;
mod garbage;
mod origins;
mod profile;
mod stage;
