//! Trends and gaps where there is nothing to find, and where something was planted: the dates, topics and people of real
//! communities.
//!
//! Dates are shuffled among a community's threads: what then speaks is a false alarm. Outcomes are shuffled among its
//! threads: so is what then is a gap. Then surges are planted: in the last four weeks before a moment drawn from the
//! community's past, one topic gets as many people more as make it three or five times what it was.

use std::path::{Path, PathBuf};
use std::process::Command;

use rapport_insight::gaps::{Ask, Excess, excess};
use rapport_insight::trends::{BASE, Direction, PAST, RECENT, Seen, Trend, by_week, trends as judge};
use serde::Deserialize;

use super::data;
use crate::Fault;
use crate::options::Options;
use crate::random::Random;

/// Real communities, by their archives.
const COMMUNITIES: [(&str, &[&str]); 4] = [
    ("forum", &["discourse/delvingbitcoin-posts"]),
    ("questions", &["stackexchange/quantumcomputing"]),
    (
        "issues",
        &[
            "ietf-archive/moq-wg__moq-transport__archive.json",
            "ietf-archive/quicwg__base-drafts__issues.json",
            "ietf-archive/quicwg__multipath__archive.json",
        ],
    ),
    ("mail", &["mbox/r-package-devel"]),
];
const RUNS: usize = 400;
const WEEK: i64 = 7 * 86_400_000;
/// A surge is planted in a topic of which so many people are to be expected in four weeks: three times less is nothing
/// that anybody could tell from chance.
const EXPECTED: f64 = 3.0;

#[derive(Deserialize)]
struct Row {
    at: i64,
    person: i64,
    topic: Option<i64>,
    unmet: i64,
}

pub(super) fn trends(options: &Options) -> Result<(), Fault> {
    let program = std::env::current_exe()?.with_file_name("rapport");
    let data = data(options);
    let place = std::env::temp_dir().join(format!("rapport-judge-trends-{}", std::process::id()));
    for (name, archives) in COMMUNITIES {
        let folder = place.join(name);
        let rows = read(&program, &folder, archives.iter().map(|a| data.join(a)).collect())?;
        report(name, &rows);
    }
    std::fs::remove_dir_all(&place)?;
    Ok(())
}

/// A community's threads through the program itself: read, kept, and with their topics.
fn read(program: &Path, folder: &Path, archives: Vec<PathBuf>) -> Result<Vec<Row>, Fault> {
    std::fs::create_dir_all(folder)?;
    let run = |args: &[&str]| -> Result<Vec<u8>, Fault> {
        let done = Command::new(program).arg("--data").arg(folder).arg("--json").args(args).output()?;
        if !done.status.success() {
            return Err(String::from_utf8_lossy(&done.stderr).into_owned().into());
        }
        Ok(done.stdout)
    };
    for archive in archives {
        run(&["add", archive.to_str().ok_or("a path")?])?;
    }
    run(&["topics"])?;
    let sql = "SELECT t.opened_at AS at, coalesce(t.opener, -t.id) AS person, nullif(p.topic, -1) AS topic,
        t.state IN ('waiting', 'declined', 'stale') AS unmet
        FROM thread t LEFT JOIN topic_place p ON p.source = t.source AND p.thread_key = t.key
        WHERE t.need IS NOT NULL AND t.opened_at IS NOT NULL ORDER BY t.opened_at";
    Ok(serde_json::from_slice(&run(&["sql", sql, "--top", "1000000"])?)?)
}

fn speaks(trend: &Trend) -> bool {
    trend.direction.more() || trend.direction == Direction::Fading
}

/// The counts of a community as of a moment.
fn counts(rows: &[(i64, i64, Option<usize>)], now: i64, topics: usize) -> (Vec<Vec<u32>>, Vec<u32>) {
    let weeks = PAST + RECENT;
    let seen: Vec<Seen> = rows
        .iter()
        .filter(|r| r.0 <= now)
        .filter_map(|(at, person, group)| {
            let back = usize::try_from((now - at) / WEEK).ok()?;
            Some(Seen { week: weeks.checked_sub(back + 1)?, person: *person, group: *group })
        })
        .collect();
    by_week(&seen, topics, weeks)
}

