//! The families of statements that grow: search, and re-check of what was found.
//! `cargo bench --bench families`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use convprove::kernel;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

mod support;

/// A member whose search takes longer than this is run once and not sampled, so that a run ends within minutes.
const TOO_SLOW: Duration = Duration::from_secs(3);

fn families(criterion: &mut Criterion) {
    for (family, number, statement) in support::families() {
        let started = Instant::now();
        let found = support::prove(&statement, &[]);
        let once = started.elapsed();
        let proved = match found {
            Ok((proved, _)) => proved,
            Err(open) => {
                println!("{family}/{number}: skipped, undecided after {once:.1?}: {}", open.reason);
                continue;
            }
        };
        let mut group = criterion.benchmark_group(family);
        if once > TOO_SLOW {
            println!("{family}/search/{number}: not sampled, one search takes {once:.1?}");
        } else {
            group.bench_function(BenchmarkId::new("search", number), |bencher| {
                bencher.iter(|| support::prove(black_box(&statement), &[]).is_ok());
            });
        }
        group.bench_function(BenchmarkId::new("re-check", number), |bencher| {
            bencher.iter(|| kernel::check(black_box(&proved.certificate)).is_ok());
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = families
}
criterion_main!(benches);

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
