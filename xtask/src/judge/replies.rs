//! Who answers whom, against links that people drew by hand (Kummerfeld et al. 2019: precision, recall and F1 over
//! links, a message that begins a conversation being linked to itself). Each log is judged by a model that has not
//! seen it.

use std::collections::BTreeSet;
use std::path::Path;

use rapport_insight::replies::trees::Forest;
use rapport_insight::replies::{self, FEATURES, Message};

use crate::Fault;
use crate::train::forest::{Groups, Growth, grow};

/// One log: its messages, and the links of its last part.
pub(crate) struct Log {
    name: String,
    /// Time, author, text.
    lines: Vec<(String, String, String)>,
    links: BTreeSet<(usize, usize)>,
    first: usize,
}

impl Log {
    fn messages(&self) -> Vec<Message<'_>> {
        self.lines.iter().map(|(at, author, text)| Message { at: replies::when(at), author, text }).collect()
    }
}

/// All logs of the folder, by name.
pub(crate) fn logs(data: &Path) -> Result<Vec<Log>, Fault> {
    let folder = data.join("chat-replies/irc-ubuntu-dev");
    let mut logs = Vec::new();
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .map_err(|e| format!("{}: {e}", folder.display()))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".annotation.txt").map(str::to_owned))
        .collect();
    names.sort();
    for name in names {
        let text = std::fs::read_to_string(folder.join(format!("{name}.ascii.txt")))?;
        let lines = text.lines().map(line).collect();
        let drawn = std::fs::read_to_string(folder.join(format!("{name}.annotation.txt")))?;
        let links: BTreeSet<(usize, usize)> = drawn
            .lines()
            .filter_map(|line| {
                let mut parts = line.split_whitespace().map(str::parse::<usize>);
                let (a, b) = (parts.next()?.ok()?, parts.next()?.ok()?);
                Some((a.max(b), a.min(b)))
            })
            .collect();
        let first = links.iter().map(|link| link.0).min().unwrap_or(0);
        logs.push(Log { name, lines, links, first });
    }
    Ok(logs)
}

/// `[03:10] <ada> text`, or a line of the system's.
fn line(line: &str) -> (String, String, String) {
    let whole = || (String::new(), String::new(), line.to_owned());
    let Some((at, rest)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
        return whole();
    };
    let rest = rest.trim_start();
    match rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        Some((author, text)) => (at.to_owned(), author.to_owned(), text.to_owned()),
        None => (at.to_owned(), String::new(), rest.to_owned()),
    }
}

fn groups(logs: &[&Log]) -> Groups {
    let mut groups = Groups { width: FEATURES, ..Groups::default() };
    for log in logs {
        replies::choices(&log.messages(), log.first, |choice| {
            let right =
                |target: &Option<usize>| log.links.contains(&(choice.of, target.unwrap_or(choice.of)));
            let hits = choice.targets.iter().filter(|target| right(target)).count();
            if hits == 0 {
                return; // what it answers lies too far back
            }
            groups.starts.push(groups.right.len());
            groups.rows.extend(&choice.features);
            groups
                .right
                .extend(choice.targets.iter().map(|t| if right(t) { 1.0 / hits as f32 } else { 0.0 }));
        });
    }
    groups.starts.push(groups.right.len());
    groups
}

/// How many forests are grown side by side.
const HANDS: u64 = 2;

/// Grows the model that ships, from these logs: several forests side by side, which err less together.
pub(crate) fn learn(logs: &[&Log]) -> Forest {
    let groups = groups(logs);
    let parts: Vec<Forest> = std::thread::scope(|scope| {
        let work: Vec<_> = (0..HANDS)
            .map(|seed| {
                let groups = &groups;
                scope.spawn(move || {
                    grow(
                        groups,
                        &Growth {
                            trees: 150,
                            leaves: 12,
                            rate: 0.08,
                            least_weight: 1.0,
                            calm: 2.0,
                            features: 40,
                            groups: 70,
                            seed: seed + 1,
                        },
                    )
                })
            })
            .collect();
        work.into_iter().map(|hand| hand.join().unwrap_or_else(|e| std::panic::resume_unwind(e))).collect()
    });
    let mut all = Forest::default();
    for part in parts {
        let ends = part.roots.iter().skip(1).map(|r| *r as usize).chain([part.knots.len()]);
        for (root, end) in part.roots.iter().zip(ends) {
            let tree: Vec<_> =
                part.knots[*root as usize..end].iter().map(|knot| knot.scaled(1.0 / HANDS as f32)).collect();
            all.push(&tree);
        }
    }
    all
}

/// Prints how many links are found, log by log, each log by a model grown from the others.
pub(crate) fn judge(data: &Path) -> Result<(), Fault> {
    let logs = logs(data)?;
    println!(
        "{:<20} {:>6} {:>6} {:>6} {:>9} {:>9} {:>6}",
        "log", "drawn", "said", "right", "precision", "recall", "F1"
    );
    let mut sums = [0; 3];
    let mut sure = [0; 3];
    for (n, log) in logs.iter().enumerate() {
        let others: Vec<&Log> =
            logs.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, log)| log).collect();
        let forest = learn(&others);
        let messages = log.messages();
        let found = replies::judge(&messages, &forest);
        let counts = score(log, found.iter().map(|reply| reply.answers));
        print(&log.name, counts);
        let together = found.iter().zip(&messages).enumerate().skip(log.first);
        let together: Vec<(usize, usize)> = together
            .filter(|(_, (reply, message))| replies::is_sure(reply, message.text))
            .filter_map(|(of, (reply, _))| Some((of, reply.answers?)))
            .collect();
        let drawn = log.links.iter().filter(|(of, to)| of != to).count();
        let right = together.iter().filter(|link| log.links.contains(link)).count();
        for (sums, counts) in [(&mut sums, counts), (&mut sure, [drawn, together.len(), right])] {
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum += count;
            }
        }
    }
    print("all, unseen", sums);
    print("put together, unseen", sure);
    let mut seen = [0; 3];
    for log in &logs {
        let messages = log.messages();
        let replies = replies::answers(&messages);
        for (sum, count) in seen.iter_mut().zip(score(log, replies.iter().map(|r| r.answers))) {
            *sum += count;
        }
    }
    print("as shipped, seen", seen);
    Ok(())
}

fn score(log: &Log, said: impl Iterator<Item = Option<usize>>) -> [usize; 3] {
    let said: Vec<(usize, usize)> =
        said.enumerate().skip(log.first).map(|(of, to)| (of, to.unwrap_or(of))).collect();
    let right = said.iter().filter(|link| log.links.contains(link)).count();
    [log.links.len(), said.len(), right]
}

fn print(name: &str, [drawn, said, right]: [usize; 3]) {
    let (p, r) = (right as f64 / said as f64, right as f64 / drawn as f64);
    println!("{name:<20} {drawn:>6} {said:>6} {right:>6} {p:>9.3} {r:>9.3} {:>6.3}", 2.0 * p * r / (p + r));
}
