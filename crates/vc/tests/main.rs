//! Tests of the crate from outside: every rule, and vectors by others.

#[cfg(test)]
mod contexts;
#[cfg(test)]
mod credential;
#[cfg(test)]
mod data_model;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod held_contexts;
#[cfg(test)]
mod presentation;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod status;
#[cfg(test)]
mod suites;

#[cfg(test)]
use w3c_vc::{CREDENTIALS_V2, Contexts};
