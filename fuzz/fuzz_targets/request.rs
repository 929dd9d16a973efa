//! A request of any bytes, to a running service: it answers, with an error that has a reason or without one, and nothing
//! in it panics.
#![no_main]

use std::sync::LazyLock;

use bytes::{Buf, BufMut, Bytes};
use dateline::config::Settings;
use dateline::service::{Listeners, RuleFiles, Service};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

/// Messages as they are on the wire.
#[derive(Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.put(message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, message: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(message.copy_to_bytes(message.remaining())))
    }
}

struct Running {
    runtime: Runtime,
    service: Service,
    channel: Channel,
}

static RUNNING: LazyLock<Running> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let (service, channel) = runtime.block_on(async {
        let mut settings = Settings { listen: ([127, 0, 0, 1], 0).into(), ..Settings::default() };
        settings.rules.skip_tests = true;
        let listeners = Listeners::bind(&settings).await.expect("a port");
        let mut service = Service::start(listeners, RuleFiles::default(), settings).expect("a service");
        service.ready().await.expect("the packs are sound");
        let channel = Channel::from_shared(format!("http://{}", service.address())).expect("an address");
        (service, channel.connect().await.expect("a connection"))
    });
    Running { runtime, service, channel }
});

const METHODS: [&str; 4] = [
    "/dateline.v1.ExtractionService/Extract",
    "/dateline.v1.ExtractionService/ExtractStream",
    "/dateline.v1.RuleService/Explain",
    "/grpc.health.v1.Health/Check",
];

fuzz_target!(|given: (u8, &[u8])| {
    let (method, message) = (METHODS[usize::from(given.0) % METHODS.len()], Bytes::copy_from_slice(given.1));
    let Running { runtime, service, channel } = &*RUNNING;
    let answer = runtime.block_on(async {
        let mut grpc = Grpc::new(channel.clone());
        grpc.ready().await.map_err(|error| Status::unknown(error.to_string()))?;
        grpc.unary(Request::new(message), http::uri::PathAndQuery::from_static(method), Raw).await
    });
    if let Err(status) = answer {
        assert!(!matches!(status.code(), Code::Unknown | Code::DataLoss), "{status:?}");
    }
    assert!(service.metrics().render().lines().all(|line| !line.starts_with("dateline_panics_total ")), "a panic");
});
