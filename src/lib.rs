//! News articles in, typed events with their evidence out.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod event;
pub mod rules;
pub mod text;
