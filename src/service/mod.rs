//! The gRPC service: the only room that knows the transport.
//!
//! ```text
//! connections --front--> calls (deadline, span, metrics) --convert--> article and options
//!             \-connect--/   --work--> pipeline, off the async runtime --> response
//!                               |
//!      folders --reload--> live ruleset, swapped whole --> reflection, RuleService
//! ```
//!
//! Candidate rules stand beside the live ones: a request may ask for them, and `shadow` has them work on a share of the
//! articles that the live ones answered.
//!
//! A call takes the ruleset that is live when it begins and keeps it to its end, so that a swap never mixes two.

pub mod admin;
mod background;
mod calls;
pub mod client;
mod connect;
mod connections;
mod convert;
mod deadline;
mod drafts;
mod errors;
mod extraction;
mod extractor;
mod front;
mod health;
mod live;
mod reasons;
mod received;
mod reflection;
mod reload;
mod rule_service;
mod server;
mod shadow;
mod tls;
mod trials;
mod work;

pub(crate) use self::errors::CallError;
pub(crate) use self::extractor::Extractor;
pub use self::live::{Attempt, Live, LiveRules};
pub use self::reload::RuleFiles;
pub(crate) use self::reload::watch;
pub use self::server::{Listeners, ServeError, Service, runtime};
pub use self::tls::{TlsError, check as check_tls};
pub(crate) use self::work::WhenBusy;
