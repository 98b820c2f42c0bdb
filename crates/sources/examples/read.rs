//! Reads an archive without keeping anything: what a connector makes of it, and how fast.
//! `cargo run --release -p rapport-sources --example read -- PATH [--show N | --json]`
//! With `--json` every activity goes to the standard output as a line of JSON.
#![expect(clippy::disallowed_methods, reason = "a program for looking at archives by hand, not a connector")]

use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use rapport_sources::{Archive, detect, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let path = args.first().ok_or("which path?")?;
    if args.get(1).is_some_and(|a| a == "--json") {
        return lines(Path::new(path));
    }
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

fn lines(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let archive = Archive::open(path)?;
    let (connector, found) = detect(&archive).into_iter().next().ok_or("no connector reads it")?;
    let mut out = std::io::BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    let mut failed = None;
    read(&archive, connector, &found.what, &|_| None, &mut |page| {
        for activity in page.records.iter().flat_map(|r| &r.activities) {
            let wrote = serde_json::to_writer(&mut out, activity).map_err(std::io::Error::from);
            if let Err(error) = wrote.and_then(|()| out.write_all(b"\n")) {
                failed = Some(error);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    });
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(out.flush()?),
    }
}
