# The words of the online consultation in English.

portal-name = Online account information
portal-skip = Skip to the content
portal-way = Where you are
portal-to-start = Go to the start page

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
portal-behind = newer usage is being added up
portal-statement-revision = Statement, revision { $number }
portal-closed-empty = Closed without usage
portal-being-checked = Being checked
portal-checked-hint = The figures of this month are being checked. They will appear here as soon as this is done.
portal-show = Show
portal-nothing-found = Nothing was found. Try another search, or leave the field empty.
portal-rows = Rows { $first } to { $last } of { $all }
portal-pages = Pages
portal-previous = Previous
portal-next = Next
portal-participants-erased = The connection details of this conference are no longer kept in full.
portal-statements = Statements
portal-replaced = replaced
portal-no-statements = There are no statements yet.
portal-your-accounts = Your accounts and rooms
portal-no-places = No account or room is registered for your address at present.

## Signing in

portal-about = See your use of our audio-conferencing service: the current month and the months before it.
portal-sign-in = Sign in
portal-sign-out = Sign out
portal-number = Account or room number
portal-number-hint = An account number shows all of its rooms, a room number that room only.
portal-email = User name (your email address)
portal-password = Password
portal-forgotten = No password yet, or forgotten?
portal-forgotten-title = Set a password
portal-forgotten-hint = If the address is registered for this account or room, we will send you a link to set a password.
portal-send-link = Send the link
portal-new-password = New password
portal-current-password = Current password
portal-change-password = Change password
portal-set-password = Save password
portal-password-hint = At least { $shortest } characters. A few words that only you would put together are easy to remember.
portal-me = Your profile
portal-sessions = Where you are signed in
portal-this-session = this browser
portal-session-times = since { $started }, last used { $seen }
portal-end-session = Sign out there
portal-end-sessions = Sign out everywhere else

## Messages

portal-wrong = The number, user name or password is not correct.
portal-too-often = Too many attempts. Please wait a few minutes and try again.
portal-busy = Many people are signing in right now.
portal-signed-out = You have signed out.
portal-link-sent = Please check your mailbox.
portal-link-sent-hint = If the address is registered for this account or room, a message with a link is on its way to it.
portal-link-used = This link has already been used or has expired. Please request a new one.
portal-password-wrong = The current password is not correct.
portal-password-short = This password is too short.
portal-password-long = This password is too long: 128 characters at most.
portal-password-weak = This password is easy to guess. Please choose another one.
portal-password-set = Your password has been saved.
portal-sessions-ended = The other browser has been signed out.
portal-not-found = This page does not exist.
portal-not-found-hint = It may have been moved, or you may not have access to it.
portal-not-allowed = This address does not accept this kind of request.
portal-too-large = The request is too large.
portal-foreign = This form was sent from another website and has not been accepted.
portal-broken = Something went wrong on our side.
portal-unavailable = The service is busy.
portal-try-again = Please try again in a moment.

## Billing codes

