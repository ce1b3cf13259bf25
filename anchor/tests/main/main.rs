//! The ledger's services through their outermost interfaces: HTTP, files, processes.

#[cfg(test)]
mod admission;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod audit_many;
#[cfg(test)]
mod audit_process;
#[cfg(test)]
mod commit_order;
#[cfg(test)]
mod description;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod hostile_cosigners;
#[cfg(test)]
mod independent;
#[cfg(test)]
mod init;
#[cfg(test)]
mod init_process;
#[cfg(test)]
mod landmarks;
#[cfg(test)]
mod log_keys;
#[cfg(test)]
mod log_reading;
#[cfg(test)]
mod mirror;
#[cfg(test)]
mod mirror_reading;
#[cfg(test)]
mod monitor;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod portal;
#[cfg(test)]
mod publish;
#[cfg(test)]
mod publish_process;
#[cfg(test)]
mod readers;
#[cfg(test)]
mod readiness;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod registrar;
#[cfg(test)]
mod rolled_back;
#[cfg(test)]
mod scrub;
#[cfg(test)]
mod several;
#[cfg(test)]
mod succession;
#[cfg(test)]
mod sync_process;
#[cfg(test)]
mod undelivered;
#[cfg(test)]
mod witness;
#[cfg(test)]
mod witness_process;
#[cfg(test)]
mod world;
