//! The program from its start to its end: with nothing to do, and with one small statement.
//! `cargo bench --bench startup`.

use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

fn run(arguments: &[&str]) -> bool {
    let mut command = Command::new(env!("CARGO_BIN_EXE_convprove"));
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn startup(criterion: &mut Criterion) {
    let commands: [(&str, &[&str]); 3] = [
        ("version", &["--version"]),
        ("laws", &["laws"]),
        ("prove", &["prove", "sum(u in 1..m) w[u] x[i-u] = sum(s in 1..n) x[s] w[i-s]"]),
    ];
    let mut group = criterion.benchmark_group("program");
    for (name, arguments) in commands {
        assert!(run(arguments), "convprove {arguments:?} fails");
        group.bench_function(name, |bencher| bencher.iter(|| run(arguments)));
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2));
    targets = startup
}
criterion_main!(benches);
