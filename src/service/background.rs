//! Threads for work that no caller waits for and none should feel: the system gives them what the others leave.

use std::io;
#[cfg(target_os = "linux")]
use std::os::unix::thread::JoinHandleExt;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

#[cfg(target_os = "linux")]
use thread_priority::{NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy};
use tokio::sync::oneshot;

/// How often it is looked whether something is still in use.
const LOOK: Duration = Duration::from_millis(20);
/// After so many looks whoever still uses it drops it.
const MOST_LOOKS: u32 = 3_000;
/// How long work stands back behind everybody.
const PATIENCE: Duration = if cfg!(test) { Duration::from_millis(100) } else { Duration::from_secs(5) };

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
    let (tell, mut done) = oneshot::channel();
    let thread = start("rules", move || {
        if rank == Rank::Last {
            step_back();
        }
        // Whoever asked may have gone.
        let _ = tell.send(job());
    })?;
    let ended = match rank {
        Rank::Equal => done.await,
        Rank::Last => match tokio::time::timeout(PATIENCE, &mut done).await {
            Ok(ended) => ended,
            Err(_) => {
                step_forward(thread);
                done.await
            }
        },
    };
    ended.map_err(|_| io::Error::other("the work failed inside"))
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

fn start(name: &str, job: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(job)
}

/// Lets this thread, and those that it starts, run only where nobody else would: whoever wakes goes before it at once, where
/// the lowest of the usual priorities would have him wait for the end of a slice of some milliseconds. Only on Linux is
/// that said of a thread.
fn step_back() {
    #[cfg(target_os = "linux")]
    {
        let own = thread_priority::thread_native_id();
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        if let Err(error) = thread_priority::set_thread_priority_and_policy(own, ThreadPriority::Min, idle) {
            tracing::debug!(%error, "a thread does not step back");
        }
        // For the time when it may step forward.
        if let Err(error) = rustix::process::setpriority_process(None, 19) {
            tracing::debug!(%error, "the priority of a thread stays as it is");
        }
    }
}

/// Gives a thread that stepped back the lowest of the usual priorities: where the others leave nothing, new rules would
/// never go live, and they may be what is to help.
#[cfg_attr(not(target_os = "linux"), expect(unused_variables))]
fn step_forward(thread: JoinHandle<()>) {
    #[cfg(target_os = "linux")]
    {
        let usual = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Other);
        // The library sets the priority of whoever calls it too.
        let started = start("priority", move || {
            let set = thread_priority::set_thread_priority_and_policy;
            if let Err(error) = set(thread.as_pthread_t(), ThreadPriority::Min, usual) {
                tracing::debug!(%error, "a thread does not step forward");
            }
        });
        if let Err(error) = started {
            tracing::debug!(%error, "no thread to let another one step forward");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_last_stand_behind_all_others_for_a_while() {
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        let usual = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Other);
        let policy = || thread_priority::thread_schedule_policy().unwrap();
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let own = nice();
        let job = move || {
            let first = (policy(), thread::spawn(policy).join().unwrap());
            while policy() == idle {
                thread::sleep(Duration::from_millis(1));
            }
            (first, (policy(), nice()))
        };
        assert_eq!(run(Rank::Last, job).await.unwrap(), ((idle, idle), (usual, 19)));
        assert_eq!(run(Rank::Equal, move || (policy(), nice())).await.unwrap(), (usual, own));
        assert_eq!((policy(), nice()), (usual, own));
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
