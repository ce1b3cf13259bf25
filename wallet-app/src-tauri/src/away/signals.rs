//! Sleep and screen lock as Linux desktops announce them. org.freedesktop.login1(5), Idle
//! Inhibition Service of freedesktop.org

use futures_util::StreamExt as _;
use std::sync::Arc;
use tauri::async_runtime::spawn;
use zbus::message::Type;
use zbus::{Connection, MatchRule, MessageStream};

/// One announcement.
#[derive(Clone, Copy, Debug)]
struct Signal {
    sender: &'static str,
    interface: &'static str,
    member: &'static str,
    /// It comes with `true` at the beginning and `false` at the end.
    has_end: bool,
}

/// On the bus of the machine. That another session is locked locks this wallet too: no harm.
const OF_THE_MACHINE: [Signal; 2] = [
    Signal {
        sender: "org.freedesktop.login1",
        interface: "org.freedesktop.login1.Manager",
        member: "PrepareForSleep",
        has_end: true,
    },
    Signal {
        sender: "org.freedesktop.login1",
        interface: "org.freedesktop.login1.Session",
        member: "Lock",
        has_end: false,
    },
];

/// On the bus of the person's session.
const OF_THE_SESSION: [Signal; 2] = [
    Signal {
        sender: "org.freedesktop.ScreenSaver",
        interface: "org.freedesktop.ScreenSaver",
        member: "ActiveChanged",
        has_end: true,
    },
    Signal {
        sender: "org.gnome.ScreenSaver",
        interface: "org.gnome.ScreenSaver",
        member: "ActiveChanged",
        has_end: true,
    },
];

/// Calls `act` whenever the person goes away. A bus that is not there announces nothing.
pub(super) fn watch(act: impl Fn() + Send + Sync + 'static) {
    let act: Arc<dyn Fn() + Send + Sync> = Arc::new(act);
    let session_act = Arc::clone(&act);
    spawn(async move {
        if let Ok(bus) = Connection::system().await {
            follow_all(&bus, &OF_THE_MACHINE, &act);
        }
    });
    spawn(async move {
        if let Ok(bus) = Connection::session().await {
            follow_all(&bus, &OF_THE_SESSION, &session_act);
        }
    });
}

fn follow_all(bus: &Connection, signals: &'static [Signal], act: &Arc<dyn Fn() + Send + Sync>) {
    for signal in signals {
        let (bus, act) = (bus.clone(), Arc::clone(act));
        spawn(async move {
            if let Err(error) = follow(&bus, signal, act.as_ref()).await {
                tracing::info!(%error, member = signal.member, "not announced here");
            }
        });
    }
}

async fn follow(bus: &Connection, signal: &Signal, act: &(dyn Fn() + Send + Sync)) -> zbus::Result<()> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(signal.sender)?
        .interface(signal.interface)?
        .member(signal.member)?
        .build();
    let mut announced = MessageStream::for_match_rule(rule, bus, None).await?;
    while let Some(message) = announced.next().await {
        let begins = !signal.has_end || message?.body().deserialize::<bool>().unwrap_or(true);
        if begins {
            act();
        }
    }
    Ok(())
}
