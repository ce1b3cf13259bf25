//! A service on real sockets.

#[cfg(test)]
mod connections;
#[cfg(test)]
mod console;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod running;
