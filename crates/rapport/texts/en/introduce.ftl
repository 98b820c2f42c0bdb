# Introductions: who would like to meet somebody of the community.

introduce-head = Introductions
introduce-how = Who would like to meet a person of the community asks here. It happens only after that person’s recorded yes; DevRel makes it, and no address leaves from here.
introduce-whom = Whom
introduce-whom-how = a name in full, a login, an address or a number
introduce-whom-name = a name
introduce-for = For whom
introduce-for-how = who would like to meet them
introduce-about = What for
introduce-do = Ask
introduce-asked = Who asked
introduce-nobody = Nobody has asked yet. Whoever has an account, in any role, finds this page in the menu.
introduce-day = Day
introduce-by = Asked by
introduce-to-meet = To meet
introduce-for-short = For
introduce-about-short = About
introduce-word = Their word
introduce-yes = a yes was on record
introduce-none = none on record: { $ask }
    .ask = ask first, and record it
introduce-unknown = not known here
introduce-both = whom, and for whom? both are needed
