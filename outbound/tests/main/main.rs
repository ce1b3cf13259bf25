//! The client against real sockets.

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod resolution;
#[cfg(test)]
mod server;
