//! Reads an archive without keeping anything: what a connector makes of it, and how fast.
//! `cargo run --release -p rapport-sources --example read -- PATH [--show N]`

use std::ops::ControlFlow;
use std::path::Path;

use rapport_sources::{Archive, detect, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let path = args.first().ok_or("which path?")?;
    let show: usize = args.get(2).and_then(|n| n.parse().ok()).unwrap_or(0);
    let archive = Archive::open(Path::new(path))?;
    for (connector, found) in detect(&archive) {
        println!("{} {} ({}): {}", connector.about().name, found.what, found.sure, found.why);
    }
    let Some((connector, found)) = detect(&archive).into_iter().next() else {
        return Err("no connector reads it".into());
    };
    let began = std::time::Instant::now();
    let (mut records, mut activities, mut rejects, mut bytes, mut shown) = (0, 0, 0, 0, 0);
    read(&archive, connector, &found.what, &|_| None, &mut |page| {
        records += page.records.len();
        for reject in page.rejects.iter().chain(page.records.iter().flat_map(|r| &r.rejects)) {
            rejects += 1;
            println!("reject {} {}: {}", page.item.name, reject.at, reject.why);
        }
        for record in &page.records {
            bytes += record.raw.len();
            activities += record.activities.len();
            for activity in &record.activities {
                if shown < show {
                    println!("{activity:#?}");
                    shown += 1;
                }
            }
        }
        ControlFlow::Continue(())
    });
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{records} records, {activities} activities, {rejects} rejects, {bytes} bytes of records in {seconds:.2} s"
    );
    Ok(())
}
