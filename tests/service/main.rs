//! The service over a real socket.

mod article;
mod bad_input;
mod calls;
mod commands;
mod reflection;
mod reload;
mod support;
