//! Liveness, readiness and metrics, on a port, a thread and a runtime of their own: they answer whatever the service does.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{Semaphore, watch};

use crate::telemetry::Metrics;

/// Connections at once; scrapes and probes need few.
const MOST: usize = 64;
/// How long a peer may take to say what it wants, and a connection to be read.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is told about.
#[derive(Clone, Debug)]
pub struct View {
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// Whether the service takes calls, or the worker articles.
    pub ready: watch::Receiver<bool>,
}

/// The running port; dropping it ends it.
#[derive(Debug)]
pub struct Admin {
    address: SocketAddr,
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl Admin {
    /// Answers on a bound listener until the value is dropped.
    ///
    /// # Errors
    /// The listener cannot be used, or the system gives no thread.
    pub fn start(listener: TcpListener, view: View) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("admin".to_owned()).spawn(move || {
            runtime.block_on(async {
                let listener = match tokio::net::TcpListener::from_std(listener) {
                    Ok(listener) => listener,
                    Err(error) => return tracing::error!(%error, "nobody can ask for metrics"),
                };
                tokio::select! {
                    () = serve(listener, view) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { address, _stop: stop })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn serve(listener: tokio::net::TcpListener, view: View) {
    let places = Arc::new(Semaphore::new(MOST));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection of the admin port failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let view = view.clone();
        tokio::spawn(async move {
            let mut server = http1::Builder::new();
            server.timer(TokioTimer::new()).header_read_timeout(PATIENCE).keep_alive(false);
            let answer = service_fn(|request| std::future::ready(Ok::<_, Infallible>(answer(&view, &request))));
            let connection = server.serve_connection(TokioIo::new(stream), answer);
            // Peers that go away early are no fault of ours.
            let _ = tokio::time::timeout(2 * PATIENCE, connection).await;
            drop(place);
        });
    }
}

fn answer<B>(view: &View, request: &Request<B>) -> Response<Full<Bytes>> {
    let (status, text) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/livez") => (StatusCode::OK, "ok\n".to_owned()),
        (&Method::GET, "/readyz") if *view.ready.borrow() => (StatusCode::OK, "ready\n".to_owned()),
        (&Method::GET, "/readyz") => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n".to_owned()),
        (&Method::GET, "/metrics") => (StatusCode::OK, view.metrics.render()),
        (&Method::GET, _) => (StatusCode::NOT_FOUND, "there are /livez, /readyz and /metrics\n".to_owned()),
        _ => (StatusCode::METHOD_NOT_ALLOWED, "only GET\n".to_owned()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let kind = http::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
    response
}
