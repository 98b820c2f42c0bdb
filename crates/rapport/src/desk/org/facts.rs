//! What the folder knows about the organisation: traffic with departments, the mix of the work, who waits for what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rapport_model::{Act, Department};
use rapport_practice::lean::{Lean, Piece, of_act, standing_for};
use rapport_practice::org::{Facts, Organisation, Preset, Route, Traffic};
use rapport_practice::routing::{Asked, route};
use rapport_practice::words::Words;
use rapport_store::questions::wanted::NeedText;
use rapport_store::{Store, StoreError};

use super::force::InForce;
use crate::desk::Desk;
use crate::fault::Fault;

/// The work of so many days is measured: half a year.
const DAYS: i64 = 182;
const DAY: i64 = 86_400_000;

/// What the folder knows.
#[derive(Default)]
pub(crate) struct Around {
    pub(crate) traffic: Vec<Traffic>,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) lean: Option<Lean>,
    /// People who wait, by the department that their need concerns.
    pub(crate) waiting: BTreeMap<Department, u64>,
    /// The threads in which they wait.
    pub(crate) threads: BTreeMap<Department, Vec<i64>>,
}

impl Around {
    pub(crate) fn facts(&self, desk: &Desk) -> Facts<'_> {
        Facts { traffic: &self.traffic, lean: self.lean.as_ref(), now: desk.now }
    }
}

/// What the folder knows; nothing where there is none yet.
pub(crate) fn around(desk: &Desk, house: &InForce) -> Result<Around, Fault> {
    let store = match Store::read(&desk.folder) {
        Ok(store) => store,
        Err(StoreError::Absent(_)) => return Ok(Around::default()),
        Err(error) => return Err(error.into()),
    };
    let (org, preset) = (&house.org, &house.preset);
    let contacts = store.traffic(desk.now)?;
    let traffic = contacts.iter().filter_map(|c| {
        Some(Traffic { department: known(org, &c.department)?, at: c.at, what: c.what.clone() })
    });
    let mut pieces = work(desk, &store, org, preset)?;
    let since = desk.now.plus_millis(-DAYS * DAY);
    for contact in contacts.iter().filter(|c| c.delivery && c.at > since) {
        if let Some(department) = known(org, &contact.department) {
            add(&mut pieces, department, "feedback delivered", 1);
        }
    }
    let (people, threads) = waiting(org, preset, &store.needs_waiting(desk.now)?);
    Ok(Around { traffic: traffic.collect(), lean: Lean::measured(&pieces), waiting: people, threads, pieces })
}

/// A department as the organisation calls it; its own word where it is not declared.
fn known(org: &Organisation, word: &str) -> Option<Department> {
    org.department(word).map(|d| d.id.clone()).or_else(|| standing_for(org, word))
}

fn add(pieces: &mut Vec<Piece>, department: Department, because: &str, count: u64) {
    match pieces.iter_mut().find(|p| p.department == department && p.because == because) {
        Some(piece) => piece.count += count,
        None => pieces.push(Piece { department, because: because.to_owned(), count }),
    }
}

/// Where a need goes. Its words are made ready only where a route asks for words.
fn routed(org: &Organisation, preset: &Preset, need: &NeedText) -> Department {
    let asks_for_words = |r: &Route| !r.words.is_empty() || !r.areas.is_empty();
    let words = match org.routes.iter().chain(&preset.routes).any(asks_for_words) {
        true => Words::new(&format!("{} {}", need.title, need.text)),
        false => Words::default(),
    };
    route(org, preset, Asked { words: &words, kind: &need.kind, scope: need.scope }).department
}

fn work(desk: &Desk, store: &Store, org: &Organisation, preset: &Preset) -> Result<Vec<Piece>, Fault> {
    let rows = store.work(desk.now.plus_millis(-DAYS * DAY), desk.now)?;
    let mut threads: Vec<i64> = rows.iter().filter(|r| !r.own).filter_map(|r| r.thread).collect();
    threads.dedup(); // they come in order
    let needs = store.needs_of(&threads)?;
    let by_thread: HashMap<i64, &NeedText> = needs.iter().map(|n| (n.thread, n)).collect();
    let mut pieces = Vec::new();
    for row in rows {
        let need = row.thread.and_then(|thread| by_thread.get(&thread));
        let helped = matches!(row.act, Act::Replied | Act::Accepted | Act::Resolved | Act::Closed);
        match (need, of_act(row.act)) {
            (Some(need), _) if helped => {
                let because = match need.kind.as_str() {
                    "bug" => "helped with a bug",
                    "feature" => "answered a wish",
                    "docs" => "helped to find what is written",
                    "friction" => "helped past a friction",
                    _ => "answered a question",
                };
                add(&mut pieces, routed(org, preset, need), because, row.count);
            }
            (_, Some((duty, because))) => {
                if let Some(department) = standing_for(org, duty) {
                    add(&mut pieces, department, because, row.count);
                }
            }
            _ => {}
        }
    }
    pieces.sort_by(|a, b| {
        b.count.cmp(&a.count).then_with(|| (&a.department, &a.because).cmp(&(&b.department, &b.because)))
    });
    Ok(pieces)
}

/// How many people wait for each department, and in which threads.
type Waiting = (BTreeMap<Department, u64>, BTreeMap<Department, Vec<i64>>);

fn waiting(org: &Organisation, preset: &Preset, needs: &[NeedText]) -> Waiting {
    let mut people: BTreeMap<Department, BTreeSet<i64>> = BTreeMap::new();
    let mut threads: BTreeMap<Department, Vec<i64>> = BTreeMap::new();
    for need in needs {
        let department = routed(org, preset, need);
        people.entry(department.clone()).or_default().insert(need.asker.unwrap_or(-need.thread));
        threads.entry(department).or_default().push(need.thread);
    }
    (people.into_iter().map(|(department, people)| (department, people.len() as u64)).collect(), threads)
}
