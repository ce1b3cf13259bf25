//! The client against real sockets.

mod bounds;
mod resolution;
mod server;
