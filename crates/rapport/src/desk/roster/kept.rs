//! Applications that are kept: entering, listing, reading, taking out.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;

use clap::Args;
use rapport_practice::definition::{Definition, Judgement, Person, Said, Standing, Verdict, judge, standing};
use rapport_store::{Application, ApplicationWord};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::words;
use crate::desk::org::force;
use crate::desk::{Answer, Desk, filter, me};
use crate::fault::Fault;
use crate::page::{block, bold, count, dim, line, moment};

/// Arguments of `roster apply`.
#[derive(Args)]
pub(super) struct Apply {
    /// A file of JSON lines {"id","person"}; without one, what comes in
    file: Option<PathBuf>,
}
/// Arguments of `roster list`.
#[derive(Args)]
pub(super) struct List {}
/// Arguments of `roster show`, `letter` and `withdraw`.
#[derive(Args)]
pub(super) struct Named {
    /// The application's name or number
    pub(super) name: String,
}

/// One line that comes in. The person is kept as it came.
#[derive(Deserialize)]
struct Came {
    person: Value,
}

/// What is kept, and the definition that judges it.
pub(super) struct Office {
    pub(super) definition: Definition,
    pub(super) applications: Vec<Application>,
    words: HashMap<i64, Vec<ApplicationWord>>,
}

impl Office {
    pub(super) fn open(desk: &Desk) -> Result<Office, Fault> {
        let store = desk.reading()?;
        let mut words: HashMap<i64, Vec<ApplicationWord>> = HashMap::new();
        for word in store.words_on_applications()? {
            words.entry(word.application).or_default().push(word);
        }
        Ok(Office { definition: force::definition(desk)?, applications: store.applications()?, words })
    }
    /// What was said on an application, as it is judged.
    pub(super) fn said(&self, id: i64) -> Vec<Said> {
        let words = self.words.get(&id).map_or(&[][..], Vec::as_slice).iter();
        words
            .filter_map(|w| Some(Said { who: w.who.clone(), verdict: Verdict::from_word(&w.verdict)? }))
            .collect()
    }
    /// One application with its judgement.
    pub(super) fn one(&self, name: &str) -> Result<(&Application, Judgement), Fault> {
        let by_name = self.applications.iter().find(|a| a.name == name);
        let found = by_name.or_else(|| self.applications.iter().find(|a| a.id.to_string() == name));
        let found = found.ok_or_else(|| {
            Fault::usage(format!("there is no application {:?}", line(name, 60)))
                .hint("rapport roster list  names them")
        })?;
        Ok((found, self.judged(found)?))
    }
    fn judged(&self, application: &Application) -> Result<Judgement, Fault> {
        let unreadable =
            |e: &dyn std::fmt::Display| Fault::usage(format!("{}: {e}", line(&application.name, 60)));
        let person: Person = serde_json::from_str(&application.person).map_err(|e| unreadable(&e))?;
        judge(&self.definition, &person).map_err(|e| unreadable(&e))
    }
}

/// One application, as other programs read it.
#[derive(Serialize)]
struct Row {
    id: i64,
    name: String,
    at: rapport_model::Time,
    verdict: Verdict,
    clause: Option<String>,
    findings: Vec<String>,
    question: Option<String>,
    definition: String,
    #[serde(flatten)]
    standing: Standing,
}

/// One application with everything.
#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    row: Row,
    judgement: Judgement,
    words: Vec<OneWord>,
}

#[derive(Serialize)]
struct OneWord {
    at: rapport_model::Time,
    who: String,
    verdict: String,
    clause: Option<String>,
    definition: String,
    because: Option<String>,
}

/// How far a decision has come, in words.
pub(super) fn stands(standing: &Standing) -> String {
    match standing {
        Standing::Undecided => "undecided".to_owned(),
        Standing::Asked { by } => format!("asked by {}", line(by, 40)),
        Standing::NeedsSecond { by } => {
            format!("{} says no: a refusal needs a second person's word", line(by, 40))
        }
        Standing::Disagreed { yes, no } => {
            format!("{} says yes and {} no: they have to talk", line(yes, 40), line(no, 40))
        }
        Standing::Decided { verdict, by } => {
            format!("decided: {}, by {}", verdict.as_str(), line(&by.join(" and "), 80))
        }
    }
}

