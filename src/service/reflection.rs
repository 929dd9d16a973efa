//! Server reflection over the types that are live: a message that a pack brings is served as soon as its rules are.
//!
//! Both versions of the protocol are the same but for their package, so one macro writes them down. The protocol:
//! <https://github.com/grpc/grpc/blob/master/doc/server-reflection.md>.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use prost_reflect::{DescriptorPool, EnumDescriptor, FileDescriptor};
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Code, Request, Response, Status, Streaming};

use super::live::LiveRules;
use crate::event::schema::{DESCRIPTORS, EventTypes};

/// What the server answers to, by name.
pub(super) const SERVICES: [&str; 5] = [
    "dateline.v1.ExtractionService",
    "dateline.v1.RuleService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
];

/// The types of rules, with the services that are not the API's own.
pub(super) fn pool(types: &EventTypes) -> DescriptorPool {
    with_services(types.pool().clone())
}

fn with_services(mut pool: DescriptorPool) -> DescriptorPool {
    for set in [
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ] {
        // A pack may bring a file of one of these names; then that one stays.
        if let Err(error) = pool.decode_file_descriptor_set(set) {
            tracing::warn!(%error, "reflection does not know a service");
        }
    }
    pool
}

/// Answers reflection requests of both versions.
#[derive(Clone, Debug)]
pub(super) struct Reflection {
    rules: Arc<LiveRules>,
    /// What is served before rules are live.
    built_in: DescriptorPool,
}

impl Reflection {
    pub fn new(rules: Arc<LiveRules>) -> Self {
        Self { rules, built_in: with_services(DescriptorPool::decode(DESCRIPTORS).unwrap_or_default()) }
    }

    /// The types of candidate rules, if there are some: requests may ask for their events.
    pub fn candidate_pool(&self) -> Option<DescriptorPool> {
        Some(self.rules.candidate()?.current()?.pool.clone())
    }

    /// The types that are live.
    pub fn pool(&self) -> DescriptorPool {
        self.rules.current().map_or_else(|| self.built_in.clone(), |live| live.pool.clone())
    }
}

/// What there is no answer to.
struct NotFound(String);

/// A file and all that it imports, encoded; the file itself first.
fn file_by_name(pool: &DescriptorPool, name: &str) -> Result<Vec<Vec<u8>>, NotFound> {
    pool.get_file_by_name(name).map(with_imports).ok_or_else(|| NotFound(format!("there is no file `{name}`")))
}

fn file_of_symbol(pool: &DescriptorPool, name: &str) -> Result<Vec<Vec<u8>>, NotFound> {
    symbol(pool, name).map(with_imports).ok_or_else(|| NotFound(format!("nothing is called `{name}`")))
}

/// The file that declares a message, an enum, a service, a method, a field, a oneof or an enum value.
fn symbol(pool: &DescriptorPool, name: &str) -> Option<FileDescriptor> {
    let declared = |name: &str| {
        let message = pool.get_message_by_name(name).map(|found| found.parent_file());
        let message = message.or_else(|| pool.get_enum_by_name(name).map(|found| found.parent_file()));
        message.or_else(|| pool.get_service_by_name(name).map(|found| found.parent_file()))
    };
    if let Some(file) = declared(name) {
        return Some(file);
    }
    let (parent, last) = name.rsplit_once('.')?;
    if let Some(service) = pool.get_service_by_name(parent)
        && service.methods().any(|method| method.name() == last)
    {
        return Some(service.parent_file());
    }
    if let Some(message) = pool.get_message_by_name(parent)
        && (message.get_field_by_name(last).is_some() || message.oneofs().any(|oneof| oneof.name() == last))
    {
        return Some(message.parent_file());
    }
    // Values stand beside their enum, not in it.
    let holds = |own: &EnumDescriptor| own.get_value_by_name(last).is_some_and(|value| value.full_name() == name);
    pool.all_enums().find(holds).map(|own| own.parent_file())
}

fn with_imports(file: FileDescriptor) -> Vec<Vec<u8>> {
    let first = file.name().to_owned();
    let mut seen: BTreeMap<String, FileDescriptor> = BTreeMap::new();
    let mut waiting = vec![file];
    while let Some(file) = waiting.pop() {
        if !seen.contains_key(file.name()) {
            waiting.extend(file.dependencies());
            seen.insert(file.name().to_owned(), file);
        }
    }
    let own = seen.remove(&first);
    own.into_iter().chain(seen.into_values()).map(|file| file.encode_to_vec()).collect()
}

macro_rules! reflection {
    ($version:ident) => {
        pub(super) mod $version {
            use tonic_reflection::pb::$version::server_reflection_request::MessageRequest;
            use tonic_reflection::pb::$version::server_reflection_response::MessageResponse;
            use tonic_reflection::pb::$version::server_reflection_server::ServerReflection;
            use tonic_reflection::pb::$version::{
                ErrorResponse, FileDescriptorResponse, ListServiceResponse, ServerReflectionRequest,
                ServerReflectionResponse, ServiceResponse,
            };

            use super::*;

            fn answer(pool: &DescriptorPool, request: Option<&MessageRequest>) -> MessageResponse {
                let files = |files: Vec<Vec<u8>>| {
                    MessageResponse::FileDescriptorResponse(FileDescriptorResponse { file_descriptor_proto: files })
                };
                let result = match request {
                    Some(MessageRequest::FileByFilename(name)) => file_by_name(pool, name).map(files),
                    Some(MessageRequest::FileContainingSymbol(name)) => file_of_symbol(pool, name).map(files),
                    Some(MessageRequest::ListServices(_)) => {
                        let service = SERVICES.iter().map(|name| ServiceResponse { name: (*name).to_owned() });
                        Ok(MessageResponse::ListServicesResponse(ListServiceResponse { service: service.collect() }))
                    }
                    Some(MessageRequest::FileContainingExtension(_) | MessageRequest::AllExtensionNumbersOfType(_)) => {
                        Err(NotFound("there are no extensions".to_owned()))
                    }
                    None => {
                        let error_message = "message_request: is missing".to_owned();
                        let error_code = Code::InvalidArgument as i32;
                        return MessageResponse::ErrorResponse(ErrorResponse { error_code, error_message });
                    }
                };
                result.unwrap_or_else(|NotFound(error_message)| {
                    MessageResponse::ErrorResponse(ErrorResponse { error_code: Code::NotFound as i32, error_message })
                })
            }

            #[tonic::async_trait]
            impl ServerReflection for Reflection {
                type ServerReflectionInfoStream =
                    Pin<Box<dyn Stream<Item = Result<ServerReflectionResponse, Status>> + Send>>;

                async fn server_reflection_info(
                    &self,
                    request: Request<Streaming<ServerReflectionRequest>>,
                ) -> Result<Response<Self::ServerReflectionInfoStream>, Status> {
                    let own = self.clone();
                    // Each request sees the rules that are live then: a stream may stay open for long.
                    let answers = request.into_inner().map(move |request| {
                        let request = request?;
                        let mut response = answer(&own.pool(), request.message_request.as_ref());
                        if let (MessageResponse::ErrorResponse(_), Some(pool)) = (&response, own.candidate_pool()) {
                            response = answer(&pool, request.message_request.as_ref());
                        }
                        Ok(ServerReflectionResponse {
                            valid_host: request.host.clone(),
                            original_request: Some(request),
                            message_response: Some(response),
                        })
                    });
                    Ok(Response::new(Box::pin(answers)))
                }
            }
        }
    };
}

reflection!(v1);
reflection!(v1alpha);
