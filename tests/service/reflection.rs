//! Reflection, both versions: what is served can be asked for, with all that it imports.

use std::collections::BTreeSet;

use prost::Message as _;
use prost_reflect::DescriptorPool;
use prost_types::FileDescriptorProto;
use tonic::Code;
use tonic::transport::Channel;

use super::support::start;

/// What was asked, without the version of the protocol.
pub enum Ask<'a> {
    Services,
    File(&'a str),
    Symbol(&'a str),
    Extension,
}

/// What was answered.
#[derive(Debug, PartialEq)]
pub enum Answer {
    Services(Vec<String>),
    Files(Vec<FileDescriptorProto>),
    Error(i32),
}

macro_rules! client {
    ($version:ident) => {
        pub async fn $version(channel: &Channel, ask: Ask<'_>) -> Answer {
            use tonic_reflection::pb::$version::server_reflection_client::ServerReflectionClient;
            use tonic_reflection::pb::$version::server_reflection_request::MessageRequest;
            use tonic_reflection::pb::$version::server_reflection_response::MessageResponse;
            use tonic_reflection::pb::$version::{ExtensionRequest, ServerReflectionRequest};
            let message_request = Some(match ask {
                Ask::Services => MessageRequest::ListServices("*".to_owned()),
                Ask::File(name) => MessageRequest::FileByFilename(name.to_owned()),
                Ask::Symbol(name) => MessageRequest::FileContainingSymbol(name.to_owned()),
                Ask::Extension => MessageRequest::FileContainingExtension(ExtensionRequest {
                    containing_type: "dateline.v1.Event".to_owned(),
                    extension_number: 100,
                }),
            });
            let request = ServerReflectionRequest { host: String::new(), message_request };
            let mut client = ServerReflectionClient::new(channel.clone());
            let mut answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
            match answers.message().await.unwrap().unwrap().message_response.unwrap() {
                MessageResponse::ListServicesResponse(list) => {
                    Answer::Services(list.service.into_iter().map(|service| service.name).collect())
                }
                MessageResponse::FileDescriptorResponse(files) => Answer::Files(
                    files.file_descriptor_proto.iter().map(|f| FileDescriptorProto::decode(&**f).unwrap()).collect(),
                ),
                MessageResponse::ErrorResponse(error) => Answer::Error(error.error_code),
                other => panic!("{other:?}"),
            }
        }
    };
}

client!(v1);
client!(v1alpha);

/// The types that files declare; fails where they do not stand on their own.
pub fn messages(answer: &Answer) -> BTreeSet<String> {
    let Answer::Files(files) = answer else { panic!("{answer:?}") };
    let mut pool = DescriptorPool::new();
    pool.add_file_descriptor_protos(files.clone()).expect("the files do not stand on their own");
    pool.all_messages().map(|message| message.full_name().to_owned()).collect()
}

#[tokio::test]
async fn both_versions_serve_the_services_and_the_event_types() {
    let running = start().await;
    let channel = &running.channel;
    for symbol in [
        "dateline.events.v1.WeaponLaunch",
        "dateline.events.v1.WeaponLaunch.launcher",
        "dateline.v1.ActorKind",
        "dateline.v1.ACTOR_KIND_PERSON",
        "dateline.v1.ExtractionService",
        "dateline.v1.ExtractionService.Extract",
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    ] {
        let answer = v1(channel, Ask::Symbol(symbol)).await;
        assert!(!messages(&answer).is_empty(), "{symbol}");
        assert_eq!(answer, v1alpha(channel, Ask::Symbol(symbol)).await, "{symbol}");
    }
    let answer = v1(channel, Ask::File("dateline/v1/extraction_service.proto")).await;
    let Answer::Files(files) = &answer else { panic!("{answer:?}") };
    assert_eq!(files[0].name(), "dateline/v1/extraction_service.proto");
    assert!(messages(&answer).contains("google.protobuf.Any"));
    let Answer::Services(services) = v1(channel, Ask::Services).await else { panic!() };
    assert_eq!(Answer::Services(services.clone()), v1alpha(channel, Ask::Services).await);
    for service in services {
        assert!(matches!(v1(channel, Ask::Symbol(&service)).await, Answer::Files(_)), "{service}");
    }
    let not_found = Answer::Error(Code::NotFound as i32);
    for ask in [Ask::Symbol("dateline.v1.Nothing"), Ask::Symbol(""), Ask::File("nothing.proto"), Ask::Extension] {
        assert_eq!(v1(channel, ask).await, not_found);
    }
}
