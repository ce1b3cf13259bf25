//! Addresses that nothing may connect to, however they are written. Catalogue E5

/// Ways to write out the address of this machine, as the host of a URL.
pub const THIS_MACHINE: [&str; 6] = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "[::1]",
    "[::ffff:7f00:1]",
];
