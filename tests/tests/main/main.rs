//! End to end, by real processes, and against libraries by others.

#[cfg(test)]
mod demo;
#[cfg(test)]
mod hosted;
#[cfg(test)]
mod interop;
#[cfg(test)]
mod keyring;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod l6_config;
#[cfg(test)]
mod offline;
#[cfg(test)]
mod pages_say;
#[cfg(test)]
mod start_your_own;
#[cfg(test)]
mod story;
#[cfg(test)]
mod told_page;
#[cfg(test)]
mod up;
