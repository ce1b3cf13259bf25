//! Every format through the one interface: what holds for one of them holds for all.
//!
//! A format plugs in by its line in `sample.rs`.

#[cfg(test)]
mod apart;
#[cfg(test)]
mod bound;
#[cfg(test)]
mod copies;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod status_lists;
#[cfg(test)]
mod unlinkable;
#[cfg(test)]
mod w3c;
#[cfg(test)]
mod whole_way;
