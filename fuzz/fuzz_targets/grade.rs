//! Any page is graded without a panic, and nothing is wrong without evidence.
#![no_main]

use convprove::grade::{Evidence, Options, Verdict, grade};

libfuzzer_sys::fuzz_target!(|page: &str| {
    for step in grade(page, &Options::default()).steps {
        for finding in step.findings.iter().filter(|finding| finding.verdict == Verdict::Wrong) {
            assert_ne!(finding.evidence, Evidence::None);
        }
    }
});
