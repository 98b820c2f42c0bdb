//! Events as sources tell them: one activity of nobody for each, whose text can be read by people and taken apart again.
//!
//! The first line is the event's name, then a line for each thing that is known (its name, a tab, its value), then an
//! empty line and what the source says about it. A series is kept as its rule, and [`Told::times`] says when it is:
//! what a source says does not depend on the day on which it is read. A line that is none (something was cleared from
//! it) is nothing.

use rapport_model::{Act, Activity, Key, ThreadRef, Time};

use crate::bounds::cut;

pub(crate) mod series;

/// A day, in milliseconds.
pub const DAY: i64 = 86_400_000;
/// The kinds of source that tell events.
pub const KINDS: [&str; 3] = ["conferences", "ical", "sessionize"];
/// The longest description.
const ABOUT: usize = 4_000;
/// The longest of everything else.
const LINE: usize = 500;
/// The most lines of a series' rule, and how long each may be.
const RULES: usize = 64;
const RULE: usize = 16 << 10;

/// Whether an event takes place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As far as anybody says.
    #[default]
    Planned,
    /// Not sure yet.
    Tentative,
    /// It does not.
    Cancelled,
}

impl State {
    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Planned => "planned",
            State::Tentative => "tentative",
            State::Cancelled => "cancelled",
        }
    }
}

/// One event, or one series of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Its name.
    pub name: String,
    /// When it begins; a series: for the first time.
    pub starts: Option<Time>,
    /// When it ends; of whole days the last one.
    pub ends: Option<Time>,
    /// It is told in whole days.
    pub days: bool,
    /// Where: a city, a room, or online.
    pub place: Option<String>,
    /// What it is about, as the list it came from says.
    pub area: Option<String>,
    /// Where talks are sent in.
    pub call_url: Option<String>,
    /// The last day on which talks are taken.
    pub call_until: Option<Time>,
    /// Whether it takes place.
    pub state: State,
    /// It is a part of the event that its source is: a talk, a workshop.
    pub session: bool,
    /// How it repeats: lines of iCalendar (`DTSTART`, `RRULE`, `RDATE`, `EXDATE`) with zones that are known.
    pub rule: Vec<String>,
    /// It stands for this one time of a series.
    pub instance: Option<Time>,
    /// What the source says about it.
    pub about: String,
}

/// One time at which an event is: when it begins, and when it ends (of whole days the last one).
pub type When = (Time, Option<Time>);

impl Told {
    /// The activity of this event. A part of a series stands in the series' thread, so that both are together.
    ///
    /// # Errors
    /// When it has no beginning, or one beyond reason.
    pub(crate) fn activity(&self, key: Key, thread: Key, url: Option<&str>) -> Result<Activity, String> {
        let starts = self.starts.ok_or("nothing says when it begins")?;
        if !(1970..2200).contains(&starts.date().year()) {
            return Err(format!("it begins in the year {}", starts.date().year()));
        }
        let mut said = Activity::new(key, Act::Other, starts, None, ThreadRef::Key(thread));
        said.text = self.text();
        said.url = url.map(str::trim).filter(|url| is_link(url)).map(str::to_owned);
        let sort = if self.session { "session" } else { "event" };
        said.detail = Some(match self.state {
            State::Planned => sort.to_owned(),
            state => format!("{sort} {}", state.as_str()),
        });
        Ok(said)
    }

    fn text(&self) -> String {
        let name = line(&self.name);
        let mut out = if name.is_empty() { "(no name)".to_owned() } else { name };
        let mut add = |name: &str, value: &str| {
            let value = line(value);
            if !value.is_empty() {
                out.push_str(&format!("\n{name}\t{value}"));
            }
        };
        let moment = |at: Option<Time>| at.map_or_else(String::new, |at| written(at, self.days));
        add("starts", &moment(self.starts));
        add("ends", &moment(self.ends));
        add("place", self.place.as_deref().unwrap_or(""));
        add("area", self.area.as_deref().unwrap_or(""));
        add("call for papers", self.call_url.as_deref().filter(|url| is_link(url)).unwrap_or(""));
        add("talks until", &self.call_until.map_or_else(String::new, |at| written(at, true)));
        add("state", if self.state == State::Planned { "" } else { self.state.as_str() });
        add("part of", if self.session { "its source" } else { "" });
        add("instead of", &moment(self.instance));
        for rule in self.rule.iter().take(RULES).filter(|rule| rule.len() <= RULE) {
            out.push_str(&format!("\nrule\t{rule}"));
        }
        let about = cut(self.about.trim().to_owned(), ABOUT);
        if about.is_empty() { out } else { format!("{out}\n\n{about}") }
    }

    /// The event that an activity's text tells.
    #[must_use]
    pub fn of(text: &str) -> Told {
        let (head, about) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let mut told =
            Told { name: lines.next().unwrap_or("").to_owned(), about: about.to_owned(), ..Told::default() };
        for (name, value) in lines.filter_map(|line| line.split_once('\t')) {
            let (text, at) = (Some(value.to_owned()), Time::parse(value).ok());
            match name {
                "starts" => (told.starts, told.days) = (at, !value.contains('T')),
                "ends" => told.ends = at,
                "place" => told.place = text,
                "area" => told.area = text,
                "call for papers" => told.call_url = text,
                "talks until" => told.call_until = at,
                "state" if value == "cancelled" => told.state = State::Cancelled,
                "state" => told.state = State::Tentative,
                "part of" => told.session = true,
                "instead of" => told.instance = at,
                "rule" => told.rule.push(value.to_owned()),
                _ => {}
            }
        }
        told
    }

