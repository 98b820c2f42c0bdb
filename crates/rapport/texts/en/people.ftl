# People: the list, one, and pairs that may be one person.

people-head = Who is here
people-pairs = { $pairs } Every count is by person: a look is worth it.
    .pairs = { $n ->
        [one] { $n } pair of accounts may be one person each.
       *[other] { $n } pairs of accounts may be one person each.
    }
people-named = Name, login or address
people-none = Nobody yet. { $add }
    .add = Add a source.
people-none-so = Nobody is called so. { $all }
    .all = Everybody
people-member = Member
people-accounts = Accounts
people-where = Where
people-first = First
people-last = Last
people-more = and { $n } who wrote less: look for them by name
people-from = from { $first }
people-from-to = from { $first } to { $last }
people-addresses = Accounts and addresses
people-at = at { $place }
people-number = number { $n }
people-else-of = { $who } at { $place } is somebody else
people-else = somebody else
people-one = Why they are one person
people-both = { $a } and { $b }
people-apart = Said not to be the same
people-works = Works for
people-did = What was done where
people-threads = Threads, the newest first
people-written = where it was written
people-not-right = Not right
people-mark = What they are
people-mark-do = Say so
people-same = The same person as number
people-same-do = One person
people-no-pair = No pair waits for a look
people-no-pair-how = What holds as evidence is linked; names alone are only suggested, here.
people-pair = One person?
people-pair-how = Nothing here is linked yet: a name or a login alone is not enough. j and k choose, c says the same person, m says they are two, s leaves it for later.
people-sure = sure
people-pair-same-of = { $a } and { $b } are the same person
people-pair-same = the same
people-pair-two-of = { $a } and { $b } are two people
people-pair-two = two people
people-pair-later-of = Leave { $a } and { $b } for later
people-pair-later = later
people-pair-more = { $n } more behind these
people-account = an account
people-no-judgement = a pair is the same person or not
people-no-judgement-next = back to the pairs
people-no-number = ‘{ $field }’ is no number of an account
people-no-kind = a member is one of { $kinds }
people-did-of = { $n } times { $act } in { $source }: each of them
people-messages-of = { $n ->
    [one] { $n } message
   *[other] { $n } messages
} of { $who }
people-accounts-of = { $n ->
    [one] { $n } account
   *[other] { $n } accounts
} of { $who }
