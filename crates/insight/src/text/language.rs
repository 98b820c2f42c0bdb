//! Is a text English? The table of vectors is, so what is not has to be said to be.
//!
//! By script first, then by the little words that every sentence has. Cheap and careful: a few words that could be
//! either are [`Language::Unsure`], and callers treat those as English.

/// What language a text is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Another, by its two-letter code, or by the code of the most usual language of its script.
    Other(&'static str),
    /// Too little to tell.
    Unsure,
}

/// Letters looked at.
const MOST: usize = 2_000;

/// Little words per language that the others do not have, or seldom.
const WORDS: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "the", "is", "are", "and", "of", "to", "for", "with", "that", "this", "it", "not", "have", "how",
            "what", "when", "why", "does", "can", "be", "but", "from", "my", "you", "an", "if", "would",
            "there", "any", "was", "has", "i",
        ],
    ),
    (
        "de",
        &[
            "der", "das", "und", "ist", "nicht", "ich", "mit", "ein", "eine", "auf", "wie", "wir", "aber",
            "auch", "wenn", "f\u{fc}r", "von", "dem", "den", "zu", "bei", "kann", "sich", "noch", "warum",
            "hat", "werden",
        ],
    ),
    (
        "fr",
        &[
            "le", "les", "des", "une", "est", "pas", "je", "vous", "nous", "avec", "pour", "dans", "sur",
            "qui", "que", "mais", "du", "et", "comment", "cette", "sont", "fait", "j'ai", "c'est", "\u{e0}",
            "au",
        ],
    ),
    (
        "es",
        &[
            "el",
            "los",
            "las",
            "una",
            "es",
            "con",
            "para",
            "por",
            "que",
            "como",
            "pero",
            "del",
            "al",
            "est\u{e1}",
            "c\u{f3}mo",
            "qu\u{e9}",
            "se",
            "mi",
            "tengo",
            "cuando",
            "y",
            "lo",
            "hay",
            "esto",
        ],
    ),
    (
        "pt",
        &[
            "os",
            "uma",
            "n\u{e3}o",
            "com",
            "para",
            "como",
            "mas",
            "do",
            "da",
            "em",
            "um",
            "est\u{e1}",
            "que",
            "eu",
            "voc\u{ea}",
            "isso",
            "ao",
            "tem",
            "s\u{e3}o",
            "e",
        ],
    ),
    (
        "it",
        &[
            "il",
            "gli",
            "che",
            "non",
            "con",
            "per",
            "una",
            "sono",
            "come",
            "ma",
            "della",
            "del",
            "di",
            "ho",
            "questo",
            "\u{e8}",
            "anche",
            "nel",
            "perch\u{e9}",
        ],
    ),
    (
        "nl",
        &[
            "het", "een", "niet", "ik", "met", "van", "voor", "maar", "hoe", "wij", "zijn", "dat", "naar",
            "ook", "heb", "deze",
        ],
    ),
    (
        "pl",
        &[
            "nie",
            "jest",
            "si\u{119}",
            "jak",
            "na",
            "czy",
            "ale",
            "dla",
            "po",
            "przez",
            "w",
            "z",
            "mam",
            "ten",
            "tego",
            "\u{17c}e",
        ],
    ),
];

/// The language of a text.
#[must_use]
pub fn language(text: &str) -> Language {
    let (mut latin, mut other) = (0_u32, [0_u32; SCRIPTS.len()]);
    for c in text.chars().filter(|c| c.is_alphabetic()).take(MOST) {
        if c.is_ascii() {
            latin += 1;
            continue;
        }
        match SCRIPTS.iter().position(|(_, low, high)| (*low..=*high).contains(&u32::from(c))) {
            Some(script) => other[script] += 1,
            None => latin += 1,
        }
    }
    let all = latin + other.iter().sum::<u32>();
    if all == 0 {
        return Language::Unsure;
    }
    if (all - latin) * 10 > all * 3 {
        // Japanese mixes its own letters with Chinese ones.
        let kana = other[0] * 10 > (all - latin);
        let most =
            other.iter().enumerate().max_by_key(|(at, n)| (**n, SCRIPTS.len() - at)).map_or(0, |(at, _)| at);
        return Language::Other(if kana { "ja" } else { SCRIPTS[most].0 });
    }
    by_words(text)
}

