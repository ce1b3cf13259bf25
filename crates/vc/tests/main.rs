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
mod presentation;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod status;
#[cfg(test)]
mod suites;
