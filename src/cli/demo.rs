//! `dateline demo`: the real service, one article, and how to go on from there.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use jiff::civil::date;

use super::{Failure, serve, show};
use crate::config::Settings;
use crate::pipeline::Article;
use crate::service::client::Client;
use crate::service::{Listeners, RuleFiles, Service};

/// The bundled article: what TASS reported on 25 March 2016.
const ARTICLE: &str = include_str!("../../examples/tass-2016-03-25.txt");

pub(super) fn run() -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(demo())?;
    Ok(ExitCode::SUCCESS)
}

async fn demo() -> Result<(), Failure> {
    let begin = Instant::now();
    // The embedded rules were tested when the binary was built.
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut settings = Settings { listen, ..Settings::default() };
    settings.rules.skip_tests = true;
    settings.life.drain = Duration::ZERO;
    let mut service = Service::start(Listeners::bind(&settings).await?, RuleFiles::default(), settings)?;
    service.ready().await.map_err(serve::explain)?;
    let (address, started) = (service.address(), begin.elapsed());
    let mut client = Client::connect(&address.to_string()).await?;
    let article = Article {
        id: "tass-2016-03-25".to_owned(),
        body: ARTICLE.to_owned(),
        published_at: Some(date(2016, 3, 25).at(12, 0, 0, 0).to_zoned_datetime(jiff::tz::TimeZone::UTC)?.timestamp()),
        ..Article::default()
    };
    let begin = Instant::now();
    let response = client.extract(&article).await?;
    let answered = begin.elapsed();
    anstream::print!("{}", show::response(&response, client.types(), ARTICLE));
    let rules = service.rules().current().map_or(0, |live| live.ruleset.rules().len());
    anstream::println!(
        "{} from {} in {:.1} ms through gRPC on {address} (rules loaded in {:.0} ms).\n",
        show::plural(response.events.len(), "event"),
        show::plural(rules, "rule"),
        answered.as_secs_f64() * 1000.0,
        started.as_secs_f64() * 1000.0,
    );
    anstream::print!("{HOW_TO}");
    drop(client);
    Ok(service.end().await?)
}

const HOW_TO: &str = r#"Start the service for yourself:

    dateline serve                                  # on 127.0.0.1:50051, with the rules of the binary
    dateline serve --rules my-rules                 # and with packs of your own, reloaded when they change
    dateline call article.txt --to 127.0.0.1:50051

Call it with grpcurl or buf, which learn the types by reflection:

    grpcurl -plaintext -d '{"article": {"body": "North Korea launched two missiles on Friday."}}' \
        127.0.0.1:50051 dateline.v1.ExtractionService/Extract

    buf curl --protocol grpc --http2-prior-knowledge \
        -d '{"article": {"body": "North Korea launched two missiles on Friday."}}' \
        http://127.0.0.1:50051/dateline.v1.ExtractionService/Extract

Or from Python (pip install grpcio grpcio-tools):

    python -m grpc_tools.protoc -I proto --python_out=. --grpc_python_out=. $(cd proto && find . -name '*.proto')

    import grpc
    from dateline.v1 import extraction_service_pb2 as api, extraction_service_pb2_grpc as service
    from dateline.events.v1 import weapons_pb2

    channel = grpc.insecure_channel("127.0.0.1:50051")
    article = api.Article(body="North Korea launched two missiles on Friday.")
    for event in service.ExtractionServiceStub(channel).Extract(api.ExtractRequest(article=article)).events:
        launch = weapons_pb2.WeaponLaunch()
        print(event.category, event.event_type, event.detail.Unpack(launch) and launch)
"#;
