# Words that stand on more than one page.

page-show = Show
page-all = all
page-source = Source
page-kind = Kind
page-asked-where = where it was asked
page-not-right = Not right?
page-nobody = an account that is gone
page-people = { $n ->
    [one] { $n } person
   *[other] { $n } people
}
page-messages = { $n ->
    [one] { $n } message
   *[other] { $n } messages
}
page-stale = this page is from before the last start
page-stale-next = load it again
page-people-head = People
page-threads-head = Threads
page-messages-head = Messages
page-scope = Scope
page-scope-product = product
page-scope-market = market
page-evidence = evidence { $n }
page-status = Status
page-name = Name
page-evidence-of = evidence { $n } for { $what }
page-people-asked = { $n ->
    [one] { $n } person asked
   *[other] { $n } people asked
}
page-people-of = { $n ->
    [one] { $n } person
   *[other] { $n } people
}: the threads of { $label }
page-findings = What stands out
page-department = Department
page-waiting = Waiting
