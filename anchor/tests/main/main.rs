//! The ledger's services through their outermost interfaces: HTTP, files, processes.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod mirror;
#[cfg(test)]
mod mirror_reading;
#[cfg(test)]
mod witness;
#[cfg(test)]
mod witness_process;
