//! The generated code of the API: messages of the envelope, clients and servers of the services.

/// `dateline.v1`
#[allow(missing_docs, clippy::all, clippy::pedantic)]
pub mod v1 {
    tonic::include_proto!("dateline.v1");
}
