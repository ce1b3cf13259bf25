//! The public ledger: log, registrar, witness, mirror, audit, pages for whoever wants to look, and the
//! registrar's portal.

pub mod audit;
pub mod config;
pub mod cosigner;
pub mod description;
pub mod failure;
pub mod governance;
pub mod init;
pub mod landmarks;
pub mod log;
pub mod mirror;
pub mod monitor;
pub mod pack;
pub mod pages;
pub mod portal;
pub mod read;
pub mod refusal;
pub mod registrar;
pub mod routes;
mod scrub;
pub mod serve;
pub mod source;
pub mod store;
pub mod witness;
