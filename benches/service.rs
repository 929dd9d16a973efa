//! What the service costs beside the work: time on cores of a call, less that of the same work in process. See
//! `benches/README.md`.

use std::hint::black_box;
use std::sync::mpsc;
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

/// Microseconds that the work takes alone, from an article to the message of its response.
fn alone(rules: &Ruleset, body: &str, times: usize) -> f64 {
    let article = Article { id: "a".to_owned(), body: body.to_owned(), ..Article::default() };
    let begin = on_cores(ClockId::ThreadCPUTime);
    for _ in 0..times {
        let (doc, extraction) = extract(rules, &article, &Options::default(), &|| false).unwrap();
        black_box(envelope::response(rules, None, &article, &doc, &extraction, OffsetEncoding::Utf8).unwrap());
    }
    (on_cores(ClockId::ThreadCPUTime) - begin) / times as f64
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
    let rules = load(&embedded()).ruleset.unwrap();
    let batches = std::env::args().find_map(|said| said.strip_prefix("--batches=")?.parse().ok()).unwrap_or(BATCHES);
    for (name, body, calls) in
        [("one word", "Rain.".to_owned(), 400), ("3 kB", format!("SEOUL. {SENTENCE}{}", MORE.repeat(25)), 40)]
    {
        for at_once in [1, AT_ONCE] {
            caller.calls(&body, calls, at_once);
            let (mut work, mut served, mut added) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..batches {
                let before = alone(&rules, &body, calls / 2);
                let own = caller.calls(&body, calls, at_once);
                let bare = (before + alone(&rules, &body, calls / 2)) / 2.0;
                work.push(bare);
                served.push(own);
                added.push(own - bare);
            }
            println!(
                "{name}, {at_once} at once: a call {:.0} µs on cores, the work alone {:.0} µs; the service adds {:.0} µs",
                median(served),
                median(work),
                median(added)
            );
        }
    }
    runtime.block_on(service.end()).unwrap();
}
