//! News articles in, typed events with their evidence out.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod api;
pub mod cli;
pub mod config;
pub mod event;
pub mod explain;
pub mod pipeline;
pub mod relations;
pub mod rules;
pub mod scoring;
pub mod service;
pub mod telemetry;
pub mod testing;
pub mod text;
pub mod worker;
