# Die Wörter einer Abrechnung auf Deutsch. Zahlen kommen fertig formatiert ($shown); $count wählt nur die Mehrzahl.

## Was es ist

account-statement = Nutzungsübersicht Kundenkonto
room-statement = Nutzungsübersicht Konferenzraum
document-title-account = Nutzungsübersicht { $period } – Konto { $account }
document-title-room = Nutzungsübersicht { $period } – Konferenzraum { $room }
skip-to-content = Zur Nutzungsübersicht
revision = Fassung { $number }

## Die Wörter der Kurzanleitung

account-number = Kundenkonto
company-name = Firma
billing-period = Abrechnungszeitraum
room-number = Raum-Nr.
cardholder = Moderator
auto-billing-code = Fester Abrechnungscode
accumulated-time = Gesamtdauer
charge = Betrag
total = Summe
unallocated = Nicht zugeordnet

## Spalten

date = Datum
start-time = Beginn
quantity = Teilnehmer
service-type = Dienst
billing-code = Abrechnungscode
length = Dauer
caller = Anrufer
caller-unknown = Rufnummer unterdrückt
joined = Einwahl
left = Ende
duration = Dauer
month = Monat
conferences = Konferenzen
participants = Teilnehmer

## Blätter und Spalten der Excel-Datei, die es auf Seiten nicht gibt

sheet-summary = Übersicht
sheet-billing-codes = Abrechnungscodes
sheet-changes = Änderungen
sheet-trend = Entwicklung
conference-id = Konferenz-ID
conference-length = Dauer der Konferenz
late-month = Nachgereicht aus
charge-before = Betrag vorher

## Anzahlen

count-conferences = { $count ->
    [one] { $shown } Konferenz
   *[other] { $shown } Konferenzen
}
count-participants = { $count ->
    [one] { $shown } Teilnehmer
   *[other] { $shown } Teilnehmer
}
count-rooms = { $count ->
    [one] { $shown } Konferenzraum
   *[other] { $shown } Konferenzräume
}
count-idle-rooms = { $count ->
    [one] { $shown } Konferenzraum ohne Nutzung
   *[other] { $shown } Konferenzräume ohne Nutzung
}

## Abschnitte

total-charge = Gesamtbetrag
what-it-is-made-of = Zusammensetzung des Betrags
by-service-type = Nach Dienst
by-billing-code = Nach Abrechnungscode
month-by-month = Entwicklung der letzten Monate
chart-charge = Betrag je Monat
chart-time = Gesamtdauer je Monat
chart-point = { $month } – { $figure }
chart-more = { $list }; { $next }
compared-more = { $difference } mehr als im { $period }
compared-less = { $difference } weniger als im { $period }
compared-same = genauso viel wie im { $period }
rooms = Konferenzräume
show-all-rooms = Weitere Räume anzeigen
times-are-in = Alle Uhrzeiten in der Zeitzone { $zone }.
no-usage = In diesem Monat fanden keine Konferenzen statt.
participants-in-workbook = Die Teilnehmer stehen in der Excel-Datei.
conferences-in-workbook = Die Konferenzen stehen in der Excel-Datei.
participants-on-request = Für diese Seite sind es zu viele Teilnehmer. Eine Liste erhalten Sie auf Anfrage.
conferences-on-request = Für diese Seite sind es zu viele Konferenzen. Eine Liste erhalten Sie auf Anfrage.

## Korrekturen

late-from = nachgereicht, { $period }
late-note = { $count ->
    [one] { $shown } Zeile betrifft frühere Nutzung, deren Daten erst nach dem Monatsabschluss eingegangen sind: { $charge }. Sie ist in der Übersicht gekennzeichnet.
   *[other] { $shown } Zeilen betreffen frühere Nutzung, deren Daten erst nach dem Monatsabschluss eingegangen sind: zusammen { $charge }. Sie sind in der Übersicht gekennzeichnet.
}
what-changed = Was sich seit Fassung { $number } geändert hat
changed-total = Die Summe betrug { $before } und beträgt jetzt { $after } ({ $difference }).
changed-nothing = Alle Zahlen sind die der Fassung { $number }; nur die Darstellung ist neu.
changed-nothing-here = Die Zahlen dieses Raums sind die der Fassung { $number }.
change = Änderung
before = Vorher
after = Jetzt
difference = Unterschied
added = hinzugekommen
removed = entfallen
corrected = berichtigt
changes-in-workbook = { $count ->
    [one] Eine weitere geänderte Zeile steht in der Excel-Datei, Blatt „{ $sheet }“.
   *[other] { $shown } weitere geänderte Zeilen stehen in der Excel-Datei, Blatt „{ $sheet }“.
}
changes-on-request = { $count ->
    [one] Eine weitere geänderte Zeile ist hier nicht aufgeführt. Sie erhalten sie auf Anfrage.
   *[other] { $shown } weitere geänderte Zeilen sind hier nicht aufgeführt. Eine Liste erhalten Sie auf Anfrage.
}

## Hilfe und Hinweise

base-tariff-notice = Die angezeigten Beträge sind nach Ihrem Grundtarif berechnet. Kosten aus besonderen Bedingungen Ihres Vertrags, etwa für internationale Einwahl oder betreute Veranstaltungen, sind darin nicht enthalten; die Beträge können daher von denen Ihrer Rechnung abweichen.
for-assistance-call = Hilfe erhalten Sie unter { $phone }
for-assistance-write = Per E-Mail erreichen Sie uns unter { $email }
page-of = Seite { $page } von { $pages }

## Nachricht

mail-subject-account = Nutzungsübersicht { $period } für Konto { $account }: { $charge }
mail-subject-room = Nutzungsübersicht { $period } für Konferenzraum { $room }: { $charge }
mail-subject-corrected = Berichtigt: { $subject }
mail-greeting = Guten Tag { $name },
mail-greeting-plain = Guten Tag,
mail-intro-account = hier ist die Nutzungsübersicht Ihrer Audiokonferenzen ({ $company }) für { $period }.
mail-intro-room = hier ist die Nutzungsübersicht Ihres Konferenzraums { $room } für { $period }.
mail-corrected = Dies ist Fassung { $number }; sie ersetzt die zuvor versandte.
mail-preheader = { $period }: { $charge } · { $time } · { $conferences }
mail-more-rooms = und { $rooms } mehr
mail-attached = Die ausführliche Nutzungsübersicht ist dieser Nachricht beigefügt.
mail-linked = Die Nutzungsübersicht ist zu groß, um sie dieser Nachricht beizufügen. Sie können sie bis zum { $expires } hier herunterladen:
mail-download = Nutzungsübersicht herunterladen
mail-figure = { $name }: { $figure }
mail-on-request = Die Nutzungsübersicht ist zu groß, um sie dieser Nachricht beizufügen. Bitte fordern Sie sie bei uns an.
mail-reason-account = Sie erhalten diese Nachricht, weil Sie als Inhaber des Kontos { $account } eingetragen sind.
mail-reason-room = Sie erhalten diese Nachricht, weil Sie als Moderator des Konferenzraums { $room } eingetragen sind.

## Das Inhaltsverzeichnis des Betreibers

index-title = Nutzungsübersichten { $period }
index-search = Suchen
index-search-hint = Konto, Firma, Raum, Moderator
index-account = Konto
index-company = Firma
index-room = Raum
index-files = Dateien
index-revision = Fassung
index-delivery = Zustellung
index-more = Mehr anzeigen
index-shown = Zeilen angezeigt
