# The words of a statement in English. A new language is a copy of this file with the same messages under its own
# language code. Figures arrive formatted ($shown); $count only chooses the plural form.

## What it is

account-statement = Account statement
room-statement = Room statement
document-title-account = Statement { $period } – account { $account }
document-title-room = Statement { $period } – room { $room }
skip-to-content = Skip to the statement
revision = Revision { $number }

## The mini-guide's own words

account-number = Account Number
company-name = Company Name
billing-period = Billing Period
room-number = Room Number
cardholder = Cardholder
auto-billing-code = Auto Billing Code
accumulated-time = Accumulated Time
charge = Charge
total = Total
unallocated = Unallocated

## Columns

date = Date
start-time = Time
quantity = Quantity
service-type = Service Type
billing-code = Billing Code
length = Length
caller = Caller
caller-unknown = number withheld
joined = Joined
left = Left
duration = Duration
month = Month
conferences = Conferences
participants = Participants

## Sheets and columns of the workbook that pages do not have

sheet-summary = Summary
sheet-billing-codes = Billing codes
sheet-changes = Changes
sheet-trend = Trend
conference-id = Conference ID
conference-length = Conference length
late-month = Late from
charge-before = Charge before

## Counts

count-conferences = { $count ->
    [one] { $shown } conference
   *[other] { $shown } conferences
}
count-participants = { $count ->
    [one] { $shown } participant
   *[other] { $shown } participants
}
count-rooms = { $count ->
    [one] { $shown } room
   *[other] { $shown } rooms
}
count-idle-rooms = { $count ->
    [one] { $shown } room without usage
   *[other] { $shown } rooms without usage
}

## Sections

total-charge = Total Charge
what-it-is-made-of = Breakdown of the charge
by-service-type = By service type
by-billing-code = By billing code
month-by-month = Month by month
chart-charge = Charge per month
chart-time = Accumulated time per month
chart-point = { $month } – { $figure }
chart-more = { $list }; { $next }
compared-more = { $difference } more than in { $period }
compared-less = { $difference } less than in { $period }
compared-same = the same as in { $period }
rooms = Rooms
show-all-rooms = Show the other rooms
times-are-in = All times are in time zone { $zone }.
no-usage = No conferences in this month.
participants-in-workbook = The participants are listed in the Excel workbook.
conferences-in-workbook = The conferences are listed in the Excel workbook.
participants-on-request = The participants are too many for this page. Please ask us for a list.
conferences-on-request = The conferences are too many for this page. Please ask us for a list.

## Corrections

late-from = late, from { $period }
late-note = { $count ->
    [one] { $shown } line is late usage: its records reached us after its month was closed ({ $charge }). It is marked in the statement.
   *[other] { $shown } lines are late usage: their records reached us after their month was closed ({ $charge } in all). They are marked in the statement.
}
what-changed = What changed since revision { $number }
changed-total = The total was { $before } and is now { $after } ({ $difference }).
changed-nothing = All figures are those of revision { $number }; only the presentation is new.
changed-nothing-here = The figures of this room are those of revision { $number }.
change = Change
before = Before
after = Now
difference = Difference
added = added
removed = removed
corrected = corrected
changes-in-workbook = { $count ->
    [one] One more changed line is in the Excel workbook, sheet “{ $sheet }”.
   *[other] { $shown } more changed lines are in the Excel workbook, sheet “{ $sheet }”.
}
changes-on-request = { $count ->
    [one] One more changed line is not listed here. Please ask us for it.
   *[other] { $shown } more changed lines are not listed here. Please ask us for a list.
}

## Help and small print

base-tariff-notice = The amounts shown are calculated from your base tariff. Additional costs under special conditions of your contract, such as international access or event services, are not included, so the amounts may differ from those on your invoice.
for-assistance-call = For assistance please call { $phone }
for-assistance-write = You can write to us at { $email }
page-of = Page { $page } of { $pages }

## Mail

mail-subject-account = { $period } statement for account { $account }: { $charge }
mail-subject-room = { $period } statement for room { $room }: { $charge }
mail-subject-corrected = Corrected: { $subject }
mail-greeting = Hello { $name },
mail-greeting-plain = Hello,
mail-intro-account = Here is the { $period } audio-conferencing statement for { $company }.
mail-intro-room = Here is the { $period } audio-conferencing statement for your room { $room }.
mail-corrected = This is revision { $number }; it replaces the one sent before.
mail-preheader = { $period }: { $charge } · { $time } · { $conferences }
mail-more-rooms = and { $rooms } more
mail-attached = The detailed statement is attached to this email.
mail-linked = The statement is too large to attach to this email. You can download it here until { $expires }:
mail-download = Download the statement
mail-figure = { $name }: { $figure }
mail-on-request = The statement is too large to attach to this email. Please ask us for it.
mail-reason-account = You are receiving this message because you are registered as the owner of account { $account }.
mail-reason-room = You are receiving this message because you are registered as the cardholder of room { $room }.

## The operator's table of contents

index-title = Statements { $period }
index-search = Search
index-search-hint = Account, company, room, cardholder
index-account = Account
index-company = Company
index-room = Room
index-files = Files
index-revision = Revision
index-delivery = Delivery
index-more = Show more
index-shown = rows shown
