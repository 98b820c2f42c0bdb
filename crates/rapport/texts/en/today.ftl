# Today: who waits.

today-deaf = Nothing is listened to yet
today-deaf-how = { $drop } of a forum, a chat or a tracker, or on the command line: { $forum }, { $github }, then { $sync }. Who waits for an answer shows up here.
    .drop = Drop an export
today-nobody = Nobody is waiting
today-nobody-here = Nobody here; { $all }.
    .all = look at all sources
today-nobody-why = Everybody who asked has an answer from another human, or the question is put aside. { $topics } is a good next look.
    .topics = What keeps coming back
today-head = { $people ->
    [one] { $people } person waits
   *[other] { $people } people wait
} in { $places ->
    [one] { $places } source
   *[other] { $places } sources
}
today-head-longest = { today-head }, the longest for { $span }
today-since = since { $moment }
today-want = { $people } want this
    .people = { $n ->
        [one] { $n } person
       *[other] { $n } people
    }
today-copies = { $n ->
    [one] { $n } copy folded in
   *[other] { $n } copies folded in
}
today-copy = the copy: thread { $n }
today-claimed = { $who } takes care of it
today-give = Give back
today-claim = Claim
today-snooze-how = Put it aside for three days
today-snooze = Snooze
today-met-how = It was answered, perhaps where the program cannot see
today-met = Met
today-evidence-how = The question becomes evidence: its words, with the place where they stand
today-evidence = Evidence
today-did-claim = You take care of { $thread }.
    .thread = thread { $n }
today-did-snooze = { $thread } is put aside for three days.
    .thread = Thread { $n }
today-did-met = { $thread } is marked as met.
    .thread = Thread { $n }
today-did-evidence = The question of { $thread } is evidence.
    .thread = thread { $n }
today-undo = Undo
today-more = Show more
