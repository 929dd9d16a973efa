//! Health by the protocol of gRPC: what calls may be sent to. Liveness is another matter and has a port of its own.
//! <https://github.com/grpc/grpc/blob/master/doc/health-checking.md>

use std::pin::Pin;

use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use super::reflection::SERVICES;

/// Tells whether the service serves.
#[derive(Clone, Debug)]
pub(super) struct Health {
    serving: watch::Receiver<bool>,
    /// Turns true when the service ends; open watches end with it, for they would hold it for ever.
    stop: watch::Receiver<bool>,
}

impl Health {
    pub fn new(serving: watch::Receiver<bool>, stop: watch::Receiver<bool>) -> Self {
        Self { serving, stop }
    }
}

/// Whether a name is the server as a whole or one of its services.
fn known(service: &str) -> bool {
    service.is_empty() || SERVICES.contains(&service)
}

fn response(serving: bool) -> HealthCheckResponse {
    let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
    HealthCheckResponse { status: status.into() }
}

type Watch = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

#[tonic::async_trait]
impl health_server::Health for Health {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        let service = &request.get_ref().service;
        if !known(service) {
            return Err(Status::not_found(format!("there is no service `{service}`")));
        }
        Ok(Response::new(response(*self.serving.borrow())))
    }

    type WatchStream = Watch;

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Watch>, Status> {
        let states: Watch = if known(&request.get_ref().service) {
            Box::pin(WatchStream::new(self.serving.clone()).map(|serving| Ok(response(serving))))
        } else {
            // It may come with another version of the service, so the watch stays open.
            let unknown = HealthCheckResponse { status: ServingStatus::ServiceUnknown.into() };
            Box::pin(tokio_stream::once(Ok(unknown)).chain(tokio_stream::pending()))
        };
        let stopped = WatchStream::new(self.stop.clone()).filter(|stopped| *stopped).map(|_| None);
        let states = states.map(Some).merge(stopped);
        Ok(Response::new(Box::pin(states.map_while(|state| state))))
    }
}
