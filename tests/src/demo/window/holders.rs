//! Wallets that are open on a profile, whoever has started them: a link opens
//! one that is nobody's child here.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::APP;

/// How long they may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Ends them, and waits until they have ended.
///
/// # Errors
/// One of them does not end.
pub(super) async fn end(profile: &Path) -> Result<()> {
    for pid in holders(profile) {
        // One that has ended meanwhile is what is wanted.
        let _ = kill_process(pid, Signal::TERM);
    }
    let end = tokio::time::Instant::now() + PATIENCE;
    while !holders(profile).is_empty() {
        ensure!(tokio::time::Instant::now() < end, "the wallet does not close");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

fn holders(profile: &Path) -> Vec<Pid> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            holds(&command, profile)
        })
        .filter_map(Pid::from_raw)
        .collect()
}

/// Whether this is the command line of the app on this profile.
fn holds(command: &[u8], profile: &Path) -> bool {
    let words: Vec<&[u8]> = command.split(|byte| *byte == 0).collect();
    let app = words.first().is_some_and(|first| first.ends_with(APP.as_bytes()));
    let named = [b"--profile", profile.as_os_str().as_encoded_bytes()];
    app && words.windows(2).any(|pair| pair == named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_app_on_this_very_profile_counts() {
        let profile = Path::new("/demo/window/wallet");
        let on = |command: &str| holds(command.replace(' ', "\0").as_bytes(), profile);
        assert!(on("/t/holdfast-wallet-app --profile /demo/window/wallet --setup /s"));
        assert!(!on("/t/holdfast-wallet-app --profile /home/wallet --setup /s"));
        assert!(!on("/t/holdfast-wallet-app --profile /demo/window/wallet-2"));
        assert!(!on("/bin/vi --profile /demo/window/wallet"));
    }
}
