# The words of the online consultation in English.

portal-name = Online account information
portal-skip = Skip to the content
portal-way = Where you are
portal-to-start = To the first page

## The mini-guide's own words

portal-account-summary = Account Summary
portal-conference-list = Conference List
portal-room-display = Room Display
portal-active-rooms = Active room numbers
portal-all-rooms = All room numbers
portal-not-invoiced = Not Invoiced
portal-since = Since { $date }
portal-accumulated-short = Accum. Time
portal-download = Download

## Lists

portal-as-of = as of { $time }
portal-statement-revision = Statement, revision { $number }
portal-closed-empty = Closed without usage
portal-being-checked = Being checked
portal-checked-hint = The figures of this month are being checked. They will stand here once that is done.
portal-show = Show
portal-nothing-found = Nothing was found. Look for something else, or leave the search empty.
portal-rows = Rows { $first } to { $last } of { $all }
portal-pages = Pages
portal-previous = Previous
portal-next = Next
portal-unknown-caller = not transmitted
portal-participants-erased = The connections of this conference are no longer kept in full.
portal-statements = Statements
portal-replaced = replaced
portal-no-statements = There is no statement yet.
portal-your-accounts = Your accounts and rooms
portal-no-places = No account and no room is registered for your address at present.

## Signing in

portal-about = Here you see your use of our audio-conferencing service: the running month and the months before it.
portal-sign-in = Sign in
portal-sign-out = Sign out
portal-number = Account or room number
portal-number-hint = The account's number shows all of its rooms, a room's number that room.
portal-email = User name (your e-mail address)
portal-password = Password
portal-forgotten = No password yet, or forgotten?
portal-forgotten-title = Set a password
portal-forgotten-hint = We send you a link by which you can set a password, if the address is registered for this account or room.
portal-send-link = Send the link
portal-new-password = New password
portal-current-password = Present password
portal-change-password = Change the password
portal-set-password = Set the password
portal-password-hint = At least { $shortest } characters. A few words in a row that belong together for you alone are easy to remember.
portal-me = You
portal-sessions = Where you are signed in
portal-this-session = this browser
portal-session-times = since { $started }, last used { $seen }
portal-end-session = Sign out there
portal-end-sessions = Sign out everywhere else

## Messages

portal-wrong = Number, user name or password is not right.
portal-too-often = Too many attempts. Please wait a few minutes and try again.
portal-busy = Many people are signing in right now.
portal-signed-out = You are signed out.
portal-link-sent = Please look into your mailbox.
portal-link-sent-hint = If the address is registered for this account or room, a message with a link is on its way to it.
portal-link-used = This link was used already, or is no longer valid. Please ask for a new one.
portal-password-wrong = The present password is not right.
portal-password-short = This password is too short.
portal-password-long = This password is too long: 128 characters at most.
portal-password-weak = This password is easily guessed. Please choose another one.
portal-password-set = The password is set.
portal-sessions-ended = Signed out there.
portal-not-found = There is no such page.
portal-not-found-hint = Perhaps it was moved, or it is not for you.
portal-not-allowed = This address does not take that kind of request.
portal-too-large = That was too much at once.
portal-foreign = This form was sent from another website, and was not taken.
portal-broken = Something went wrong on our side.
portal-unavailable = The service is busy.
portal-try-again = Please try again in a moment.

## Mail

portal-mail-invite-subject = Your access to the online account information of { $brand }
portal-mail-invite-intro = { $brand } has opened the online account information for number { $number } to you. There you see your conferences and what they cost, month by month.
portal-mail-invite-action = Set your password
portal-mail-invite-ignore = If you did not expect this message, you need do nothing.
portal-mail-forgotten-subject = Set a new password: { $brand }
portal-mail-forgotten-intro = a new password for the online account information was asked for, for number { $number }.
portal-mail-forgotten-action = Set a new password
portal-mail-forgotten-ignore = If it was not you who asked, you need do nothing: your password stays as it is.
portal-mail-changed-subject = Your password was changed: { $brand }
portal-mail-changed-intro = the password of your access to the online account information has just been changed, and all browsers were signed out.
portal-mail-changed-action = Set another password
portal-mail-changed-ignore = If it was not you, set another password at once, and tell us.
portal-mail-valid = The link works once, until { $until }.
portal-mail-online = See this month online
