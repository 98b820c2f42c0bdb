# The page of any verb: its form, and its answer as tables.

any-nothing = nothing
any-more = and { $n } more
any-no-verb = there is no verb ‘{ $verb }’ here
any-no-verb-next = Everything lists them
any-head = Everything the desk can do
any-look = Look
any-do = Do
any-http = The same over HTTP:
any-do-it = Do it
any-table = As a table
