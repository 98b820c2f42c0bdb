# Talks: where they stand, and the calls for papers.

talks-title = Talks
talks-by = by { $who }
talks-since = { $state } since { $day }
talks-move = It is { $state }
talks-word = A word on it
talks-word-of = A word on { $title }
talks-calls = Calls for papers that are open
talks-days = ending within so many days
talks-calls-none = No call ends in these days.
talks-left = { $n ->
    [0] today
    [one] { $n } day left
   *[other] { $n } days left
}
talks-send = Propose a talk
talks-title-of = Its title
talks-on = First day
talks-speaker = Who speaks
talks-send-do = Propose
talks-both = a talk has a title, and an event that it is sent to
