//! Events: a calendar is read by the program and by a foreign reader, and both tell the same; what is called off says so.

use std::process::Command;

use serde_json::{Value, json};

use crate::world::Desk;

pub(crate) const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tidewater//EN\r\n\
BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n\
BEGIN:VEVENT\r\nUID:1@tidewater.example\r\nDTSTAMP:20260901T000000Z\r\nDTSTART;TZID=Europe/Berlin:20261001T180000\r\nDTEND;TZID=Europe/Berlin:20261001T200000\r\nSUMMARY:Meetup at the quay\\, upstairs\r\nLOCATION:Quay 4\r\nORGANIZER;CN=Zora Lindqvist:mailto:zora@tidewater.example\r\nATTENDEE:mailto:piet@tidewater.example\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:2@tidewater.example\r\nDTSTAMP:20260901T000000Z\r\nDTSTART;VALUE=DATE:20261007\r\nDTEND;VALUE=DATE:20261009\r\nSUMMARY:Harbour Dev Days\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:3@tidewater.example\r\nDTSTAMP:20260901T000000Z\r\nDTSTART;TZID=Europe/Berlin:20261015T100000\r\nDTEND;TZID=Europe/Berlin:20261015T110000\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nSUMMARY:Office hour\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:3@tidewater.example\r\nRECURRENCE-ID;TZID=Europe/Berlin:20261022T100000\r\nDTSTAMP:20260901T000000Z\r\nDTSTART;TZID=Europe/Berlin:20261023T150000\r\nDTEND;TZID=Europe/Berlin:20261023T160000\r\nSUMMARY:Office hour\\, moved\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:4@tidewater.example\r\nDTSTAMP:20260901T000000Z\r\nDTSTART:20261101T120000Z\r\nSTATUS:CANCELLED\r\nSUMMARY:Called off\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

const DAY: &str = "2026-09-28T08:00:00Z";

/// What the program tells: name, beginning, state.
fn told(desk: &Desk, more: &[&str]) -> Vec<(String, String, String)> {
    let rows = desk.json(&[&["events", "--as-of", DAY], more].concat());
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    rows.as_array()
        .unwrap()
        .iter()
        .map(|row| (text(row, "event"), text(row, "starts"), text(row, "state")))
        .collect()
}

#[test]
fn a_calendar_says_what_comes_and_what_is_called_off() {
    let desk = Desk::new();
    let file = desk.0.path().join("quay.ics");
    std::fs::write(&file, CALENDAR).unwrap();
    let said = desk.json(&["add", file.to_str().unwrap(), "--as-of", DAY]);
    assert_eq!(said[0]["stored"], 5, "{said}");
    let wanted = [
        ("Meetup at the quay, upstairs", "2026-10-01T16:00:00Z", "planned"),
        ("Harbour Dev Days", "2026-10-07T00:00:00Z", "planned"),
        ("Office hour", "2026-10-15T08:00:00Z", "planned"),
        ("Office hour, moved", "2026-10-23T13:00:00Z", "planned"),
        ("Office hour", "2026-10-29T09:00:00Z", "planned"),
        ("Called off", "2026-11-01T12:00:00Z", "cancelled"),
    ];
    let wanted = wanted.map(|(name, at, state)| (name.to_owned(), at.to_owned(), state.to_owned()));
    assert_eq!(told(&desk, &[]), wanted);
    assert!(desk.text(&["events", "--as-of", DAY]).contains("2026-10-07 to 2026-10-08"));
    // Events are nobody's, and talk waits for nobody.
    assert_eq!(desk.json(&["people", "--as-of", DAY]), json!([]));
    assert_eq!(desk.json(&["needs", "--as-of", DAY]), json!([]));
    assert_eq!(desk.json(&["search", "Lindqvist", "--as-of", DAY]), json!([]));
    // Called off later: a revision of the same.
    std::fs::write(
        &file,
        CALENDAR.replace("SUMMARY:Harbour", "SEQUENCE:1\r\nSTATUS:CANCELLED\r\nSUMMARY:Harbour"),
    )
    .unwrap();
    desk.text(&["add", file.to_str().unwrap(), "--as-of", DAY]);
    let now = told(&desk, &[]);
    assert_eq!((now.len(), now[1].2.as_str()), (6, "cancelled"));
    assert_eq!(told(&desk, &["--days", "2"]), []);
    desk.is_well();
}

#[test]
fn a_foreign_reader_tells_the_same() {
    let Some(programs) = crate::tools::python("events-venv", "recurring-ical-events==3.8.0") else {
        return;
    };
    let desk = Desk::new();
    let file = desk.0.path().join("quay.ics");
    std::fs::write(&file, CALENDAR).unwrap();
    desk.text(&["add", file.to_str().unwrap(), "--as-of", DAY]);
    let script = "import sys, datetime, icalendar, recurring_ical_events\n\
        calendar = icalendar.Calendar.from_ical(open(sys.argv[1], 'rb').read())\n\
        utc = datetime.timezone.utc\n\
        for one in recurring_ical_events.of(calendar, keep_recurrence_attributes=False).between((2026, 9, 28), (2026, 12, 27)):\n    \
            at = one['DTSTART'].dt\n    \
            at = at.astimezone(utc) if isinstance(at, datetime.datetime) else datetime.datetime(at.year, at.month, at.day)\n    \
            print(at.strftime('%Y-%m-%dT%H:%M:%SZ'), str(one['SUMMARY']), sep='\\t')\n";
    let done = Command::new(programs.join("python")).args(["-c", script]).arg(&file).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut theirs: Vec<String> =
        String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect();
    theirs.sort();
    let ours: Vec<String> =
        told(&desk, &[]).into_iter().map(|(name, at, _)| format!("{at}\t{name}")).collect();
    assert_eq!(ours, theirs);
}

#[test]
fn a_call_that_two_tell_of_is_one_deadline() {
    let desk = Desk::new();
    let list = desk.0.path().join("relay.json");
    let event = |name: &str, day: &str, call: &str| {
        json!({ "name": name, "url": format!("https://{call}"), "startDate": day, "endDate": day, "city": "Porto",
            "country": "Portugal", "online": false, "cfpUrl": format!("https://{call}/call"), "cfpEndDate": "2026-10-20" })
    };
    let (tide, quay) =
        (event("Tide Conf", "2027-02-01", "tide.example"), event("Quay Days", "2027-03-01", "quay.example"));
    std::fs::write(&list, json!([tide]).to_string()).unwrap();
    desk.text(&["talks", "import", list.to_str().unwrap(), "--as-of", DAY]);
    std::fs::write(&list, json!([tide, quay]).to_string()).unwrap();
    desk.text(&["add", list.to_str().unwrap(), "--as-of", DAY]);
    let rows = desk.json(&["talks", "deadlines", "--as-of", DAY]);
    let names: Vec<&str> = rows.as_array().unwrap().iter().filter_map(|row| row["event"].as_str()).collect();
    assert_eq!(names, ["Quay Days", "Tide Conf"], "{rows}");
    assert_eq!(rows[0]["days_left"], 22, "{rows}");
    assert_eq!(told(&desk, &["--calls"]).len(), 2);
}
