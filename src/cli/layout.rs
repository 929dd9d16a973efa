//! `dateline fmt` and `dateline schema`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::Failure;
use crate::rules::{format, schema};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Rule files, or folders of them.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Write nothing; name the files that would change, and fail if there are any.
    #[arg(long)]
    check: bool,
}

/// `dateline fmt PATH`
pub(super) fn fmt(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut files = Vec::new();
    arguments.paths.iter().try_for_each(|path| collect(path, &mut files))?;
    let mut changed = 0;
    for path in files {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let laid_out = format::format(&text);
        if laid_out == text {
            continue;
        }
        changed += 1;
        anstream::println!("{}", path.display());
        if !arguments.check {
            std::fs::write(&path, laid_out).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    Ok(if arguments.check && changed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn collect(path: &Path, out: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !path.is_dir() {
        out.push(path.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut inner: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    inner.sort();
    for path in inner {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && (path.is_dir() || path.extension().is_some_and(|end| end == "toml")) {
            collect(&path, out)?;
        }
    }
    Ok(())
}

/// `dateline schema`
pub(super) fn print_schema() -> Result<ExitCode, Failure> {
    anstream::println!("{:#}", schema::json_schema());
    Ok(ExitCode::SUCCESS)
}
