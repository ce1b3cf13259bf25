//! One source of chance for everything in a run, and the turns that tasks give away.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use crate::lock;

/// SplitMix64: a few lines, and the same numbers from a seed on every machine.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// The chance of one run. Cheap to clone: all clones draw from one row of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Chance(Arc<Mutex<Random>>);

impl Chance {
    /// The chance that a seed stands for.
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Random(seed.wrapping_mul(0xd134_2543_de82_ef95)))))
    }

    /// A number below this one; 0 where that is 0.
    pub(crate) fn below(&self, end: u64) -> u64 {
        lock(&self.0).draw() % end.max(1)
    }

    /// The same for places in lists.
    pub(crate) fn place(&self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    /// True once in so many times.
    pub(crate) fn one_in(&self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub(crate) fn pick<T: Copy>(&self, from: &[T]) -> Option<T> {
        from.get(self.place(from.len())).copied()
    }

    /// Whatever takes time: now and then others come first.
    pub(crate) async fn pause(&self) {
        while self.one_in(3) {
            give_way().await;
        }
    }
}

/// Lets others come first, once.
pub(crate) async fn give_way() {
    GiveWay(false).await;
}

struct GiveWay(bool);

impl Future for GiveWay {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