pub(super) fn apply(desk: &Desk, args: &Apply) -> Result<Answer, Fault> {
    let lines = match &args.file {
        Some(path) => {
            let file = File::open(path).map_err(|e| Fault::usage(format!("{}: {e}", path.display())))?;
            filter::all::<Came>(file)?
        }
        None => filter::all::<Came>(std::io::stdin().lock())?,
    };
    let definition = force::definition(desk)?;
    let mut store = desk.writing()?;
    let (mut rows, mut bad) = (Vec::new(), false);
    for (id, came) in lines {
        let name = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let fits = came.and_then(|came| {
            if name.trim().is_empty() || name == "null" {
                return Err("an application has an id".to_owned());
            }
            let person: Person = serde_json::from_value(came.person.clone()).map_err(|e| e.to_string())?;
            let judgement = judge(&definition, &person).map_err(|e| e.to_string())?;
            Ok((came.person.to_string(), judgement))
        });
        match fits {
            Ok((person, judgement)) => {
                let (number, new) = store.apply(&name, &person, &me(), desk.now)?;
                rows.push(serde_json::json!({
                    "id": number, "name": name, "verdict": judgement.verdict, "question": judgement.question, "new": new
                }));
            }
            Err(error) => {
                bad = true;
                rows.push(serde_json::json!({ "name": name, "error": error }));
            }
        }
    }
    let mut answer = desk.answer(&rows, || {
        let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let each = rows.iter().map(|row| {
            let what = match (row["error"].as_str(), row["new"].as_bool()) {
                (Some(error), _) => format!("not taken: {}", line(error, 160)),
                (_, Some(false)) => format!("known already, {}", text(row, "verdict")),
                _ => text(row, "verdict"),
            };
            format!("  {:<24} {what}\n", line(&text(row, "name"), 24))
        });
        let p = desk.program();
        each.collect::<String>()
            + &dim(&format!("\nNothing is decided. next: {p} roster list \u{b7} {p} roster show NAME\n"))
    })?;
    answer.findings = bad;
    Ok(answer)
}

fn row(office: &Office, application: &Application, judgement: &Judgement) -> Row {
    Row {
        id: application.id,
        name: application.name.clone(),
        at: application.at,
        verdict: judgement.verdict,
        clause: judgement.clause.clone(),
        findings: judgement.findings.iter().map(|f| f.0.clone()).collect(),
        question: judgement.question.clone(),
        definition: judgement.definition.clone(),
        standing: standing(&office.said(application.id)),
    }
}

pub(super) fn list(desk: &Desk) -> Result<Answer, Fault> {
    let office = Office::open(desk)?;
    let judged = office.applications.iter().map(|a| Ok(row(&office, a, &office.judged(a)?)));
    let rows: Vec<Row> = judged.collect::<Result<_, Fault>>()?;
    desk.answer(&rows, || {
        let waits = rows.iter().filter(|r| !matches!(r.standing, Standing::Decided { .. })).count();
        let head = match (rows.len(), waits) {
            (0, _) => "No applications".to_owned(),
            (n, 0) => format!("{}, all decided", count(n, "application", "applications")),
            (n, waits) => format!("{}, {waits} not decided", count(n, "application", "applications")),
        };
        let mut out =
            format!("{}   {}\n\n", bold(&head), dim(&format!("judged by {}", office.definition.label())));
        for r in &rows {
            let clause = r.clause.as_ref().map_or_else(String::new, |c| format!(" ({c})"));
            let said = format!("{}{clause}", r.verdict.as_str());
            let other = match &r.standing {
                Standing::Decided { verdict, .. } if *verdict != r.verdict => {
                    "; the definition says otherwise"
                }
                _ => "",
            };
            out.push_str(&format!(
                "{:>4}  {:<20} {said:<24} {}\n",
                r.id,
                line(&r.name, 20),
                dim(&format!("{}{other}", stands(&r.standing)))
            ));
            if let Some(question) =
                r.question.as_ref().filter(|_| !matches!(r.standing, Standing::Decided { .. }))
            {
                out.push_str(&dim(&format!("      asks: {}\n", line(question, 150))));
            }
            if !r.findings.is_empty() {
                out.push_str(&dim(&format!("      beside it: {}\n", r.findings.join(", "))));
            }
        }
        let p = desk.program();
        out.push_str(&dim(&format!(
            "\nnext: {p} roster show NAME \u{b7} {p} roster decide NAME practitioner|recognised|open\n"
        )));
        out
    })
}

