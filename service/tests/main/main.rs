//! A service on real sockets.

#[cfg(test)]
mod connections;
#[cfg(test)]
mod running;
