//! Being told to end: what looks at sources ends between two replies then, keeps what came, and says what is left.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use rapport_model::Time;
use rapport_sources::transport::{Clock, Machine};

/// Whether this process was told to end.
static TOLD: AtomicBool = AtomicBool::new(false);

/// What a look says that ended for this.
pub(super) const WHY: &str = "it was told to stop";
/// A pause is left within so many milliseconds.
const SLICE: u64 = 50;

/// Whether this process was told to end.
pub(crate) fn is_told() -> bool {
    TOLD.load(Ordering::SeqCst)
}

/// Tells it.
pub(crate) fn tell() {
    TOLD.store(true, Ordering::SeqCst);
}

/// From here on an interruption (Ctrl-C, SIGTERM) is heeded instead of ending the process where it stands. A second one
/// ends it all the same.
pub(super) fn heed() {
    static HEEDED: Once = Once::new();
    HEEDED.call_once(|| {
        std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let Ok(runtime) = runtime else { return }; // it ends where it stands then
            runtime.block_on(async {
                interrupted().await;
                tell();
                eprintln!("stopping behind the reply that is under way; once more ends it at once");
                interrupted().await;
                std::process::exit(130);
            });
        });
    });
}

/// Waits for Ctrl-C or, where there is such a thing, SIGTERM.
pub(crate) async fn interrupted() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut told) = signal(SignalKind::terminate()) {
            tokio::select! { _ = interrupted => {}, _ = told.recv() => {} }
            return;
        }
    }
    let _ = interrupted.await;
}

/// The clock of the machine, whose waits end when the process was told to.
pub(super) struct Heeding;

impl Clock for Heeding {
    fn now(&self) -> Time {
        Machine.now()
    }
    fn wait(&self, millis: u64) {
        let mut left = millis;
        while left > 0 && !is_told() {
            let slice = left.min(SLICE);
            Machine.wait(slice);
            left -= slice;
        }
    }
    fn ends(&self) -> Option<&'static str> {
        is_told().then_some(WHY)
    }
}
