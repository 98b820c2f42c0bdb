//! Reading and judging friction logs.

use super::*;

const LOG: &str = r#"+++
scenario = "first webhook"
date = 2026-09-14
persona = "backend developer, new to webhooks"
size = "one afternoon"
recorder = "noor"
bad-moods = ["meh"]
+++
An empty laptop.

## 09:50 Find the quickstart
mood: curious
where: https://docs.example.com/start
Two pages are called "Getting started".
- con: which of the two is for v3?

## 10:05 Install the agent
Mood: meh
It wants a proxy.

## 10:31 The first event arrives
mood: relieved
- pro: the log page shows it at once
success: 10:33
"#;

fn minutes(text: &str) -> Vec<u32> {
    read(text).0.unwrap().steps.iter().map(|s| s.minute).collect()
}

#[test]
fn a_log_is_read_as_it_was_written() {
    let (log, findings) = read(LOG);
    assert_eq!(findings, []);
    let log = log.unwrap();
    assert_eq!(log.date.to_string(), "2026-09-14T00:00:00Z");
    assert_eq!(minutes(LOG), [0, 15, 41]);
    assert_eq!(log.first_success(), Some(43));
    let bad: Vec<Option<String>> = log.steps.iter().map(|s| log.bad(s)).collect();
    assert_eq!(bad, [Some("the writer noted a con".to_owned()), Some("the writer was meh".to_owned()), None]);
    assert_eq!(log.quote(&log.steps[0]), "which of the two is for v3?");
    assert_eq!(log.quote(&log.steps[1]), "It wants a proxy.");
    assert_eq!(log.steps[2].mood.as_deref(), Some("relieved"));
}

#[test]
fn no_mood_is_guessed() {
    let (log, findings) = read(&LOG.replace("Mood: meh\n", "This made me furious and frustrated!\n"));
    let log = log.unwrap();
    assert_eq!((log.steps[1].mood.as_deref(), log.bad(&log.steps[1])), (None, None), "the text is no mood");
    assert_eq!(findings, []);
    let (log, findings) = read(&LOG.replace("bad-moods = [\"meh\"]\n", ""));
    assert_eq!(tone(&log.unwrap().moods, "meh"), Tone::Unknown);
    assert_eq!(findings.len(), 1);
    assert!(findings[0].line == 17 && findings[0].say.contains("'meh'"), "{findings:?}");
}

#[test]
fn times_pass_midnight_or_count_from_the_start() {
    let head = LOG.split("An empty").next().unwrap();
    assert_eq!(minutes(&format!("{head}## 23:50 a\n## 00:10 b\n## 01:00 c\nsuccess: yes\n")), [0, 20, 70]);
    assert_eq!(minutes(&format!("{head}## +0 a\n## +7 min b\n## +1:20 - c\nsuccess: +1:30\n")), [0, 7, 80]);
}

#[test]
fn every_fault_is_found_with_its_line() {
    let bad = "+++\nscenario = 7\ndate = \"Monday\"\ncolour = \"red\"\n+++\nstory\n## Start without time\nmood: sad\n## 09:00 b\nmood:\nmood: sad\nmood: glad\nsuccess: maybe\n## +3 c\n## +1 d\n";
    let (log, findings) = read(bad);
    assert!(log.is_none());
    let lines: Vec<usize> = findings.iter().filter(|f| f.refuses).map(|f| f.line).collect();
    // persona and size are missing in the head; 2 scenario, 3 date, 4 colour, 7 no time, 10 empty, 12 second mood,
    // 13 success, 15 goes back.
    assert_eq!(lines, [1, 1, 2, 3, 4, 7, 10, 12, 13, 15], "{findings:#?}");
    for (text, line) in
        [("", 1), ("## 09:00 x", 1), ("+++\nscenario = \"x\n+++\n", 2), ("+++\nscenario = \"x\"\n", 1)]
    {
        let (log, findings) = read(text);
        assert!(
            log.is_none() && findings.iter().any(|f| f.line == line && f.refuses),
            "{text:?}: {findings:?}"
        );
    }
}

#[test]
fn logs_of_one_scenario_are_compared() {
    assert_eq!(compare(Some(40), Some(90)), Compared::Minutes(50));
    assert_eq!((compare(Some(1), None), compare(None, Some(1))), (Compared::NowWorks, Compared::NoLonger));
}
