//! What the service costs beside the work: time on cores of a call, less that of the same work in process. See
//! `benches/README.md`.

use std::hint::black_box;
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread;

use dateline::api::v1;
use dateline::api::v1::extraction_service_client::ExtractionServiceClient;
use dateline::config::Settings;
use dateline::event::envelope;
use dateline::pipeline::{Article, Options, extract};
use dateline::rules::{Ruleset, load, source::embedded};
use dateline::service::{Listeners, RuleFiles, Service};
use dateline::telemetry::Telemetry;
use dateline::text::OffsetEncoding;
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Runtime;
use tonic::codec::CompressionEncoding;
use tonic::transport::Channel;

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Batches of calls, and as many of the work alone in between: what else the machine does changes from one to the next.
const BATCHES: usize = 31;
/// Calls at once, where there are several.
const AT_ONCE: usize = 8;

const SENTENCE: &str =
    "North Korea launched two missiles on Friday, officials in Seoul said, and Poland arrested three smugglers. ";
const MORE: &str = "The talks between the two countries about trade will go on next week, a spokesman of the ministry told reporters. ";

/// Microseconds on cores of this thread, or of all threads.
fn on_cores(clock: ClockId) -> f64 {
    let now = clock_gettime(clock);
    now.tv_sec as f64 * 1e6 + now.tv_nsec as f64 / 1e3
}

/// A caller on a thread of its own, whose time on cores is taken from that of the process.
struct Caller {
    ask: mpsc::Sender<(v1::ExtractRequest, usize, usize)>,
    done: mpsc::Receiver<f64>,
}

impl Caller {
    fn new(address: String) -> Self {
        let (ask, asked) = mpsc::channel::<(v1::ExtractRequest, usize, usize)>();
        let (tell, done) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let channel = runtime.block_on(Channel::from_shared(address).unwrap().connect()).unwrap();
            // As most clients are: they take compressed answers.
            let client = ExtractionServiceClient::new(channel).accept_compressed(CompressionEncoding::Gzip);
            for (request, calls, at_once) in asked {
                let begin = (on_cores(ClockId::ProcessCPUTime), on_cores(ClockId::ThreadCPUTime));
                runtime.block_on(async {
                    let callers = (0..at_once).map(|_| {
                        let (mut client, request) = (client.clone(), request.clone());
                        tokio::spawn(async move {
                            for _ in 0..calls / at_once {
                                black_box(client.extract(request.clone()).await.unwrap());
                            }
                        })
                    });
                    for caller in callers.collect::<Vec<_>>() {
                        caller.await.unwrap();
                    }
                });
                let all = on_cores(ClockId::ProcessCPUTime) - begin.0;
                tell.send((all - (on_cores(ClockId::ThreadCPUTime) - begin.1)) / calls as f64).unwrap();
            }
        });
        Self { ask, done }
    }

    /// Microseconds that a call took of the service.
    fn calls(&self, body: &str, calls: usize, at_once: usize) -> f64 {
        let article = v1::Article { id: "a".to_owned(), body: body.to_owned(), ..v1::Article::default() };
        self.ask.send((v1::ExtractRequest { article: Some(article), options: None }, calls, at_once)).unwrap();
        self.done.recv().unwrap()
    }
}

/// From an article to the message of its response.
fn work(rules: &Ruleset, body: &str) {
    let article = Article { id: "a".to_owned(), body: body.to_owned(), ..Article::default() };
    let (doc, extraction) = extract(rules, &article, &Options::default(), &|| false).unwrap();
    black_box(envelope::response(rules, None, &article, &doc, &extraction, OffsetEncoding::Utf8).unwrap());
}

/// Microseconds that the work takes in a loop: all that it needs stays in the nearest memory.
fn in_a_loop(rules: &Ruleset, body: &str, times: usize) -> f64 {
    let begin = on_cores(ClockId::ThreadCPUTime);
    for _ in 0..times {
        work(rules, body);
    }
    (on_cores(ClockId::ThreadCPUTime) - begin) / times as f64
}

/// Microseconds that the work takes for whoever gives it, one piece after the other, to threads and waits for them.
fn on_threads(runtime: &Runtime, rules: &Arc<Ruleset>, body: &Arc<str>, times: usize, at_once: usize) -> f64 {
    let begin = (on_cores(ClockId::ProcessCPUTime), on_cores(ClockId::ThreadCPUTime));
    runtime.block_on(async {
        let callers = (0..at_once).map(|_| async {
            for _ in 0..times / at_once {
                let (rules, body) = (rules.clone(), body.clone());
                tokio::task::spawn_blocking(move || work(&rules, &body)).await.unwrap();
            }
        });
        let callers: Vec<_> = callers.map(Box::pin).collect();
        join(callers).await;
    });
    let all = on_cores(ClockId::ProcessCPUTime) - begin.0;
    (all - (on_cores(ClockId::ThreadCPUTime) - begin.1)) / times as f64
}

/// Waits for all of them.
async fn join(mut all: Vec<Pin<Box<impl Future<Output = ()>>>>) {
    std::future::poll_fn(|context| {
        all.retain_mut(|own| own.as_mut().poll(context).is_pending());
        if all.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

fn median(mut list: Vec<f64>) -> f64 {
    list.sort_by(f64::total_cmp);
    list[list.len() / 2]
}

fn main() {
    let mut settings = Settings { listen: ([127, 0, 0, 1], 0).into(), ..Settings::default() };
    settings.rules.skip_tests = true;
    let runtime = dateline::service::runtime().unwrap();
    let _guard = runtime.enter();
    let _telemetry = Telemetry::start(&settings).unwrap();
    let service = runtime.block_on(async {
        let listeners = Listeners::bind(&settings).await.unwrap();
        let mut service = Service::start(listeners, RuleFiles::default(), settings).unwrap();
        service.ready().await.unwrap();
        service
    });
    let caller = Caller::new(format!("http://{}", service.address()));
    let rules = Arc::new(load(&embedded()).ruleset.unwrap());
    let batches = std::env::args().find_map(|said| said.strip_prefix("--batches=")?.parse().ok()).unwrap_or(BATCHES);
    for (name, body, calls) in
        [("one word", "Rain.".to_owned(), 400), ("3 kB", format!("SEOUL. {SENTENCE}{}", MORE.repeat(25)), 40)]
    {
        let body: Arc<str> = body.into();
        for at_once in [1, AT_ONCE] {
            caller.calls(&body, calls, at_once);
            let (mut looped, mut threaded, mut served, mut added) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            for _ in 0..batches {
                looped.push(in_a_loop(&rules, &body, calls / 2));
                let before = on_threads(&runtime, &rules, &body, calls / 2, at_once);
                let own = caller.calls(&body, calls, at_once);
                let work = (before + on_threads(&runtime, &rules, &body, calls / 2, at_once)) / 2.0;
                threaded.push(work);
                served.push(own);
                added.push(own - work);
            }
            println!(
                "{name}, {at_once} at once: a call {:.0} µs on cores; the work alone {:.0} µs on threads, {:.0} µs in a loop; \
                 the service adds {:.0} µs to the work on threads",
                median(served),
                median(threaded),
                median(looped),
                median(added)
            );
        }
    }
    runtime.block_on(service.end()).unwrap();
}
