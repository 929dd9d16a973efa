//! Threads for work that no caller waits for and none should feel: the system gives them what the others leave.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

/// How often it is looked whether something is still in use.
const LOOK: Duration = Duration::from_millis(20);
/// After so many looks whoever still uses it drops it.
const MOST_LOOKS: u32 = 3_000;

/// Who goes before whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rank {
    /// The service waits for this work.
    Equal,
    /// Everybody else goes first.
    Last,
}

/// Runs a job on a thread of its own, and on those that it starts.
///
/// # Errors
/// There is no thread to be had; or the job panicked.
pub(super) async fn run<T: Send + 'static>(rank: Rank, job: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    let (tell, done) = oneshot::channel();
    start("rules", move || {
        if rank == Rank::Last {
            step_back();
        }
        // Whoever asked may have gone.
        let _ = tell.send(job());
    })?;
    done.await.map_err(|_| io::Error::other("the work failed inside"))
}

/// Drops what others may still use, once they have done with it: what is large takes time to be taken apart, and the last
/// of those who use it would have to spend it.
pub(super) fn drop_later<T: Send + Sync + 'static>(old: Arc<T>) {
    let started = start("old-rules", move || {
        step_back();
        for _ in 0..MOST_LOOKS {
            if Arc::strong_count(&old) == 1 {
                break;
            }
            thread::sleep(LOOK);
        }
    });
    if let Err(error) = started {
        tracing::debug!(%error, "no thread to drop old rules on");
    }
}

fn start(name: &str, job: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(job).map(drop)
}

/// Gives this thread, and those that it starts, the lowest priority. Only on Linux is a priority that of a thread.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, 19) {
        tracing::debug!(%error, "the priority of a thread stays as it is");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_last_have_the_lowest_priority_and_nobody_else() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let own = nice();
        let seen = run(Rank::Last, move || (nice(), thread::spawn(nice).join().unwrap())).await.unwrap();
        assert_eq!(seen, (19, 19));
        assert_eq!(run(Rank::Equal, nice).await.unwrap(), own);
        assert_eq!(nice(), own);
    }

    #[tokio::test]
    async fn a_panic_is_an_error() {
        assert!(
            run(Rank::Equal, || if true {
                panic!("a fault")
            })
            .await
            .is_err()
        );
    }

    #[test]
    fn what_is_in_use_is_dropped_when_it_is_not() {
        struct Told(std::sync::mpsc::Sender<Option<String>>);
        impl Drop for Told {
            fn drop(&mut self) {
                let _ = self.0.send(thread::current().name().map(str::to_owned));
            }
        }
        let (tell, told) = std::sync::mpsc::channel();
        let used = Arc::new(Told(tell));
        drop_later(used.clone());
        assert!(told.recv_timeout(LOOK * 3).is_err());
        drop(used);
        assert_eq!(told.recv().unwrap().as_deref(), Some("old-rules"));
    }
}