    /// Whether it is a series.
    #[must_use]
    pub fn repeats(&self) -> bool {
        !self.rule.is_empty()
    }

    /// The moment at which it is over; `None` for a series, which may go on.
    #[must_use]
    pub fn over(&self) -> Option<Time> {
        let last = self.ends.or(self.starts).filter(|_| !self.repeats())?;
        Some(if self.days { last.plus_millis(DAY) } else { last })
    }

    /// When it is, of all that is not over at `from` and begins before `to`, in order of time.
    #[must_use]
    pub fn times(&self, from: Time, to: Time) -> Vec<When> {
        let Some(starts) = self.starts else { return Vec::new() };
        let all = if self.repeats() {
            let long = self.ends.map(|ends| ends.millis() - starts.millis());
            let begins = series::times(&self.rule, self.days, to);
            begins.into_iter().map(|at| (at, long.map(|long| at.plus_millis(long)))).collect()
        } else {
            vec![(starts, self.ends)]
        };
        let rest = if self.days { DAY } else { 0 };
        let over = |(starts, ends): &When| ends.unwrap_or(*starts).plus_millis(rest);
        all.into_iter().filter(|when| over(when) > from && when.0 < to).collect()
    }
}

/// A moment, or the day of one.
fn written(at: Time, day: bool) -> String {
    let text = at.to_string();
    if day { text.get(..10).unwrap_or(&text).to_owned() } else { text }
}

/// One line of what a source says, without anything that would break it.
fn line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    cut(words.collect::<Vec<_>>().join(" "), LINE)
}

/// Whether it is the address of a page; nothing else is kept as a link.
pub(crate) fn is_link(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && !url.contains(char::is_whitespace) && !url.contains(char::is_control)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<Time> {
        Some(Time::parse(text).unwrap())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let told = Told {
            name: "Harbour Dev Days".to_owned(),
            starts: at("2026-10-07"),
            ends: at("2026-10-08"),
            days: true,
            place: Some("Lisbon, Portugal".to_owned()),
            area: Some("python".to_owned()),
            call_url: Some("https://harbour.example/call".to_owned()),
            call_until: at("2026-06-01"),
            state: State::Cancelled,
            about: "Two days.\n\nstarts\t1999-01-01".to_owned(),
            ..Told::default()
        };
        let key = Key::new("event/1");
        let said = told.activity(key.clone(), key, Some("javascript:alert(1)")).unwrap();
        assert_eq!(Told::of(&said.text), told);
        assert_eq!((said.url, said.detail.as_deref()), (None, Some("event cancelled")));
    }

    #[test]
    fn hostile_lines_stay_one_line() {
        let told = Told {
            name: "A\nstate\tcancelled\r\n\nB".to_owned(),
            starts: at("2026-10-07T08:00:00Z"),
            place: Some("x".repeat(9_000)),
            ..Told::default()
        };
        let read = Told::of(&told.text());
        assert_eq!((read.name.as_str(), read.state), ("A state cancelled B", State::Planned));
        assert!(read.place.unwrap().len() <= LINE && read.starts == told.starts && !read.days);
    }

    #[test]
    fn a_series_is_told_for_the_time_that_is_asked_for() {
        let told = Told {
            name: "Office hour".to_owned(),
            starts: at("2020-01-02T09:00:00Z"),
            ends: at("2020-01-02T10:00:00Z"),
            rule: vec![
                "DTSTART;TZID=Europe/Berlin:20200102T100000".to_owned(),
                "RRULE:FREQ=WEEKLY".to_owned(),
                "EXDATE;TZID=Europe/Berlin:20261015T100000".to_owned(),
            ],
            ..Told::default()
        };
        let times = told.times(at("2026-10-07").unwrap(), at("2026-11-07").unwrap());
        let starts: Vec<String> = times.iter().map(|(starts, _)| starts.to_string()).collect();
        // Summer time ends on the 25th; the 15th is left out.
        assert_eq!(
            starts,
            ["2026-10-08T08:00:00Z", "2026-10-22T08:00:00Z", "2026-10-29T09:00:00Z", "2026-11-05T09:00:00Z"]
        );
        assert_eq!(times[0].1, at("2026-10-08T09:00:00Z"));
        assert_eq!(told.over(), None);
    }

    #[test]
    fn rules_made_to_hurt_end_soon() {
        for rule in [
            "RRULE:FREQ=SECONDLY",
            "RRULE:FREQ=DAILY;INTERVAL=0",
            "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31",
            "RRULE:FREQ=DAILY;COUNT=4294967295",
            "RRULE:FREQ=MONTHLY;BYSETPOS=-366;BYDAY=MO",
            "RRULE:FREQ=WEEKLY;INTERVAL=65535",
            "RRULE:FREQ=",
            "RRULE",
        ] {
            let told = Told {
                starts: at("1970-01-01"),
                days: true,
                rule: vec!["DTSTART;VALUE=DATE:19700101".to_owned(), rule.to_owned()],
                ..Told::default()
            };
            assert!(told.times(Time::MIN, at("2026-10-07").unwrap()).len() <= series::MOST, "{rule}");
        }
    }
}
