//! `dateline call`: the events of a file, from a running service.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::civil::Date;

use super::{Failure, Format, extract, input, show};
use crate::api::v1;
use crate::service::client::Client;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// File (.txt, .html, .jsonl with one Article a line), or - for text on standard input.
    file: PathBuf,
    /// Where the service listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:50051")]
    to: String,
    /// Day of publication of a .txt or .html file, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    published: Option<Date>,
    /// How results are printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(call(arguments))
}

async fn call(arguments: Arguments) -> Result<ExitCode, Failure> {
    let mut client = Client::connect(&arguments.to).await?;
    let mut failed = false;
    let types = client.types().clone();
    for input in input::articles(&types, &arguments.file, arguments.published) {
        let article = match input {
            Ok(article) => article,
            Err(error) => {
                show::error(&error);
                failed = true;
                continue;
            }
        };
        match client.extract(&article).await {
            Ok(response) => {
                let response = readable(response, &client);
                anstream::print!("{}", extract::print(&response, client.types(), &article.body, arguments.format)?);
            }
            Err(error) => {
                show::error(&format!("{}: {error}", article.id));
                failed = true;
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Types that the service did not explain stay with their name alone: their fields cannot be shown.
fn readable(mut response: v1::ExtractResponse, client: &Client) -> v1::ExtractResponse {
    for event in &mut response.events {
        if client.types().message(&event.event_type).is_none() {
            event.detail = None;
        }
    }
    response
}
