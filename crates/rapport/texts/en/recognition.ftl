# Recognition: who helps whom, champions, and a person’s own term.

recognition-head = Recognition
recognition-alumni = Alumni since { $ends }, a champion from { $begins }
recognition-champion = { $champion } from { $begins } until { $ends }
    .champion = Champion
recognition-ending = { $champion } from { $begins } until { $ends }: the term ends soon
    .champion = Champion
recognition-no-term = No champion’s term. { $criteria } · { $helped }
    .criteria = Who meets the criteria
    .helped = who helped whom
recognition-for-what = For what
recognition-why = Why
recognition-renew = Renew the term
recognition-renew-of = Renew the term of { $who }
recognition-anew = Begin a term anew
recognition-anew-of = Begin a term anew for { $who }
recognition-begin = Begin a term as champion
recognition-begin-short = Begin a term
recognition-begin-of = Begin a term for { $who }
recognition-end = End the term now
recognition-end-of = End the term of { $who } now
recognition-title = Who helps whom
recognition-nobody = Nobody helped others in this time
recognition-helped = { $n ->
    [one] { $n } member helped others
   *[other] { $n } members helped others
}
recognition-time = Time
recognition-time-example = the last three months
recognition-ours = our own people, too
recognition-order = { $period }; the latest first. Nobody is ranked: each line opens what was done.
recognition-elsewhere = Another time may say more, or another source: { $sources }.
    .sources = Sources
recognition-quietly = quietly
recognition-whom = helped { $names }
recognition-whom-more = helped { $names } and { $n } more
recognition-honour = Honour them
recognition-more = and { $n } more: a shorter time shows them.
recognition-first = Here for the first time
recognition-answered = answered
recognition-not-answered = not answered yet
recognition-silent = Fell silent after months of load
recognition-silent-how = For DevRel’s eyes alone: a reason to ask how they are.
recognition-last = last in { $month }
recognition-months = messages { $months }
recognition-champions = Champions
recognition-no-champion = No champion yet
recognition-champions-n = { $n ->
    [one] { $n } champion
   *[other] { $n } champions
}
recognition-how = Members honoured for what they do, by published criteria and for { $n ->
    [one] { $n } month
   *[other] { $n } months
}; afterwards alumni. Followers, reach and money count for nothing, and nobody is ranked.
recognition-criteria = { $name }, version { $version }
recognition-one-of = { $n ->
    [one] In one month, one of these:
   *[other] In { $n } months, one of these:
}
recognition-own = Your own: { $file } in the data folder.
recognition-ends-soon = Terms that end soon
recognition-none-meets = Nobody without a term meets the criteria
recognition-meet = Meet the criteria, without a term
recognition-since = By what was done since { $day }; by name.
recognition-meets-none = Meets no criterion now.
recognition-span = { $begins } to { $ends }
recognition-quiet = Quiet helpers
recognition-quiet-how = Steady, a little at a time, and nobody has marked a reply of theirs.
recognition-alumni-head = Alumni
recognition-for-whom = for { $who }
recognition-marked = marked as the answer
recognition-pieces-more = and { $n } more
recognition-answer = { $n ->
    [one] { $n } answer
   *[other] { $n } answers
}
recognition-review = { $n ->
    [one] { $n } review
   *[other] { $n } reviews
}
recognition-docs = { $n ->
    [one] { $n } piece of work on the documentation
   *[other] { $n } pieces of work on the documentation
}
recognition-mentoring = { $n ->
    [one] { $n } reply to people in their first weeks
   *[other] { $n } replies to people in their first weeks
}
recognition-organising = { $n ->
    [one] { $n } thing organised
   *[other] { $n } things organised
}
recognition-no-act = a term begins, is renewed, or ends
recognition-no-act-next = go back to the champions
recognition-no-reason = for what? a champion is told what they are honoured for
recognition-no-reason-next = go back, and say it in a few words
