//! The gRPC service: the only room that knows the transport.
//!
//! ```text
//! request --convert--> article and options --work--> pipeline, off the async runtime --> response
//!                               |
//!      folders --reload--> live ruleset, swapped whole --> reflection, RuleService
//! ```
//!
//! A call takes the ruleset that is live when it begins and keeps it to its end, so that a swap never mixes two.

pub mod client;
mod convert;
mod errors;
mod extraction;
mod live;
mod reflection;
mod reload;
mod rule_service;
mod server;
mod work;

pub use self::live::{Attempt, Live, LiveRules};
pub use self::reload::RuleFiles;
pub use self::server::{Config, Limits, ServeError, Service};
