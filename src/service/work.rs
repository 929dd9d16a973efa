//! Extraction off the async runtime: as many at once as there are cores, a bounded number waiting, and none for a
//! caller that has gone away or is out of time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::errors::CallError;
use crate::config::Work;
use crate::telemetry::{self, Metrics};

/// The shortest time that a caller is asked to wait.
const SHORTEST_PUSHBACK: Duration = Duration::from_millis(50);
/// The longest.
const LONGEST_PUSHBACK: Duration = Duration::from_secs(10);

/// What a caller does when too many wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenBusy {
    /// It is turned away, so that it can go elsewhere.
    Refuse,
    /// It waits, and what feeds it waits with it.
    Wait,
}

/// The pool that extractions run in.
#[derive(Clone, Debug)]
pub(crate) struct Workers {
    /// Single calls that may wait or run.
    admitted: Arc<Semaphore>,
    /// Those who wait by themselves stand here first, so that a single call finds few of them before it in the line.
    patient: Arc<Semaphore>,
    /// Who may run.
    running: Arc<Semaphore>,
    threads: usize,
    /// Single calls that may wait or run at once.
    places: usize,
    /// How long one may run.
    longest: Duration,
    /// Microseconds that one ran of late.
    mean: Arc<AtomicU64>,
    metrics: Arc<Metrics>,
}

