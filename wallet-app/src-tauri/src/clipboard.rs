//! The clipboard. What was copied is cleared after half a minute and when the app ends, if it is
//! still there.

use crate::error::WalletError;
use arboard::Clipboard;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

const KEPT: Duration = Duration::from_secs(30);

/// What stands between this module and the system.
trait Board {
    fn put(&mut self, text: &str) -> bool;
    fn holds(&mut self, text: &str) -> bool;
    fn empty(&mut self);
}

/// What was copied last, and where to.
struct Copied<B> {
    board: B,
    text: Zeroizing<String>,
}

/// On X11 and Wayland the text lives in the process that copied it, so this one stays.
static COPIED: Mutex<Option<Copied<Clipboard>>> = Mutex::new(None);

/// Puts text on the clipboard, for a while. Blocks.
pub(crate) fn copy(text: String) -> Result<(), WalletError> {
    let text = Zeroizing::new(text);
    let mut copied = copied();
    let board = match copied.take() {
        Some(before) => before.board,
        None => Clipboard::new().map_err(|_| unavailable())?,
    };
    let now = copied.insert(Copied {
        board,
        text: text.clone(),
    });
    if !now.board.put(&text) {
        return Err(unavailable());
    }
    std::thread::spawn(move || {
        std::thread::sleep(KEPT);
        clear(Some(&text));
    });
    Ok(())
}

/// Clears what was copied last.
pub(crate) fn clear_now() {
    clear(None);
}

/// Clears what was copied last; only if it was this text, if one is named.
fn clear(text: Option<&str>) {
    if let Some(copied) = copied().as_mut()
        && text.is_none_or(|text| text == copied.text.as_str())
    {
        copied.clear_if_still_there();
    }
}

impl<B: Board> Copied<B> {
    fn clear_if_still_there(&mut self) {
        if !self.text.is_empty() && self.board.holds(&self.text) {
            self.board.empty();
        }
        self.text = Zeroizing::default();
    }
}

impl Board for Clipboard {
    /// Managers that keep what was copied are asked to leave it out.
    fn put(&mut self, text: &str) -> bool {
        let set = self.set();
        #[cfg(target_os = "linux")]
        let set = arboard::SetExtLinux::exclude_from_history(set);
        #[cfg(target_os = "macos")]
        let set = arboard::SetExtApple::exclude_from_history(set);
        #[cfg(target_os = "windows")]
        let set = arboard::SetExtWindows::exclude_from_history(set);
        set.text(text).is_ok()
    }

    fn holds(&mut self, text: &str) -> bool {
        self.get_text().is_ok_and(|held| Zeroizing::new(held).as_str() == text)
    }

    fn empty(&mut self) {
        if self.clear().is_err() {
            tracing::warn!("the clipboard was not cleared");
        }
    }
}

fn copied() -> MutexGuard<'static, Option<Copied<Clipboard>>> {
    COPIED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unavailable() -> WalletError {
    WalletError::new("clipboard_unavailable")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Paper(String);

    impl Board for Paper {
        fn put(&mut self, text: &str) -> bool {
            self.0 = text.to_owned();
            true
        }
        fn holds(&mut self, text: &str) -> bool {
            self.0 == text
        }
        fn empty(&mut self) {
            self.0.clear();
        }
    }

    fn after_a_while(there: &str) -> String {
        let mut copied = Copied {
            board: Paper(there.to_owned()),
            text: Zeroizing::new("ours".to_owned()),
        };
        copied.clear_if_still_there();
        assert!(copied.text.is_empty());
        copied.board.0
    }

    #[test]
    fn what_we_copied_is_cleared() {
        assert_eq!(after_a_while("ours"), "");
    }

    #[test]
    fn what_the_person_copied_since_stays() {
        assert_eq!(after_a_while("theirs"), "theirs");
    }
}
