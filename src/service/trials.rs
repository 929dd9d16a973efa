//! Work for authors: explanations and drafts. One at a time, so that authors do not take the cores from callers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::errors::CallError;
use super::work::CancelOnDrop;

/// How many may wait.
const WAITING: usize = 16;
/// How long one that was turned away should wait.
const PUSHBACK: Duration = Duration::from_secs(1);

/// Who may wait, and who may run.
#[derive(Clone, Debug)]
pub(super) struct Trials {
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Default for Trials {
    fn default() -> Self {
        Self { admitted: Arc::new(Semaphore::new(WAITING + 1)), running: Arc::new(Semaphore::new(1)) }
    }
}

impl Trials {
    /// Runs a job off the async runtime; the job asks the function it is given whether it should stop.
    pub async fn run<T, J>(&self, job: J) -> Result<T, CallError>
    where
        T: Send + 'static,
        J: FnOnce(&dyn Fn() -> bool) -> Result<T, CallError> + Send + 'static,
    {
        let place = self.admitted.clone().try_acquire_owned().map_err(|_| CallError::Busy(PUSHBACK))?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| CallError::Draining)?;
        let flag = Arc::new(AtomicBool::new(false));
        let guard = CancelOnDrop(flag.clone());
        let task = tokio::task::spawn_blocking(move || {
            // The places go with the work: a job that was given up counts until it has stopped.
            let _places = (place, turn);
            job(&|| flag.load(Ordering::Relaxed))
        });
        let result = task.await;
        drop(guard);
        result.unwrap_or_else(|error| Err(if error.is_panic() { CallError::Crashed } else { CallError::Cancelled }))
    }
}
