//! The demo for people: everything runs, the wallet's window is open, and a few
//! lines say what to try.

mod guide;
mod window;

use std::path::Path;

use anyhow::Result;
use service::CancellationToken;

use crate::stack::{self, Stack};
use window::Window;

/// Starts everything, opens the window, and keeps all of it until a signal.
///
/// # Errors
/// A service or the window does not start.
pub async fn show(folder: &Path) -> Result<()> {
    println!("Starting the ledger, an agency and a shop.");
    stack::run(folder, &[], async |stack, founded, stop| {
        guide::print(stack, founded)?;
        if window::display() {
            with_window(stack, stop).await
        } else {
            println!(
                "\nThere is no display here, so the wallet has no window. The pages above work all the same;\n\
                 `cargo xtask demo --headless` tells the whole story without one. Stop with Ctrl-C."
            );
            stop.cancelled().await;
            Ok(())
        }
    })
    .await
}

async fn with_window(stack: &Stack, stop: &CancellationToken) -> Result<()> {
    let mut window = Window::open(stack).await?;
    println!("\nThe wallet is open. Stop everything with Ctrl-C.");
    let ran = tokio::select! {
        closed = window.closed() => closed,
        () = stop.cancelled() => Ok(()),
    };
    if ran.is_ok() && !stop.is_cancelled() {
        println!("The wallet was closed. Links open it again; the services run until Ctrl-C.");
        stop.cancelled().await;
    }
    ran.and(window.end().await)
}
