//! Events: first as the pipeline finds them, then as typed protobuf messages.

pub mod domain;
