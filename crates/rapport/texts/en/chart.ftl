# Drawings over time, and how they read.

chart-week = { $day }: { $messages ->
    [one] { $messages } message
   *[other] { $messages } messages
}, { $people ->
    [one] { $people } person
   *[other] { $people } people
}
chart-weeks-none = no week
chart-weeks = Week by week from { $first } to { $last }: { $messages ->
    [one] { $messages } message
   *[other] { $messages } messages
}
chart-weeks-most = most people, { $people }, in the week of { $day }
chart-weeks-marks = { $n } happened meanwhile, the last: { $last }
chart-messages = messages
chart-people = people
chart-expected = expected
chart-expected-low = expected, at least
chart-expected-high = expected, at most
chart-weeks-title = People and messages by week
chart-week-from = Week from
chart-meanwhile = Meanwhile
chart-interval = { $ratio } times, between { $low } and { $high }
chart-table = The same as a table
chart-none = { $title }: nothing
chart-span = { $title }, { $first } to { $last }
chart-most = { $name }: at most { $value } in { $moment }
chart-first-response = Time to the first response, by month of asking
chart-close = Time to close, by month of opening
chart-closure = Opened and closed by month
chart-unanswered = Threads by month, and those nobody answered
chart-contributors = Contributors by month
chart-downloads = Downloads by week
chart-median = median
chart-within = 90 % within
chart-case = one case (of under 30 a month)
chart-time = Time
