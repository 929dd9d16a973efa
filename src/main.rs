//! The `dateline` binary.

use std::process::ExitCode;

/// An article takes some thousands of small pieces of memory, on many threads: the system's allocator spends a tenth of the
/// time on them, that of musl far more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    dateline::cli::main()
}
