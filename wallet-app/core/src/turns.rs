//! Turns: what lies begun in the vault is received by one at a time. Two at once would each take what is there once.
//! Whoever receives something else does not wait.

use crate::cards::WaitingId;
use crate::keys::KeyId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::OwnedMutexGuard;

/// What lies begun in the vault.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Begun {
    /// A sign-in, by the state of its request.
    SignIn(String),
    /// Cards that their issuer needs time for.
    Waiting(WaitingId),
    /// Cards whose copies are got again with one refresh token, by the key that it is bound to.
    Refresh(KeyId),
}

type Turn = tokio::sync::Mutex<()>;

/// Whose turn it is, of all that is received now. Whoever holds several takes them in the order of their keys, so
/// nobody waits for ever.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<Begun, Weak<Turn>>>);

impl Turns {
    /// Waits until nobody else receives this. The turn ends with what is given.
    pub(crate) async fn take(&self, what: Begun) -> OwnedMutexGuard<()> {
        self.turn(what).lock_owned().await
    }

    fn turn(&self, what: Begun) -> Arc<Turn> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(&what).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(Turn::new(()));
        turns.insert(what, Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign_in(state: &str) -> Begun {
        Begun::SignIn(state.to_owned())
    }

    #[tokio::test]
    async fn a_turn_is_for_one_thing_and_ends() {
        let turns = Turns::default();
        let held = turns.take(sign_in("one")).await;
        assert!(turns.turn(sign_in("one")).try_lock().is_err());
        assert!(turns.turn(sign_in("another")).try_lock().is_ok());
        drop(held);
        assert!(turns.turn(sign_in("one")).try_lock().is_ok());
    }

    #[tokio::test]
    async fn turns_that_are_over_are_forgotten() {
        let turns = Turns::default();
        for number in 0..100 {
            drop(turns.take(sign_in(&number.to_string())).await);
        }
        let _held = turns.take(sign_in("one")).await;
        assert_eq!(turns.0.lock().unwrap().len(), 1);
    }
}
