//! Mailman's two archives: a page of months with a file each (pipermail), and an export between two days (`HyperKitty`).

use super::{Request, Response, Stage, seconds, stamp};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn month(at: i64) -> (String, usize) {
    let text = stamp(at);
    let number = text[5..7].parse::<usize>().unwrap_or(1) - 1;
    (format!("{}-{}", &text[..4], MONTHS[number]), number)
}

/// Every mail that stands, in order of time: when, and as an mbox has it.
fn mails(stage: &Stage) -> Vec<(i64, String)> {
    let mut all = Vec::new();
    for t in &stage.community.threads {
        for (n, p) in t.posts.iter().enumerate().filter(|(_, p)| !p.deleted) {
            let (text, (_, number)) = (stamp(p.at), month(p.at));
            let (day, clock, year) = (&text[8..10], &text[11..19], &text[..4]);
            let name = stage.community.people[p.author];
            let parent = if n == 0 {
                String::new()
            } else {
                format!("In-Reply-To: <m{}@tidewater.example>\n", t.posts[0].id)
            };
            let short = &MONTHS[number][..3];
            all.push((p.at, format!(
                "From {name} at example.org  Thu {short} {day} {clock} {year}\nFrom: {name} at example.org ({name})\n\
                 Date: {day} {short} {year} {clock} +0000\nSubject: [relay-users] {}\n{parent}Message-ID: <m{}@tidewater.example>\n\n{}\n\n",
                t.title, p.id, p.text
            )));
        }
    }
    all.sort();
    all
}

pub fn answer(stage: &Stage, request: &Request, now: i64) -> Response {
    let mails = mails(stage);
    let bare = request.bare();
    if bare.starts_with("/export/") {
        let day = |name: &str| request.query(name).and_then(|d| seconds(&format!("{d}T00:00:00Z")));
        let (Some(from), Some(to)) = (day("start"), day("end")) else {
            return Response { status: 400, ..Response::default() };
        };
        let body: String =
            mails.iter().filter(|(at, _)| (from..to).contains(at)).map(|(_, m)| m.as_str()).collect();
        let text = stamp(now / 1000);
        let short = &MONTHS[month(now / 1000).1][..3];
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
            [usize::try_from((now / 86_400_000).rem_euclid(7)).unwrap_or(0)];
        let date = format!("{weekday}, {} {short} {} {} GMT", &text[8..10], &text[..4], &text[11..19]);
        return Response { status: 200, body: body.into_bytes(), ..Response::default() }.with("date", date);
    }
    let of = |wanted: &str| -> String {
        mails.iter().filter(|(at, _)| month(*at).0 == wanted).map(|(_, m)| m.as_str()).collect()
    };
    if bare == "/" {
        let mut names: Vec<String> = mails.iter().map(|(at, _)| month(*at).0).collect();
        names.dedup();
        let rows: String = names
            .iter()
            .rev()
            .map(|name| {
                let kb = of(name).len() / 1024;
                format!("<tr><td>{name}:</td><td><A href=\"{name}/thread.html\">[ Thread ]</a></td>\n<td><A href=\"{name}.txt.gz\">[ Gzip'd Text {kb} KB ]</a></td></tr>\n")
            })
            .collect();
        let last = mails.last().map_or(0, |(at, _)| *at);
        let page =
            format!("<html><body><table>{rows}</table><p>Last message: {}</p></body></html>", stamp(last));
        return Response { status: 200, body: page.into_bytes(), ..Response::default() };
    }
    match bare
        .strip_prefix('/')
        .and_then(|name| name.strip_suffix(".txt.gz"))
        .map(of)
        .filter(|text| !text.is_empty())
    {
        Some(text) => Response { status: 200, body: text.into_bytes(), ..Response::default() },
        None => Response { status: 404, ..Response::default() },
    }
}
