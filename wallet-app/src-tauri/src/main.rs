//! `holdfast-wallet-app`: the wallet in a window.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    wallet_app::start()
}
