# The public page of what was asked for.

asks-head = What developers asked for, and what became of it
asks-none = Nothing to show yet.
asks-shipped = Shipped
asks-planned = Planned
asks-looked-at = Being looked at
asks-not-planned = Not planned
asks-in = in { $release }, { $day }
asks-since = since { $day }
asks-title = What was asked for
asks-away = This page is away for a moment.
