//! The shell as a whole: what the page can call, from where, and with what.

mod calls;
mod formats;
mod garbage;
mod origins;
mod profile;
mod stage;