fn report(name: &str, rows: &[Row]) {
    let mut known: Vec<i64> = rows.iter().filter_map(|r| r.topic).collect();
    known.sort_unstable();
    known.dedup();
    let group = |topic: Option<i64>| topic.and_then(|t| known.binary_search(&t).ok());
    let all: Vec<(i64, i64, Option<usize>)> = rows.iter().map(|r| (r.at, r.person, group(r.topic))).collect();
    let (first, last) = (rows.first().map_or(0, |r| r.at), rows.last().map_or(0, |r| r.at));
    let mut chance = Random::new(1, name);
    let moment = |chance: &mut Random| {
        // Not before there is something to compare with.
        let least = first + (RECENT + 12) as i64 * WEEK;
        least + i64::try_from(chance.below(u64::try_from((last - least).max(1)).unwrap_or(1))).unwrap_or(0)
    };
    let mut alarms = [0; 2];
    for run in 0..RUNS {
        let mut shuffled = all.clone();
        for n in (1..shuffled.len()).rev() {
            let m = usize::try_from(chance.below(n as u64 + 1)).unwrap_or(0);
            let at = shuffled[n].0;
            shuffled[n].0 = shuffled[m].0;
            shuffled[m].0 = at;
        }
        let now = if run % 2 == 0 { last } else { moment(&mut chance) };
        let (counts, exposure) = counts(&shuffled, now, known.len());
        alarms[0] += usize::from(judge(&counts, &exposure).iter().any(speaks));
        let mut outcomes: Vec<bool> = rows.iter().map(|r| r.unmet == 1).collect();
        for n in (1..outcomes.len()).rev() {
            outcomes.swap(n, usize::try_from(chance.below(n as u64 + 1)).unwrap_or(0));
        }
        let asks: Vec<Ask> = all
            .iter()
            .zip(outcomes)
            .filter_map(|((_, person, topic), hit)| {
                Some(Ask { topic: u32::try_from((*topic)?).ok()?, person: *person, hit })
            })
            .collect();
        alarms[1] += usize::from(excess(&asks).values().any(Excess::speaks));
    }
    println!(
        "{name}: {} threads, {} topics: on shuffled dates {} of {RUNS} runs speak, on shuffled outcomes {} have a gap",
        rows.len(),
        known.len(),
        alarms[0],
        alarms[1]
    );
    for times in [3, 5] {
        let (mut planted, mut found, mut beside) = (0, 0, 0);
        for _ in 0..RUNS * 40 {
            let now = moment(&mut chance);
            let topic = usize::try_from(chance.below(known.len() as u64)).unwrap_or(0);
            let (before, seen) = counts(&all, now, known.len());
            let row = &before[topic];
            let end = row.len().saturating_sub(RECENT);
            let base = end.saturating_sub(BASE);
            let sum = |of: &[u32]| of.iter().sum::<u32>();
            let expected = f64::from(sum(&row[base..end])) / f64::from(sum(&seen[base..end]).max(1))
                * f64::from(sum(&seen[end..]));
            if expected < EXPECTED || planted == RUNS {
                continue;
            }
            planted += 1;
            let mut with = all.clone();
            for n in 0..((times - 1) as f64 * expected).round() as i64 {
                let at = now - i64::try_from(chance.below((RECENT as i64 * WEEK) as u64)).unwrap_or(0);
                with.push((at, i64::MIN + n, Some(topic)));
            }
            let (after, seen) = counts(&with, now, known.len());
            let judged = judge(&after, &seen);
            found += usize::from(judged[topic].direction.more());
            beside += usize::from(judged.iter().enumerate().any(|(n, t)| n != topic && speaks(t)));
        }
        if planted == 0 {
            println!("  {times}-fold: no topic ever has {EXPECTED} people expected in four weeks");
        } else {
            println!("  {times}-fold: found {found} of {planted}; others spoke beside it in {beside}");
        }
    }
}
