//! A service on a free loopback port, with the small packs of `tests/data`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use dateline::api::v1;
use dateline::api::v1::extraction_service_client::ExtractionServiceClient;
use dateline::api::v1::rule_service_client::RuleServiceClient;
use dateline::config::Settings;
use dateline::rules::source;
use dateline::service::{Listeners, RuleFiles, Service};
use tempfile::TempDir;
use tonic::transport::Channel;

/// Long enough for a slow machine; only a test that fails waits so long.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// A running service and its rules folder.
pub struct Running {
    pub service: Service,
    pub channel: Channel,
    pub folder: TempDir,
}

pub fn settings() -> Settings {
    let mut settings = Settings { listen: "127.0.0.1:0".parse().unwrap(), ..Settings::default() };
    settings.admin.listen = Some("127.0.0.1:0".parse().unwrap());
    settings.rules.poll = Duration::from_millis(300);
    settings.life.drain = Duration::from_millis(200);
    settings.life.deadline = Duration::from_secs(2);
    settings
}

pub async fn start() -> Running {
    let mut running = start_with(settings()).await;
    running.service.ready().await.unwrap();
    running
}

pub async fn start_with(settings: Settings) -> Running {
    let (base, problems) = source::from_folder(&data("basics"));
    assert!(problems.is_empty(), "{problems:?}");
    let candidate = settings.rules.candidate.clone();
    start_files(RuleFiles { base, folders: Vec::new(), candidate }, settings).await
}

/// A service with these packs, and an empty rules folder beside them.
pub async fn start_files(files: RuleFiles, settings: Settings) -> Running {
    let folder = TempDir::new().unwrap();
    let files = RuleFiles { folders: vec![folder.path().to_owned()], ..files };
    let service = Service::start(Listeners::bind(&settings).await.unwrap(), files, settings).unwrap();
    let channel = Channel::from_shared(format!("http://{}", service.address())).unwrap().connect().await.unwrap();
    Running { service, channel, folder }
}

impl Running {
    pub fn extraction(&self) -> ExtractionServiceClient<Channel> {
        ExtractionServiceClient::new(self.channel.clone()).max_decoding_message_size(64 << 20)
    }

    pub fn rules(&self) -> RuleServiceClient<Channel> {
        RuleServiceClient::new(self.channel.clone())
    }

    /// Waits until the metrics have this line.
    pub async fn metrics_say(&self, line: &str) {
        self.metrics_have(line, &|own| own == line).await;
    }

    /// Waits until the metrics have a line like this.
    pub async fn metrics_have(&self, what: &str, wanted: &dyn Fn(&str) -> bool) {
        let text = || self.service.metrics().render();
        let wait = async {
            while !text().lines().any(wanted) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("no `{what}` in\n{}", text()));
    }

    pub async fn ruleset(&self) -> v1::GetRulesetResponse {
        self.rules().get_ruleset(v1::GetRulesetRequest {}).await.unwrap().into_inner()
    }

    /// Waits until the ruleset is as the caller wants it.
    pub async fn ruleset_when(&self, wanted: impl Fn(&v1::GetRulesetResponse) -> bool) -> v1::GetRulesetResponse {
        let poll = async {
            loop {
                let ruleset = self.ruleset().await;
                if wanted(&ruleset) {
                    return ruleset;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, poll).await.expect("the ruleset did not become what it should")
    }
}

pub fn article(id: &str, body: &str) -> v1::Article {
    v1::Article { id: id.to_owned(), body: body.to_owned(), ..v1::Article::default() }
}

pub fn request(body: &str) -> v1::ExtractRequest {
    v1::ExtractRequest { article: Some(article("a", body)), options: None }
}

pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
