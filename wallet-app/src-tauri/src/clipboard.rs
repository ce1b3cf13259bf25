//! The clipboard. What was copied is cleared after half a minute and when the app ends, if it is
//! still there.

use crate::error::WalletError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

const KEPT: Duration = Duration::from_secs(30);

/// What stands between this module and the system.
pub(crate) trait Board: Send {
    /// Puts a text on it; whether that worked.
    fn put(&mut self, text: &str) -> bool;
    /// Whether this text is on it.
    fn holds(&mut self, text: &str) -> bool;
    /// Takes away what is on it.
    fn empty(&mut self);
}

/// The clipboard, opened when something is copied. On X11 and Wayland the text lives in the process
/// that copied it, so it stays open.
pub(crate) struct Clipboard {
    open: fn() -> Option<Box<dyn Board>>,
    copied: Arc<Mutex<Option<Copied>>>,
}

/// What was copied last, and where to.
struct Copied {
    board: Box<dyn Board>,
    text: Zeroizing<String>,
}

impl Clipboard {
    pub(crate) fn new(open: fn() -> Option<Box<dyn Board>>) -> Self {
        Self {
            open,
            copied: Arc::default(),
        }
    }

    /// Puts text there, for a while. Blocks.
    pub(crate) fn copy(&self, text: String) -> Result<(), WalletError> {
        let text = Zeroizing::new(text);
        let mut copied = lock(&self.copied);
        let board = copied.take().map(|before| before.board).or_else(self.open);
        let now = copied.insert(Copied {
            board: board.ok_or_else(unavailable)?,
            text: text.clone(),
        });
        if !now.board.put(&text) {
            return Err(unavailable());
        }
        let copied = Arc::clone(&self.copied);
        std::thread::spawn(move || {
            std::thread::sleep(KEPT);
            if let Some(last) = lock(&copied).as_mut().filter(|last| last.text == text) {
                last.clear_if_still_there();
            }
        });
        Ok(())
    }

    /// Clears what was copied last.
    pub(crate) fn clear(&self) {
        if let Some(last) = lock(&self.copied).as_mut() {
            last.clear_if_still_there();
        }
    }
}

/// The clipboard of the system; `None` where there is none.
#[cfg(desktop)]
pub(crate) fn of_the_system() -> Option<Box<dyn Board>> {
    let board = arboard::Clipboard::new().ok()?;
    Some(Box::new(board))
}

impl Copied {
    fn clear_if_still_there(&mut self) {
        if !self.text.is_empty() && self.board.holds(&self.text) {
            self.board.empty();
        }
        self.text = Zeroizing::default();
    }
}

#[cfg(desktop)]
impl Board for arboard::Clipboard {
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

fn lock(copied: &Mutex<Option<Copied>>) -> MutexGuard<'_, Option<Copied>> {
    copied.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unavailable() -> WalletError {
    WalletError::new("clipboard_unavailable")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Paper(Arc<Mutex<String>>);

    impl Board for Paper {
        fn put(&mut self, text: &str) -> bool {
            text.clone_into(&mut self.0.lock().expect("paper"));
            true
        }
        fn holds(&mut self, text: &str) -> bool {
            *self.0.lock().expect("paper") == text
        }
        fn empty(&mut self) {
            self.0.lock().expect("paper").clear();
        }
    }

    fn is_there_after_a_while(there: &str) -> bool {
        let paper = Arc::new(Mutex::new(there.to_owned()));
        let mut copied = Copied {
            board: Box::new(Paper(Arc::clone(&paper))),
            text: Zeroizing::new("ours".to_owned()),
        };
        copied.clear_if_still_there();
        assert!(copied.text.is_empty());
        !paper.lock().expect("paper").is_empty()
    }

    #[test]
    fn j8_what_we_copied_is_cleared() {
        assert!(!is_there_after_a_while("ours"));
    }

    #[test]
    fn what_the_person_copied_since_stays() {
        assert!(is_there_after_a_while("theirs"));
    }

    #[test]
    fn without_a_clipboard_it_says_so() {
        let copied = Clipboard::new(|| None).copy("text".to_owned());
        assert_eq!(copied, Err(WalletError::new("clipboard_unavailable")));
    }
}
