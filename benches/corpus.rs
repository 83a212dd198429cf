//! Every theorem of `proofs/`: search, with the theorems before it on its page, against the re-check of its certificate.
//! `cargo bench --bench corpus`.

use std::hint::black_box;
use std::time::Duration;

use convprove::kernel;
use criterion::{Criterion, criterion_group, criterion_main};

mod support;

fn corpus(criterion: &mut Criterion) {
    for example in support::corpus() {
        let certificate = &example.proved.certificate;
        let mut group = criterion.benchmark_group(&example.name);
        // A proof along the author's lines is measured without them: the statement alone is searched for.
        match support::prove(&certificate.statement, &example.earlier) {
            Ok(_) => {
                group.bench_function("search", |bencher| {
                    bencher.iter(|| support::prove(black_box(&certificate.statement), &example.earlier).is_ok());
                });
            }
            Err(open) => println!("{}/search: skipped, undecided without its lines: {}", example.name, open.reason),
        }
        group.bench_function("re-check", |bencher| {
            bencher.iter(|| kernel::check(black_box(certificate)).is_ok());
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(500));
    targets = corpus
}
criterion_main!(benches);

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