/// Sets its flag when it is dropped: the caller's future is gone, so the work is of no use.
pub(super) struct CancelOnDrop(pub Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Why work stops before its end, if it should.
fn stop(cancelled: &AtomicBool, deadline: Option<Instant>, limit: Instant) -> Option<CallError> {
    if cancelled.load(Ordering::Relaxed) {
        return Some(CallError::Cancelled);
    }
    let now = Instant::now();
    if deadline.is_some_and(|deadline| now >= deadline) {
        Some(CallError::Late)
    } else if now >= limit {
        Some(CallError::TooSlow)
    } else {
        None
    }
}

impl Workers {
    /// A pool that runs `threads` at once while `queue` single calls wait, each for no longer than `longest`.
    pub fn new(settings: Work, longest: Duration, metrics: Arc<Metrics>) -> Self {
        let threads = settings.threads.max(1);
        let all = threads.saturating_add(settings.queue).min(Semaphore::MAX_PERMITS);
        Self {
            admitted: Arc::new(Semaphore::new(all)),
            patient: Arc::new(Semaphore::new(threads)),
            running: Arc::new(Semaphore::new(threads)),
            threads,
            places: all,
            longest,
            mean: Arc::default(),
            metrics,
        }
    }

    /// Runs a job; the job asks the function it is given whether it should stop.
    pub async fn run<T, J>(&self, when_busy: WhenBusy, deadline: Option<Instant>, job: J) -> Result<T, CallError>
    where
        T: Send + 'static,
        J: FnOnce(&dyn Fn() -> bool) -> Result<T, CallError> + Send + 'static,
    {
        let waiting = self.metrics.waits();
        let (admitted, patient) = match when_busy {
            WhenBusy::Refuse => {
                let admitted = self.admitted.clone().try_acquire_owned().map_err(|_| {
                    self.metrics.shed();
                    CallError::Busy(self.pushback())
                })?;
                (Some(admitted), None)
            }
            WhenBusy::Wait => {
                let patient = self.patient.clone().acquire_owned().await.map_err(|_| CallError::Draining)?;
                (None, Some(patient))
            }
        };
        let turn = self.running.clone().acquire_owned().await.map_err(|_| CallError::Draining)?;
        drop((waiting, patient));
        let flag = Arc::new(AtomicBool::new(false));
        let guard = CancelOnDrop(flag.clone());
        let (running, mean, longest) = (self.metrics.runs(), self.mean.clone(), self.longest);
        let span = tracing::debug_span!(target: "dateline::work", "extract");
        let task = tokio::task::spawn_blocking(move || {
            // The permits go with the work, not with the caller: a job that was given up counts until it has stopped.
            let _permits = (admitted, turn, running);
            let _entered = span.entered();
            let begin = Instant::now();
            let limit = begin + longest;
            // A caller that went, or a deadline that passed, while this waited.
            if let Some(error) = stop(&flag, deadline, limit) {
                return Err(error);
            }
            let result = job(&|| stop(&flag, deadline, limit).is_some());
            let took = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
            let before = mean.load(Ordering::Relaxed);
            mean.store(if before == 0 { took } else { before - before / 8 + took / 8 }, Ordering::Relaxed);
            // A job says that it stopped; why it had to is known here.
            match result {
                Err(CallError::Cancelled) => Err(stop(&flag, deadline, limit).unwrap_or(CallError::Cancelled)),
                result => result,
            }
        });
        let result = task.await;
        drop(guard);
        let result = result.unwrap_or_else(|error| {
            if error.is_panic() {
                self.metrics.panicked();
                return Err(CallError::Crashed);
            }
            Err(CallError::Cancelled)
        });
        match result {
            Err(CallError::Late) => self.metrics.budget_exhausted("deadline"),
            Err(CallError::TooSlow) => self.metrics.budget_exhausted("limit"),
            _ => {}
        }
        result
    }

    /// How long a full queue takes, more or less, so that those who were turned away do not come back together.
    fn pushback(&self) -> Duration {
        let waiting = u64::try_from(self.places).unwrap_or(u64::MAX);
        let threads = u64::try_from(self.threads).unwrap_or(1).max(1);
        let micros = self.mean.load(Ordering::Relaxed).saturating_mul(waiting) / threads;
        let jitter = 75 + telemetry::random() % 50;
        Duration::from_micros(micros.saturating_mul(jitter) / 100).clamp(SHORTEST_PUSHBACK, LONGEST_PUSHBACK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn workers(threads: usize, queue: usize, longest: Duration) -> Workers {
        let settings = Settings::default();
        let metrics = Metrics::new(&settings, telemetry::resource(&settings)).unwrap();
        Workers::new(Work { threads, queue, stream_articles: 1 }, longest, Arc::new(metrics))
    }

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_panic_is_an_error_and_gives_its_place_back() {
        let workers = workers(1, 0, LONG);
        for _ in 0..3 {
            let result = workers.run::<(), _>(WhenBusy::Refuse, None, |_| panic!("a fault")).await;
            assert!(matches!(result, Err(CallError::Crashed)));
        }
    }

    #[tokio::test]
    async fn one_too_many_is_refused_and_a_patient_one_waits() {
        let workers = workers(1, 0, LONG);
        let (end, wait) = std::sync::mpsc::channel::<()>();
        let busy = workers.clone();
        let first =
            tokio::spawn(async move { busy.run(WhenBusy::Refuse, None, move |_| Ok(wait.recv().is_ok())).await });
        while workers.running.available_permits() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(matches!(workers.run(WhenBusy::Refuse, None, |_| Ok(())).await, Err(CallError::Busy(_))));
        let patient = workers.clone();
        let second = tokio::spawn(async move { patient.run(WhenBusy::Wait, None, |_| Ok(7)).await });
        end.send(()).unwrap();
        assert!(first.await.unwrap().unwrap());
        assert_eq!(second.await.unwrap().unwrap(), 7);
    }

    #[tokio::test]
    async fn work_stops_when_its_caller_goes() {
        let workers = workers(1, 0, LONG);
        let (told, stopped) = tokio::sync::oneshot::channel();
        let call = workers.run(WhenBusy::Refuse, None, move |cancelled| {
            while !cancelled() {
                std::thread::sleep(Duration::from_millis(1));
            }
            let _ = told.send(());
            Ok(())
        });
        assert!(tokio::time::timeout(Duration::from_millis(30), call).await.is_err());
        tokio::time::timeout(Duration::from_secs(5), stopped).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn work_that_takes_too_long_stops_and_says_why() {
        let busy = |cancelled: &dyn Fn() -> bool| {
            while !cancelled() {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err::<(), _>(CallError::Cancelled)
        };
        let own = workers(1, 0, Duration::from_millis(20));
        assert!(matches!(own.run(WhenBusy::Refuse, None, busy).await, Err(CallError::TooSlow)));
        let own = workers(1, 0, LONG);
        let soon = Some(Instant::now() + Duration::from_millis(20));
        assert!(matches!(own.run(WhenBusy::Refuse, soon, busy).await, Err(CallError::Late)));
        let text = own.metrics.render();
        assert!(text.contains("dateline_budget_exhausted_total{reason=\"deadline\"} 1"), "{text}");
    }

    #[tokio::test]
    async fn a_single_call_does_not_stand_behind_all_that_is_streamed() {
        let own = workers(1, 1, LONG);
        let mut streamed = Vec::new();
        for _ in 0..100 {
            let own = own.clone();
            streamed.push(tokio::spawn(async move {
                let job = |_: &dyn Fn() -> bool| {
                    std::thread::sleep(Duration::from_millis(20));
                    Ok(())
                };
                own.run(WhenBusy::Wait, None, job).await
            }));
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
        let begin = Instant::now();
        own.run(WhenBusy::Refuse, None, |_| Ok(())).await.unwrap();
        assert!(begin.elapsed() < Duration::from_millis(1000), "{:?}", begin.elapsed());
        streamed.iter().for_each(tokio::task::JoinHandle::abort);
    }
}
