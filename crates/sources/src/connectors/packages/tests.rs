//! Names, and objects that break off.

use super::*;

#[test]
fn names_are_told_apart_as_their_registry_does() {
    assert_eq!(Kind::PyPi.name("Tide_Water.relay").as_deref(), Some("tide-water-relay"));
    assert_eq!(Kind::Crates.name("Relay").as_deref(), Some("relay"));
    assert_eq!(Kind::Npm.name("@tidewater/relay").as_deref(), Some("@tidewater/relay"));
    for bad in ["", "@relay", "a/b", "..", "a b"] {
        assert_eq!(Kind::Npm.name(bad), None, "{bad}");
    }
}

#[test]
fn members_before_a_cut_are_handed_out() {
    let document = br#"{"x":{"time":{"no":1}},"time": {"1.0" : "a", "1.1":{"b":[1,"}"]}},"y":2}"#;
    for cut in 0..=document.len() {
        let mut seen = Vec::new();
        let read = members(&document[..cut], "time", true, &mut |key, whole, value, at| {
            assert_eq!(&document[at..at + whole.len()], whole);
            seen.push((key.to_owned(), String::from_utf8_lossy(value).trim().to_owned()));
            Ok(())
        });
        assert_eq!(read.is_ok(), cut == document.len(), "cut at {cut}");
        let wanted =
            [("1.0".to_owned(), "\"a\"".to_owned()), ("1.1".to_owned(), r#"{"b":[1,"}"]}"#.to_owned())];
        assert_eq!(seen, wanted[..seen.len()]);
        assert!(cut < document.len() || seen.len() == 2);
    }
    assert_eq!(keys(document).collect::<Vec<_>>(), ["x", "time", "y"]);
}
