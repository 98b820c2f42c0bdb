//! `roster decide`: what a person says to an application. A refusal takes the words of two.

use clap::Args;
use rapport_practice::definition::{Said, Standing, Verdict, standing, take};
use rapport_store::ApplicationWord;
use serde::Serialize;

use super::kept::{Office, stands};
use crate::desk::{Answer, Desk, me};
use crate::fault::{Fault, FaultKind};
use crate::page::line;

/// Arguments of `roster decide`.
#[derive(Args)]
pub(super) struct Decide {
    /// The application's name or number
    name: String,
    /// practitioner, recognised (a refusal), or open (the question was put)
    #[arg(value_parser = ["practitioner", "recognised", "open"])]
    verdict: String,
    /// Why, where it is not what the definition says
    #[arg(long)]
    because: Option<String>,
}

#[derive(Serialize)]
struct Decided {
    id: i64,
    name: String,
    said: Verdict,
    who: String,
    #[serde(flatten)]
    standing: Standing,
}

pub(super) fn decide(desk: &Desk, args: &Decide) -> Result<Answer, Fault> {
    let office = Office::open(desk)?;
    let (application, judgement) = office.one(&args.name)?;
    let Some(verdict) = Verdict::from_word(&args.verdict) else {
        return Err(Fault::usage("a verdict is practitioner, recognised or open"));
    };
    let word = Said { who: me(), verdict };
    let mut said = office.said(application.id);
    take(&said, &application.name, &word, judgement.verdict, args.because.as_deref()).map_err(|not| {
        let name = line(&args.name, 60);
        let hint = match not {
            rapport_practice::definition::NotTaken::NoReason(_) => {
                format!("rapport roster decide {name} {} --because \"...\"", args.verdict)
            }
            _ => "RAPPORT_USER says who sits at the desk".to_owned(),
        };
        Fault::new(FaultKind::Refused, not.to_string()).hint(hint)
    })?;
    desk.writing()?.say_on_application(&ApplicationWord {
        application: application.id,
        at: desk.now,
        who: word.who.clone(),
        verdict: verdict.as_str().to_owned(),
        clause: judgement.clause.clone(),
        definition: judgement.definition.clone(),
        because: args.because.clone(),
    })?;
    said.push(word.clone());
    let decided = Decided {
        id: application.id,
        name: application.name.clone(),
        said: verdict,
        who: word.who,
        standing: standing(&said),
    };
    desk.answer(&decided, || {
        let p = desk.program();
        let next = match &decided.standing {
            Standing::NeedsSecond { .. } => {
                format!("somebody else: {p} roster decide {} recognised", decided.id)
            }
            Standing::Decided { .. } | Standing::Asked { .. } => format!("{p} roster letter {}", decided.id),
            _ => format!("{p} roster show {}", decided.id),
        };
        format!("{}: {}\n\nnext: {next}\n", line(&decided.name, 60), stands(&decided.standing))
    })
}
