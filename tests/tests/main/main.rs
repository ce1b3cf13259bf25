//! End to end, by real processes, and against libraries by others.

#[cfg(test)]
mod interop;
#[cfg(test)]
mod l6_config;
