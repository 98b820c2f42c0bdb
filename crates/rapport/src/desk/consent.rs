//! `consent`: what a person agreed to, recorded with a date. `introduce`: somebody asks to meet a person.

use clap::Args;
use rapport_store::{Consent as Said, Introduction};
use serde::Serialize;

use super::add::parsed;
use super::person::person;
use super::{Answer, Desk, Verb, me};
use crate::fault::Fault;
use crate::page::{bold, dim, line, moment};

pub(crate) const CONSENT: Verb = Verb {
    name: "consent",
    about: "What a person agreed to: to be quoted by name, written to, introduced; shown, or recorded",
    example: "rapport consent ines.quandt@example.org\nrapport consent ines.quandt@example.org --quote yes --contact no --note \"asked at the meetup\"",
    args: Consent::augment_args,
    call: |desk, matches| consent(desk, &parsed(matches)?),
};
pub(crate) const INTRODUCE: Verb = Verb {
    name: "introduce",
    about: "Ask to be introduced to a person, or, in DevRel, see who asked; only after the person's recorded yes",
    example: "rapport --role sales introduce \"Ines Quandt\" --for \"Sam, sales\" --about \"a pilot\"\nrapport introduce",
    args: Introduce::augment_args,
    call: |desk, matches| introduce(desk, &parsed(matches)?),
};

/// Arguments of `consent`.
#[derive(Args)]
struct Consent {
    /// Who: a name in full, a login, an address or the numbers of all their accounts
    #[arg(required = true)]
    person: Vec<String>,
    /// May be quoted by name
    #[arg(long, value_parser = yes_or_no, value_name = "yes|no")]
    quote: Option<bool>,
    /// May be written to
    #[arg(long, value_parser = yes_or_no, value_name = "yes|no")]
    contact: Option<bool>,
    /// May be introduced to somebody outside DevRel
    #[arg(long, value_parser = yes_or_no, value_name = "yes|no")]
    introduce: Option<bool>,
    /// How and where it was said
    #[arg(long)]
    note: Option<String>,
}

/// Arguments of `introduce`.
#[derive(Args)]
struct Introduce {
    /// The person; without it the requests so far are listed (DevRel only)
    person: Option<String>,
    /// Who would like to meet them
    #[arg(long = "for", value_name = "WHO")]
    towards: Option<String>,
    /// What for
    #[arg(long, default_value = "")]
    about: String,
}

fn yes_or_no(word: &str) -> Result<bool, String> {
    match word.to_lowercase().as_str() {
        "yes" | "y" => Ok(true),
        "no" | "n" => Ok(false),
        _ => Err("yes or no".to_owned()),
    }
}

#[derive(Serialize)]
struct Recorded {
    person: String,
    identities: Vec<i64>,
    recorded: bool,
    #[serde(flatten)]
    consent: Said,
    answers: Vec<Said>,
}

fn consent(desk: &Desk, args: &Consent) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let found = person(&store, &args.person, &desk.program(), "consent")?;
    drop(store);
    let ids = found.ids();
    let recorded = args.quote.is_some() || args.contact.is_some() || args.introduce.is_some();
    if args.note.is_some() && !recorded {
        return Err(
            Fault::usage("a note belongs to an answer").hint("--quote, --contact or --introduce, yes or no")
        );
    }
    if recorded {
        let mut store = desk.writing()?;
        let said = Said {
            quote: args.quote,
            contact: args.contact,
            introduce: args.introduce,
            note: args.note.clone(),
            ..Said::default()
        };
        // On every account: should they turn out to be two people, each keeps the answer.
        for id in &ids {
            store.record_consent(*id, &said, &me(), desk.now)?;
        }
    }
    let store = desk.reading()?;
    let first = ids.first().copied().unwrap_or_default();
    let shown = Recorded {
        person: found.shown(),
        consent: store.consent(first)?,
        answers: store.answers(first)?,
        identities: ids,
        recorded,
    };
    desk.answer(&shown, || {
        let word = |said: Option<bool>, unasked: &str| match said {
            Some(true) => "yes".to_owned(),
            Some(false) => "no".to_owned(),
            None => format!("never asked: {unasked}"),
        };
        let c = &shown.consent;
        let mut out = format!("{}\n", bold(&line(&shown.person, 80)));
        out.push_str(&format!("  quote by name   {}\n", word(c.quote, "quotes carry no name")));
        out.push_str(&format!(
            "  write to        {}\n",
            word(c.contact, "allowed, one by one, on a person's word")
        ));
        out.push_str(&format!("  introduce       {}\n", word(c.introduce, "no introductions")));
        if let Some(at) = c.at {
            let by = line(c.by.as_deref().unwrap_or("?"), 60);
            let note = c.note.as_deref().map(|n| format!(": {}", line(n, 200))).unwrap_or_default();
            out.push_str(&dim(&format!("  recorded {} by {by}{note}\n", moment(at))));
        }
        let p = desk.program();
        out.push_str(&dim(&format!(
            "\nnext: {p} consent {} --quote yes --note \"how it was said\"\n",
            args.person.join(" ")
        )));
        out
    })
}