pub(super) fn show(desk: &Desk, args: &Named) -> Result<Answer, Fault> {
    let office = Office::open(desk)?;
    let (application, judgement) = office.one(&args.name)?;
    let said = office.words.get(&application.id).map_or(&[][..], Vec::as_slice);
    let one = |w: &ApplicationWord| OneWord {
        at: w.at,
        who: w.who.clone(),
        verdict: w.verdict.clone(),
        clause: w.clause.clone(),
        definition: w.definition.clone(),
        because: w.because.clone(),
    };
    let whole = Whole {
        row: row(&office, application, &judgement),
        judgement,
        words: said.iter().map(one).collect(),
    };
    desk.answer(&whole, || {
        let mut out = words(&line(&application.name, 60), &whole.judgement);
        for clause in whole.judgement.clauses.iter().filter(|c| c.holds != Some(true)) {
            out.push_str(&dim(&format!(
                "  the clause '{}': a practitioner {}\n",
                clause.clause, clause.words
            )));
        }
        out.push_str(&format!("  {}\n", stands(&whole.row.standing)));
        for w in &whole.words {
            let because = w.because.as_ref().map_or_else(String::new, |b| format!(": {}", line(b, 160)));
            out.push_str(&dim(&format!(
                "    {} {} said {} by {}{because}\n",
                moment(w.at),
                line(&w.who, 40),
                w.verdict,
                w.definition
            )));
        }
        out.push_str(&format!(
            "\nThe draft of the letter:\n{}\n",
            block(&whole.judgement.letter, "  | ", 60)
        ));
        let p = desk.program();
        out.push_str(&dim(&format!(
            "next: {p} roster decide {} {}\n",
            application.id,
            whole.judgement.verdict.as_str()
        )));
        out
    })
}

/// The letter, and whether it may go out.
#[derive(Serialize)]
struct Letter {
    name: String,
    letter: String,
    /// What it says has been decided, by as many as it takes.
    may_be_sent: bool,
    #[serde(flatten)]
    standing: Standing,
}

pub(super) fn letter(desk: &Desk, args: &Named) -> Result<Answer, Fault> {
    let office = Office::open(desk)?;
    let (application, judgement) = office.one(&args.name)?;
    let standing = standing(&office.said(application.id));
    let may_be_sent = match (&standing, judgement.verdict) {
        (Standing::Decided { verdict, .. }, says) => *verdict == says,
        // A question decides nothing.
        (_, says) => says == Verdict::Open,
    };
    let letter = Letter { name: application.name.clone(), letter: judgement.letter, may_be_sent, standing };
    desk.answer(&letter, || {
        let hold = if may_be_sent {
            String::new()
        } else {
            format!("[not to be sent yet: {}]\n\n", stands(&letter.standing))
        };
        hold + &block(&letter.letter, "", 80)
    })
}

pub(super) fn withdraw(desk: &Desk, args: &Named) -> Result<Answer, Fault> {
    let office = Office::open(desk)?;
    let (application, _) = office.one(&args.name)?;
    desk.writing()?.withdraw_application(application.id, &me(), desk.now)?;
    desk.answer(&application.id, || {
        format!("Taken out, with all that was said to it.\n\nnext: {} roster list\n", desk.program())
    })
}
