# Search.

search-head = Search
search-words = Words
search-state = State
search-any = any
search-do = Search
search-how = All words must occur; “a phrase” in quotes; a beginning ends with *.
search-none = Nothing says that. Fewer words, or a beginning with *, find more.
search-untitled = without a title
