//! Any page is read without a panic, and every place that the reading names lies in the page.
#![no_main]

libfuzzer_sys::fuzz_target!(|page: &str| {
    let reading = convprove::homework::read(page);
    for step in &reading.steps {
        assert!(page.get(step.span.clone()).is_some());
        let _ = step.reading();
    }
    for fault in &reading.unreadable {
        assert!(page.get(fault.at.clone()).is_some());
    }
});
