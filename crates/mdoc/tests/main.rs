//! Tests of the crate from outside: every rejection rule, and vectors by others.

#[cfg(test)]
mod changed;
#[cfg(test)]
mod decode;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod forge;
#[cfg(test)]
mod form;
#[cfg(test)]
mod issue;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod show;
#[cfg(test)]
mod signer;
#[cfg(test)]
mod vectors;
