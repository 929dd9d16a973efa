//! The service over a real socket.

mod article;
mod authoring;
mod bad_input;
mod calls;
mod candidate;
mod commands;
mod configuration;
mod connections;
mod errors;
mod limits;
mod load;
mod plain_http;
mod reflection;
mod reload;
mod support;
