//! A client of the service, for the command line: sends articles, and learns types that it does not know yet by
//! reflection.

use std::time::Duration;

use prost::Message as _;
use prost_types::FileDescriptorProto;
use tonic::codec::CompressionEncoding;
use tonic::transport::{Channel, Endpoint};
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::api::v1;
use crate::api::v1::extraction_service_client::ExtractionServiceClient;
use crate::event::schema::EventTypes;
use crate::pipeline::Article;
use crate::text::MediaType;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address cannot be used.
    #[error("`{0}` is no address of a service; give HOST:PORT")]
    Address(String),
    /// Nobody answers there.
    #[error("no service answers at {address}: {cause}")]
    Connect { address: String, cause: String },
    /// The service answered with an error.
    #[error("{code}: {message}")]
    Call { code: String, message: String },
    /// The embedded descriptors are damaged.
    #[error("the built-in types cannot be read")]
    Types,
}

impl From<tonic::Status> for ClientError {
    fn from(status: tonic::Status) -> Self {
        let mut code = String::new();
        for c in format!("{:?}", status.code()).chars() {
            if c.is_uppercase() && !code.is_empty() {
                code.push('_');
            }
            code.extend(c.to_uppercase());
        }
        Self::Call { code, message: status.message().to_owned() }
    }
}

/// A connection to a service.
#[derive(Clone, Debug)]
pub struct Client {
    channel: Channel,
    types: EventTypes,
}

impl Client {
    /// Connects to `HOST:PORT`.
    ///
    /// # Errors
    /// The address cannot be used, or nobody answers there.
    pub async fn connect(to: &str) -> Result<Self, ClientError> {
        let url = if to.contains("://") { to.to_owned() } else { format!("http://{to}") };
        let endpoint = Endpoint::from_shared(url).map_err(|_| ClientError::Address(to.to_owned()))?;
        let endpoint = endpoint.connect_timeout(Duration::from_secs(5));
        let connected = endpoint.connect().await;
        let channel = connected.map_err(|error| {
            // The last cause is the system's own: "connection refused".
            let mut cause: &dyn std::error::Error = &error;
            while let Some(deeper) = cause.source() {
                cause = deeper;
            }
            ClientError::Connect { address: to.to_owned(), cause: cause.to_string() }
        })?;
        let types = EventTypes::new(&Default::default()).map_err(|_| ClientError::Types)?;
        Ok(Self { channel, types })
    }

    /// The types that are known: the built-in ones and those that came with answers.
    pub fn types(&self) -> &EventTypes {
        &self.types
    }

    /// Extracts the events of an article.
    ///
    /// # Errors
    /// The service's error.
    pub async fn extract(&mut self, article: &Article) -> Result<v1::ExtractResponse, ClientError> {
        let request = v1::ExtractRequest { article: Some(to_message(article)), options: None };
        let mut client = ExtractionServiceClient::new(self.channel.clone())
            .max_decoding_message_size(64 << 20)
            .accept_compressed(CompressionEncoding::Gzip);
        let response = client.extract(request).await?.into_inner();
        for event in &response.events {
            if self.types.message(&event.event_type).is_none() {
                self.learn(&event.event_type).await;
            }
        }
        Ok(response)
    }

    /// Asks the service for a type. Where it does not say, the type stays unknown.
    async fn learn(&mut self, name: &str) {
        let request = ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::FileContainingSymbol(name.to_owned())),
        };
        let mut client = ServerReflectionClient::new(self.channel.clone());
        let Ok(answers) = client.server_reflection_info(tokio_stream::once(request)).await else { return };
        let Ok(Some(answer)) = answers.into_inner().message().await else { return };
        let Some(MessageResponse::FileDescriptorResponse(files)) = answer.message_response else { return };
        let files = files.file_descriptor_proto.iter().filter_map(|file| FileDescriptorProto::decode(&**file).ok());
        if let Ok(types) = self.types.with_files(files.collect()) {
            self.types = types;
        }
    }
}

fn to_message(article: &Article) -> v1::Article {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let media_type = match article.media_type {
        MediaType::Plain => "text/plain",
        MediaType::Html => "text/html",
    };
    v1::Article {
        id: article.id.clone(),
        headline: text(&article.headline),
        body: article.body.clone(),
        media_type: media_type.to_owned(),
        published_at: article
            .published_at
            .map(|at| prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }),
        source: text(&article.source),
        language: text(&article.language),
        url: text(&article.url),
    }
}
