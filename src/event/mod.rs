//! Events: first as the pipeline finds them, then as typed protobuf messages.

pub mod domain;
pub mod envelope;
pub mod message;
pub mod schema;
