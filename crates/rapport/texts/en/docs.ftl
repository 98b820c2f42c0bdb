# What the documentation lacks.

docs-none = Nothing is known to be missing in the docs
docs-head = What the documentation lacks
docs-how = From questions that come back although somebody answered, and from the search log of the docs.
docs-add = Add a search log
docs-effect = Did a page help?
docs-nothing = Nothing came back often enough, and no search was in vain. { $topics } show what people ask; a search log of the docs says what they looked for first.
    .topics = Topics
docs-searched = { $n ->
    [one] searched once
   *[other] searched { $n } times
}, { $nothing } of them in vain
docs-its-topic = its topic
docs-queries = Searched for:
docs-title = Docs gaps
