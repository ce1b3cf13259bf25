//! What the process does so that nothing of the wallet outlives it: no core dump, no reader of its
//! memory, no value in a log or a crash message.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// To be called first, before anything secret is read.
pub(crate) fn harden() {
    forbid_dumps();
    log_without_values();
    // The message of a panic may quote a value; where it happened does not.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "the wallet made a mistake");
    }));
}

/// Children inherit the limit; the dumpable attribute also keeps other processes of the same
/// person from attaching to this one. prctl(2), core(5)
fn forbid_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let nothing = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        // Lowering a limit is always allowed; without the call there would be one more protection
        // missing, and still a wallet.
        let _ = setrlimit(Resource::Core, nothing);
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Only what this wallet says itself, which names codes and never values. What libraries log about
/// requests is not kept, whatever the environment asks for.
fn log_without_values() {
    let own = Targets::new()
        .with_default(LevelFilter::OFF)
        .with_target("wallet", LevelFilter::INFO)
        .with_target("wallet_app", LevelFilter::INFO);
    let written = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // Fails only where a subscriber is set already, as in tests.
    let _ = tracing_subscriber::registry().with(written).with(own).try_init();
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    #[test]
    fn j8_a_hardened_process_leaves_no_core_dump() {
        super::harden();
        assert_eq!(getrlimit(Resource::Core).maximum, Some(0));
        assert_eq!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
    }
}
