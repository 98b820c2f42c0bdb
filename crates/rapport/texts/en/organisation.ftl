# The organisation, and relations to its departments.

organisation-head = The organisation
organisation-none = No organisation is declared: departments are assumed, lines and interfaces are not judged. { $command } prints a file to begin with.
organisation-kind = An organisation of the kind “{ $kind }”, as its file says.
organisation-kind-else = An organisation of the kind “{ $kind }”, in force: { $force }.
organisation-chart = { $departments ->
    [one] { $departments } department
   *[other] { $departments } departments
} and { $people ->
    [one] { $people } person
   *[other] { $people } people
} with their lines and interfaces; the lists below say the same.
organisation-line = reports to
organisation-interface = interface that lives
organisation-dark = interface gone quiet
organisation-well = Nothing is wrong with it
organisation-why = why
organisation-clause = The definition: { $clause }
organisation-lean = Whom the work is for
organisation-share = Share
organisation-bar = Bar
organisation-expected = Expected
organisation-departments = Departments and interfaces
organisation-fit = A line to it
organisation-owner = Owner of feedback
organisation-decides = Decides in
organisation-interfaces = Interfaces
organisation-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
organisation-kept-by = kept by { $who }
organisation-quiet = quiet
organisation-reports = reports to { $whom }
organisation-reports-nobody = reports to nobody
organisation-if = What another line would do
organisation-if-words = In words
organisation-if-example = line of NAME to DEPARTMENT
organisation-relations = Relations to the departments
organisation-roster = Who is a practitioner
organisation-check = Check the file
organisation-no-owner = no owner
organisation-waits = { $n ->
    [one] { $n } person waits
   *[other] { $n } people wait
}
organisation-relations-none = No department is known yet. They come from { $file }, and from { $feedback } that is delivered to somebody.
    .file = the organisation’s file
    .feedback = feedback
organisation-delivered = Delivered
organisation-decided = Decided
organisation-declined = Declined
organisation-shipped = Shipped
organisation-told = Told
organisation-to-decide = To decide
organisation-to-ship = To ship
organisation-ours = Last from us
organisation-theirs = From them
organisation-for = for { $span }
organisation-relations-words = In words, and by period
organisation-never = never
organisation-relations-title = Relations
organisation-waits-in = thread { $n }, which waits
