//! Everything about `tlog` that is tested through its public interface.

#[cfg(test)]
mod checkpoint;
#[cfg(test)]
mod cosignature;
#[cfg(test)]
mod ct_merkle;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod note;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod transparency_proof;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod witness;
#[cfg(test)]
mod witness_model;