portal-save = Save
portal-undo = Undo
portal-back = Back to the list
portal-try-again-button = Try again
portal-codes = Billing codes
portal-code-any = All
portal-code-none = No code
portal-code-own = the code of the call
portal-code-give = Give a billing code
portal-code-hint = Leave it empty to take the code away.
portal-code-selected = Give it to the selected ones
portal-code-all = Give it to all that are listed ({ $count })
portal-code-tick = Select
portal-code-tick-all = Select all on this page
portal-code-given = Conferences that now have the code { $code }: { $count }.
portal-code-taken = Conferences whose code was taken away: { $count }.
portal-code-back = Conferences that have their earlier code again: { $count }.
portal-code-left = Changed by someone since, and left as they are: { $count }.
portal-code-nothing = There was nothing to change.
portal-code-then = on the statement: { $code }
portal-code-on-statement = Code on statement
portal-on-statement = On the statement
portal-code-now = Code now
portal-code-history = Changes of the code
portal-code-others = Other codes ({ $count })
portal-code-undone = (taken back)
portal-code-lacking = { $count } of { $all } conferences have no billing code.
portal-code-not-changed = The code was not changed
portal-code-overtaken = Someone else has changed these conferences since you saw them. Nothing was changed: look at the list once more.
portal-codes-overtaken = Someone else has changed the list meanwhile. Yours was not saved: this is how it is now.
portal-code-busy = This account is being worked on, for example its month is being closed. Nothing was changed: please try again in a moment.
portal-code-not-listed = The list of billing codes has no such code.
portal-code-almost = There is already a code { $code }, which is written almost the same. Which one do you mean?
portal-code-use = Take
portal-code-locked = Codes of a month that is closed cannot be changed.
portal-code-too-old = This conference lies too far back: its code can no longer be changed.
portal-code-owners-only = In this account only its owner gives billing codes.
portal-code-too-many = These are too many conferences at once: search for fewer.
portal-code-none-chosen = No conference was selected.
portal-code-bad = This cannot be a billing code: { $code }
portal-codes-hint = Billing codes distribute the cost of conferences; they never change an amount.
portal-codes-policy = Which codes can be given
portal-codes-free = Any code
portal-codes-listed = Only codes of the list
portal-codes-list = List of codes
portal-codes-list-hint = One code on each line. A code that is no longer listed stays where it was given.
portal-codes-required = Point out conferences without a code
portal-codes-cardholders = Cardholders may give codes to the conferences of their rooms
portal-codes-saved = The list is saved.
portal-codes-changed = Billing codes were changed since
portal-revise = Issue a revised statement
portal-revise-hint = The statement that was sent stays as it is. A new revision with the codes of now takes its place and is mailed; it lists these lines.
portal-revise-charge = Total charge before: { $before }, then: { $after }.
portal-revise-more = Further lines: { $count }
portal-revise-asked = The revised statement is being made. It will stand in the list in a moment.
portal-revise-soon = A revised statement of this month was made less than an hour ago. Please try again later.
portal-revise-nothing = A revised statement would show the same.
portal-revise-blocked = The statement cannot be revised at present. Please ask us.

## Second factor

portal-second-factor = Second factor
portal-second-factor-hint = Besides the password, a code of an app is asked for when you sign in. So a password alone opens nothing.
portal-second-factor-set = Set it up or take it away
portal-second-factor-on = Set up
portal-second-factor-off = Take it away
portal-second-factor-app = Add this account to an authenticator app, then type the code that it shows.
portal-second-factor-open = Open in the app on this device
portal-second-factor-key = Key to type in on another device:
portal-second-factor-confirm = Confirm
portal-second-factor-is-on = The second factor is set up.
portal-recovery-hint = Keep these codes in a safe place: each of them works once instead of the app. They are shown only now.
portal-recovery-left = Recovery codes that are left: { $count }
portal-one-time-code = Code of the app
portal-code-ask = Type the code that your app shows, or one of your recovery codes.
portal-code-wrong = This code is not right, or was used already. Wait for the next one.

## Mail

portal-mail-invite-subject = Your access to the online account information of { $brand }
portal-mail-invite-intro = { $brand } has given you access to the online account information for number { $number }. It shows your conferences and what they cost, month by month.
portal-mail-invite-action = Set your password
portal-mail-invite-ignore = If you were not expecting this message, you can ignore it.
portal-mail-forgotten-subject = Set a new password: { $brand }
portal-mail-forgotten-intro = A new password has been requested for the online account information, number { $number }.
portal-mail-forgotten-action = Set a new password
portal-mail-forgotten-ignore = If you did not request it, you can ignore this message: your password stays the same.
portal-mail-changed-subject = Your password was changed: { $brand }
portal-mail-changed-intro = The password for your online account information has just been changed, and all browsers have been signed out.
portal-mail-changed-action = Set another password
portal-mail-changed-ignore = If this was not you, set another password at once and let us know.
portal-mail-valid = The link works once, until { $until }.
portal-mail-online = View this month online
