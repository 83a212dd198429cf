//! The `convprove` program; see `convprove --help`.

mod cli;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Deep terms are walked recursively within the limits of the parser and the kernel; this is room for them.
const STACK: usize = 64 << 20;

fn main() -> std::process::ExitCode {
    let cli = cli::args::Cli::parse();
    let _ = rayon::ThreadPoolBuilder::new().stack_size(STACK).build_global();
    let worker = std::thread::Builder::new().stack_size(STACK).spawn(move || cli::run(&cli));
    let code = worker.ok().and_then(|handle| handle.join().ok()).unwrap_or(70);
    std::process::ExitCode::from(code)
}
