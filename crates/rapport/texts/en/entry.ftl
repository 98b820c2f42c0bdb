# The way in: the first account, logging in.

entry-title = The first account
entry-login = Log in
entry-welcome = Welcome. Who will lead this desk?
entry-with = Log in with { $host }
entry-or = or with a password of this desk:
entry-password = Password
entry-password-how = 10 characters or more; a few words in a row are easy to keep
entry-make = Make the account
entry-none = No account yet? Whoever runs the server makes one: { $command }
entry-wait = Too many wrong passwords. The next try counts in { $seconds } s.
entry-wrong = Name and password do not belong together.
entry-other-browser = This login began in another browser, or more than ten minutes ago. Begin again.
entry-other-login = This answer belongs to another login. Begin again.
entry-provider-no = The provider said no: { $why }
entry-other-provider = Another provider sent this answer.
entry-no-role = The provider knows you, and none of your groups has a role here. Whoever runs the server gives them one in { $file }.
entry-not-checked = The provider has not checked that this address is yours.
entry-no-name = The provider does not say how you are called ({ $claim }).
entry-name-taken = { $name } is the name of another account here. Whoever runs the server can free it: { $command }
