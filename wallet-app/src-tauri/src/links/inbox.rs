//! Links wait here until the window listens.

use super::Link;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Links on their way from the system to the window, and those that went that way.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    listening: bool,
    waiting: VecDeque<Link>,
    delivered: VecDeque<Link>,
}

/// Links that are remembered; older ones are forgotten.
const REMEMBERED: usize = 16;

impl Inbox {
    /// Takes a link from the system. Returns it if it is to be handed to the window now.
    pub(crate) fn take(&self, link: Link) -> Option<Link> {
        let mut inner = self.lock();
        if inner.listening {
            inner.remember(link.clone());
            return Some(link);
        }
        push_bounded(&mut inner.waiting, link);
        None
    }

    /// The window listens from now on; what waited goes to it, oldest first.
    pub(crate) fn listen(&self) -> Vec<Link> {
        let mut inner = self.lock();
        inner.listening = true;
        let waiting: Vec<Link> = inner.waiting.drain(..).collect();
        for link in &waiting {
            inner.remember(link.clone());
        }
        waiting
    }

    /// Whether the system handed this link over: then whoever asks is on this device.
    pub(crate) fn was_delivered(&self, link: &Link) -> bool {
        self.lock().delivered.contains(link)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn remember(&mut self, link: Link) {
        push_bounded(&mut self.delivered, link);
    }
}

fn push_bounded(links: &mut VecDeque<Link>, link: Link) {
    if links.len() == REMEMBERED {
        links.pop_front();
    }
    links.push_back(link);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(number: usize) -> Link {
        Link::parse(&format!("openid4vp://{number}")).expect("a link")
    }

    #[test]
    fn links_wait_until_the_window_listens() {
        let inbox = Inbox::default();
        assert_eq!(inbox.take(link(1)), None);
        assert_eq!(inbox.take(link(2)), None);
        assert_eq!(inbox.listen(), [link(1), link(2)]);
        assert_eq!(inbox.take(link(3)), Some(link(3)));
        assert_eq!(inbox.listen(), []);
    }

    #[test]
    fn f16_wallet_only_what_the_system_handed_over_is_of_this_device() {
        let inbox = Inbox::default();
        inbox.listen();
        inbox.take(link(1));
        assert!(inbox.was_delivered(&link(1)));
        assert!(!inbox.was_delivered(&link(2)));
    }

    #[test]
    fn a_flood_of_links_is_bounded() {
        let inbox = Inbox::default();
        for number in 0..1_000 {
            inbox.take(link(number));
        }
        assert_eq!(inbox.listen().len(), REMEMBERED);
    }
}