/// Scripts as ranges of code points, with the language they most often stand for.
const SCRIPTS: [(&str, u32, u32); 12] = [
    ("ja", 0x3040, 0x30FF),
    ("zh", 0x3400, 0x9FFF),
    ("ko", 0xAC00, 0xD7AF),
    ("ru", 0x0400, 0x052F),
    ("el", 0x0370, 0x03FF),
    ("he", 0x0590, 0x05FF),
    ("ar", 0x0600, 0x077F),
    ("hi", 0x0900, 0x097F),
    ("bn", 0x0980, 0x09FF),
    ("ta", 0x0B80, 0x0BFF),
    ("th", 0x0E00, 0x0E7F),
    ("ka", 0x10A0, 0x10FF),
];

/// Whether the first words say it already: most texts are English, and each list costs.
fn begins_english(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty()).take(FIRST);
    let (mut all, mut english) = (0, 0);
    for word in words.filter(|word| word.len() <= 10) {
        all += 1;
        english += u32::from(WORDS[0].1.iter().any(|known| word.eq_ignore_ascii_case(known)));
    }
    english >= 4 && english * 5 >= all
}

/// Words that are looked at first.
const FIRST: usize = 40;

fn by_words(text: &str) -> Language {
    if begins_english(text) {
        return Language::English;
    }
    let mut found = [0_u32; WORDS.len()];
    let mut words = 0_u32;
    let text = &text[..text.floor_char_boundary(MOST * 4)];
    for word in text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty()) {
        words += 1;
        if word.len() > 10 {
            continue;
        }
        let low = word.to_lowercase();
        for (n, (_, list)) in found.iter_mut().zip(WORDS) {
            *n += u32::from(list.contains(&low.as_str()));
        }
    }
    let english = found[0];
    let (best, most) = found
        .iter()
        .enumerate()
        .skip(1)
        .max_by_key(|(at, n)| (**n, WORDS.len() - at))
        .map_or((0, 0), |(at, n)| (at, *n));
    if most >= 2 && most > english * 2 && most * 12 >= words {
        Language::Other(WORDS[best].0)
    } else if english >= 2 && english >= most && english * 20 >= words {
        Language::English
    } else {
        Language::Unsure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_english_from_the_rest() {
        for (text, wanted) in [
            ("How do I rotate the key if it is not mine?", Language::English),
            ("Wie kann ich den Schl\u{fc}ssel tauschen, wenn er nicht passt?", Language::Other("de")),
            ("\u{bf}C\u{f3}mo cambio la clave para que el servicio la use?", Language::Other("es")),
            (
                "Comment changer la cl\u{e9} dans les r\u{e9}glages ? \u{c7}a ne marche pas avec le SDK",
                Language::Other("fr"),
            ),
            (
                "\u{30ad}\u{30fc}\u{3092}\u{5909}\u{66f4}\u{3059}\u{308b}\u{65b9}\u{6cd5}\u{306f}",
                Language::Other("ja"),
            ),
            (
                "\u{43a}\u{430}\u{43a} \u{441}\u{43c}\u{435}\u{43d}\u{438}\u{442}\u{44c} \u{43a}\u{43b}\u{44e}\u{447}",
                Language::Other("ru"),
            ),
            (
                "\u{5d0}\u{5d9}\u{5da} \u{5de}\u{5d7}\u{5dc}\u{5d9}\u{5e4}\u{5d9}\u{5dd}",
                Language::Other("he"),
            ),
            ("Crash on startup", Language::Unsure),
            ("", Language::Unsure),
            ("\u{1f600}", Language::Unsure),
        ] {
            assert_eq!(language(text), wanted, "{text}");
        }
    }
}
