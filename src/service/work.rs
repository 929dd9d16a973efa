//! Extraction off the async runtime: as many at once as there are cores, a bounded number waiting, and none for a
//! caller that has gone away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;

use super::errors::CallError;

/// What a caller does when too many wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WhenBusy {
    /// It is turned away, so that it can go elsewhere.
    Refuse,
    /// It waits, and what feeds it waits with it.
    Wait,
}

/// The pool that extractions run in.
#[derive(Clone, Debug)]
pub(super) struct Workers {
    /// Who may wait or run.
    admitted: Arc<Semaphore>,
    /// Who may run.
    running: Arc<Semaphore>,
}

/// Sets its flag when it is dropped: the caller's future is gone, so the work is of no use.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Workers {
    /// A pool that runs `workers` at once while `queue` more wait.
    pub fn new(workers: usize, queue: usize) -> Self {
        let workers = workers.max(1);
        let all = workers.saturating_add(queue).min(Semaphore::MAX_PERMITS);
        Self { admitted: Arc::new(Semaphore::new(all)), running: Arc::new(Semaphore::new(workers)) }
    }

    /// Runs a job; the job asks the function it is given whether it should stop.
    pub async fn run<T, J>(&self, when_busy: WhenBusy, job: J) -> Result<T, CallError>
    where
        T: Send + 'static,
        J: FnOnce(&dyn Fn() -> bool) -> Result<T, CallError> + Send + 'static,
    {
        let admitted = self.admitted.clone();
        let place = match when_busy {
            WhenBusy::Refuse => admitted.try_acquire_owned().map_err(|_| CallError::Busy)?,
            WhenBusy::Wait => admitted.acquire_owned().await.map_err(|_| CallError::Draining)?,
        };
        let turn = self.running.clone().acquire_owned().await.map_err(|_| CallError::Draining)?;
        let flag = Arc::new(AtomicBool::new(false));
        let guard = CancelOnDrop(flag.clone());
        let task = tokio::task::spawn_blocking(move || {
            // The permits go with the work, not with the caller: a job that was given up counts until it has stopped.
            let _permits = (place, turn);
            job(&|| flag.load(Ordering::Relaxed))
        });
        let result = task.await;
        drop(guard);
        result.unwrap_or_else(|error| Err(if error.is_panic() { CallError::Crashed } else { CallError::Cancelled }))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_and_gives_its_place_back() {
        let workers = Workers::new(1, 0);
        for _ in 0..3 {
            let result = workers.run::<(), _>(WhenBusy::Refuse, |_| panic!("a fault")).await;
            assert!(matches!(result, Err(CallError::Crashed)));
        }
    }

    #[tokio::test]
    async fn one_too_many_is_refused_and_a_patient_one_waits() {
        let workers = Workers::new(1, 0);
        let (end, wait) = std::sync::mpsc::channel::<()>();
        let busy = workers.clone();
        let first = tokio::spawn(async move { busy.run(WhenBusy::Refuse, move |_| Ok(wait.recv().is_ok())).await });
        while workers.running.available_permits() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(matches!(workers.run(WhenBusy::Refuse, |_| Ok(())).await, Err(CallError::Busy)));
        let patient = workers.clone();
        let second = tokio::spawn(async move { patient.run(WhenBusy::Wait, |_| Ok(7)).await });
        end.send(()).unwrap();
        assert!(first.await.unwrap().unwrap());
        assert_eq!(second.await.unwrap().unwrap(), 7);
    }

    #[tokio::test]
    async fn work_stops_when_its_caller_goes() {
        let workers = Workers::new(1, 0);
        let (told, stopped) = tokio::sync::oneshot::channel();
        let call = workers.run(WhenBusy::Refuse, move |cancelled| {
            while !cancelled() {
                std::thread::sleep(Duration::from_millis(1));
            }
            let _ = told.send(());
            Ok(())
        });
        assert!(tokio::time::timeout(Duration::from_millis(30), call).await.is_err());
        tokio::time::timeout(Duration::from_secs(5), stopped).await.unwrap().unwrap();
    }
}
