//! End to end: every component as a real process over real HTTP, the story they
//! tell, and ways to tamper with it from outside.

pub mod alone;
pub mod browser;
pub mod codes;
pub mod demo;
pub mod http;
pub mod keyring;
pub mod kill;
pub mod kiosk;
pub mod portal;
pub mod ports;
pub mod process;
pub mod proxy;
pub mod stack;
pub mod story;
pub mod wallet;
