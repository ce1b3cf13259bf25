//! Tests of the crate from outside: every rejection rule, and vectors by others.

#[cfg(test)]
mod binding;
#[cfg(test)]
mod credential;
#[cfg(test)]
mod decode;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod form;
#[cfg(test)]
mod held_types;
#[cfg(test)]
mod issue;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod svg;
#[cfg(test)]
mod type_documents;
#[cfg(test)]
mod type_rules;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod yaml;
