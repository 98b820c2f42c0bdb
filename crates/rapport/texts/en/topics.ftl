# Topics: the list, and one with its weeks.

topics-topic = Topic
topics-share = Share
topics-waiting = Waiting
topics-mostly = Mostly
topics-like = like “{ $example }”
topics-threads-of = { $n ->
    [one] { $n } thread
   *[other] { $n } threads
} of { $topic }
topics-waiting-of = { $n ->
    [one] { $n } waits
   *[other] { $n } wait
}: the threads of { $topic }
topics-messages-of = { $n ->
    [one] { $n } message
   *[other] { $n } messages
}: the threads of { $topic }
topics-only = Only what is { $state }.
topics-head = What keeps coming back
topics-none = No topic yet: topics need threads that ask for something. { $add }
    .add = Add a source.
topics-smaller = { $n ->
    [one] { $n } smaller topic
   *[other] { $n } smaller topics
}
topics-declare = Declare a topic
topics-declare-name = Its name
topics-declare-words = Words for it
topics-declare-words-example = invoice, receipt
topics-declare-words-how = with commas between
topics-declare-example = or a sentence
topics-declare-example-how = that is about it
topics-declare-do = Declare
topics-said = What was said about topics ({ $n })
topics-undo-of = Take back: { $what }
topics-undo = take it back
topics-says = { $people ->
    [one] { $people } distinct person
   *[other] { $people } distinct people
} in { $threads } ({ $messages ->
    [one] { $messages } message
   *[other] { $messages } messages
}), { $wait }; mostly { $kind }.
    .wait = { $waiting ->
        [one] { $waiting } waits
       *[other] { $waiting } wait
    }
    .threads = { $count ->
        [one] { $count } thread
       *[other] { $count } threads
    }
topics-words = Words: { $words }. Said best by “{ $example }”.
topics-weeks = Week by week
topics-few = Not enough people to say whether it changes.
topics-weeks-how = Distinct people who asked beside messages that are evidence; shaded: what the half year before lets expect of the last weeks. Lines are what happened meanwhile, which need not be why: R a release, E an event, D a page online for this topic, F feedback on it shipped.
topics-rename = Call it
topics-rename-do = Rename
topics-pinned = It stays, whatever comes later.
topics-pin = Pin it
topics-pin-how = it stays, whatever comes later
topics-merge = It belongs to
topics-merge-do = Merge
topics-split = The threads chosen below are a topic of their own, called
topics-split-do = Split
topics-inside = Bring it inside
topics-choose = choose ‘{ $title }’ for a split
topics-fits = fits { $cosine }
topics-not-of = ‘{ $title }’ does not belong here
topics-not = not this one
topics-counts = Who asked, where and in which words stays inside DevRel. Whoever would like to meet somebody of them asks for an introduction: { $ask }.
    .ask = here
topics-more = and { $n } more, which fit less well
topics-missing = there is no topic { $topic }
topics-missing-next = the list of topics has them all
topics-ratio = { $ratio } times the half year before (95 % interval { $low } to { $high })
topics-expected = expected { $expected } people a week (between { $low } and { $high }), seen { $seen } in the last { $weeks } weeks
topics-expected-open = expected { $expected } people a week (at least { $low }), seen { $seen } in the last { $weeks } weeks
topics-mark-event = event
topics-mark-docs = page online
topics-mark-shipped = feedback shipped
topics-mark-release = released
topics-no-act = a topic cannot be ‘{ $act }’