#[derive(Serialize)]
struct Requested {
    request: i64,
    granted: bool,
    says: String,
}

fn introduce(desk: &Desk, args: &Introduce) -> Result<Answer, Fault> {
    let devrel = desk.role.is_devrel();
    let Some(asked) = &args.person else {
        if !devrel {
            return Err(Fault::usage("to whom? name the person, and who would like to meet them")
                .hint("rapport introduce \"THE NAME\" --for \"WHO\" --about \"WHAT FOR\""));
        }
        return list(desk);
    };
    let Some(towards) = &args.towards else {
        return Err(Fault::usage("who would like to meet them?").hint("--for \"Sam, sales\""));
    };
    desk.reading()?;
    let mut store = desk.writing()?;
    // Asked from outside, an unknown name and one that never agreed get the same answer: it tells nobody who is here.
    let found = person(&store, std::slice::from_ref(asked), &desk.program(), "introduce");
    let found = if devrel { Some(found?) } else { found.ok() };
    let identity = found.as_ref().and_then(|p| p.ids().first().copied());
    let granted = match identity {
        Some(id) => store.consent(id)?.may_introduce(),
        None => false,
    };
    let request = store.log_introduction(&Introduction {
        id: 0,
        at: desk.now,
        who: me(),
        role: desk.role.as_str().to_owned(),
        asked: asked.clone(),
        identity,
        towards: towards.clone(),
        about: args.about.clone(),
        granted,
    })?;
    let says = if granted {
        "This person agreed to be introduced. DevRel makes the introduction; no address leaves from here."
    } else {
        "No recorded yes, so no introduction, and nothing is said about who is here. DevRel sees the request and may ask."
    };
    let said = Requested { request, granted, says: says.to_owned() };
    let mut answer = desk.answer(&said, || {
        let p = desk.program();
        let next = if devrel && !granted {
            format!(
                "\nnext: ask first, then  {p} consent \"{}\" --introduce yes --note \"how it was said\"\n",
                line(asked, 80)
            )
        } else {
            format!("\nnext: DevRel reads the requests with  {p} introduce\n")
        };
        format!("Request {request}, for {}: {}\n{}", line(towards, 60), said.says, dim(&next))
    })?;
    answer.findings = !granted;
    Ok(answer)
}

fn list(desk: &Desk) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let all = store.introductions()?;
    desk.answer(&all, || {
        if all.is_empty() {
            return "Nobody has asked to be introduced.\n".to_owned();
        }
        let mut out = String::new();
        for i in &all {
            let known = match (i.identity, i.granted) {
                (None, _) => "not known here",
                (Some(_), true) => "a yes was on record",
                (Some(_), false) => "no yes on record",
            };
            out.push_str(&format!(
                "{:>4}  {}  {} ({}) asks to meet {} for {}{}: {known}\n",
                i.id,
                moment(i.at),
                line(&i.who, 40),
                i.role,
                line(&i.asked, 60),
                line(&i.towards, 60),
                if i.about.is_empty() { String::new() } else { format!(", {}", line(&i.about, 120)) }
            ));
        }
        out
    })
}
