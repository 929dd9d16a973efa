//! The service over a real socket.

mod bad_input;
mod calls;
mod reflection;
mod reload;
mod support;
