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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead as _, BufReader};
    use std::process::{Child, Command, Stdio};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;
    use zbus::connection::Builder;

    /// A bus of this test's own.
    struct Bus {
        daemon: Child,
        address: String,
    }

    impl Bus {
        fn start() -> Self {
            let mut daemon = Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--print-address"])
                .stdout(Stdio::piped())
                .spawn()
                .expect("dbus-daemon");
            let mut address = String::new();
            let output = daemon.stdout.take().expect("its output");
            BufReader::new(output).read_line(&mut address).expect("its address");
            Self {
                daemon,
                address: address.trim().to_owned(),
            }
        }

        async fn join(&self, name: Option<&str>) -> Connection {
            let builder = Builder::address(self.address.as_str()).expect("an address");
            let builder = match name {
                Some(name) => builder.name(name).expect("a name"),
                None => builder,
            };
            builder.build().await.expect("the bus")
        }
    }

    impl Drop for Bus {
        fn drop(&mut self) {
            let _ = self.daemon.kill();
            let _ = self.daemon.wait();
        }
    }

    async fn announce(bus: &Connection, begins: bool) {
        let (path, interface) = ("/org/freedesktop/login1", "org.freedesktop.login1.Manager");
        bus.emit_signal(None::<&str>, path, interface, "PrepareForSleep", &(begins,))
            .await
            .expect("announced");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn j9_the_wallet_hears_that_the_machine_goes_to_sleep() {
        let bus = Bus::start();
        let heard = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&heard);
        let act: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        follow_all(&bus.join(None).await, &OF_THE_MACHINE, &act);
        let system = bus.join(Some("org.freedesktop.login1")).await;
        for _ in 0..100 {
            announce(&system, true).await;
            if heard.load(Ordering::Relaxed) > 0 {
                break;
            }
        }
        let before = heard.load(Ordering::Relaxed);
        assert!(before > 0, "not heard");
        // Waking up is no reason to lock, and whoever has not the name is not believed.
        announce(&system, false).await;
        announce(&bus.join(None).await, true).await;
        assert_eq!(heard.load(Ordering::Relaxed), before);
    }
}
