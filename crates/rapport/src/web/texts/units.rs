//! Lengths of time, moments and sizes in the language of the pages.

use rapport_model::Time;

use super::{Texts, key};

const DAYS: [&str; 7] = [
    key("unit-day-1"),
    key("unit-day-2"),
    key("unit-day-3"),
    key("unit-day-4"),
    key("unit-day-5"),
    key("unit-day-6"),
    key("unit-day-7"),
];

impl Texts {
    /// `4 d 6 h`, `19 h`, `12 min`: the two largest units that tell something, as a terminal says them, too.
    pub(in crate::web) fn span(&self, seconds: f64) -> String {
        #[allow(clippy::cast_possible_truncation)] // spans of a calendar fit
        let s = seconds.max(0.0).round() as i64;
        let (d, h, m) = (s / 86_400, s / 3_600 % 24, s / 60 % 60);
        let says = match (d, h, m) {
            (0, 0, 0) => self.t("unit-seconds").n("s", s),
            (0, 0, m) => self.t("unit-minutes").n("m", m),
            (0, h, m) if h < 6 && m > 0 => self.t("unit-hours-minutes").n("h", h).n("m", m),
            (0, h, _) => self.t("unit-hours").n("h", h),
            (d, h, _) if d < 7 && h > 0 => self.t("unit-days-hours").n("d", d).n("h", h),
            (d, _, _) if d < 730 => self.t("unit-days").n("d", d),
            (d, _, _) => self.t("unit-years").n("y", d / 365),
        };
        says.to_string()
    }

    /// The same between two moments; nothing where there is no first.
    pub(in crate::web) fn since(&self, then: Option<&Time>, now: &Time) -> String {
        #[allow(clippy::cast_precision_loss)] // a calendar
        then.map_or_else(String::new, |then| self.span((now.millis() - then.millis()) as f64 / 1_000.0))
    }

    /// `Mon 2026-09-28 08:00 UTC`
    pub(in crate::web) fn moment(&self, at: &Time) -> String {
        let day = (at.millis().div_euclid(86_400_000) + 3).rem_euclid(7);
        let text = at.to_string();
        let name = usize::try_from(day).ok().and_then(|day| DAYS.get(day)).map(|day| self.t(day).to_string());
        self.t("unit-moment")
            .with("day", name.unwrap_or_default())
            .with("date", text.get(..10).unwrap_or(&text))
            .with("time", text.get(11..16).unwrap_or_default())
            .to_string()
    }

    /// Bytes as people say them.
    pub(in crate::web) fn size(&self, bytes: &u64) -> String {
        #[allow(clippy::cast_precision_loss)] // a size to read
        let n = *bytes as f64;
        let says = match n {
            n if n < 1_024.0 => self.t("unit-bytes").n("n", bytes),
            n if n < 1_048_576.0 => self.t("unit-kilobytes").with("n", format!("{:.0}", n / 1_024.0)),
            n if n < 1_073_741_824.0 => self.t("unit-megabytes").with("n", format!("{:.1}", n / 1_048_576.0)),
            n => self.t("unit-gigabytes").with("n", format!("{:.1}", n / 1_073_741_824.0)),
        };
        says.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page;

    #[test]
    fn english_pages_say_it_as_a_terminal_does() {
        let texts = Texts::of("en").unwrap();
        for seconds in [0.0, 30.0, 720.0, 11_400.0, 68_400.0, 86_400.0, 367_200.0, 1.0e6, 6.4e7, 7.9e8] {
            assert_eq!(texts.span(seconds), page::span(seconds));
        }
        for day in 0..9 {
            let at = Time::parse("2026-09-28T08:00:00Z").unwrap().plus_millis(day * 90_000_000);
            assert_eq!(texts.moment(&at), page::moment(at));
        }
        assert_eq!([999, 2_048, 5_242_880].map(|n| texts.size(&n)), ["999 B", "2 kB", "5.0 MB"]);
    }
}
