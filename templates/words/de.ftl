# Die Wörter einer Abrechnung auf Deutsch. Zahlen kommen fertig formatiert ($shown); $count wählt nur die Mehrzahl.

## Was es ist

account-statement = Kontoabrechnung
room-statement = Raumabrechnung
document-title-account = Abrechnung { $period } – Konto { $account }
document-title-room = Abrechnung { $period } – Raum { $room }
skip-to-content = Zur Abrechnung
revision = Fassung { $number }

## Die Wörter der Kurzanleitung

account-number = Kontonummer
company-name = Firma
billing-period = Abrechnungszeitraum
room-number = Raumnummer
cardholder = Inhaber
auto-billing-code = Fester Kostenschlüssel
accumulated-time = Summierte Zeit
charge = Betrag
total = Summe
unallocated = Nicht zugeordnet

## Spalten

date = Datum
start-time = Beginn
quantity = Anzahl
service-type = Dienst
billing-code = Kostenschlüssel
length = Dauer
caller = Anrufer
joined = Beitritt
left = Ende
duration = Dauer
month = Monat
conferences = Konferenzen
participants = Teilnehmer
share = Anteil

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
    [one] { $shown } Raum
   *[other] { $shown } Räume
}
count-idle-rooms = { $count ->
    [one] { $shown } Raum ohne Nutzung
   *[other] { $shown } Räume ohne Nutzung
}

## Abschnitte

total-charge = Gesamtbetrag
what-it-is-made-of = Woraus er besteht
by-service-type = Nach Dienst
by-billing-code = Nach Kostenschlüssel
month-by-month = Monat für Monat
chart-charge = Betrag je Monat
chart-time = Summierte Zeit je Monat
compared-more = { $difference } mehr als im { $period }
compared-less = { $difference } weniger als im { $period }
compared-same = so viel wie im { $period }
rooms = Räume
show-all-rooms = Alle Räume anzeigen
times-are-in = Uhrzeiten gelten in { $zone }.
no-usage = In diesem Monat fanden keine Konferenzen statt.
participants-elsewhere = Die Teilnehmer stehen in den Raumabrechnungen und in der Arbeitsmappe.
conferences-elsewhere = Die Konferenzen stehen in den Raumabrechnungen und in der Arbeitsmappe.
participants-in-workbook = Die Teilnehmer stehen in der Arbeitsmappe.
conferences-in-workbook = Die Konferenzen stehen in der Arbeitsmappe.

## Korrekturen

late-from = nachgereicht, { $period }
late-note = { $count ->
    [one] { $shown } Zeile gehört zu einem früheren Monat, dessen Nutzung erst nach seinem Abschluss eintraf: { $charge }. Sie ist unten gekennzeichnet.
   *[other] { $shown } Zeilen gehören zu früheren Monaten, deren Nutzung erst nach ihrem Abschluss eintraf: zusammen { $charge }. Sie sind unten gekennzeichnet.
}
what-changed = Was sich seit Fassung { $number } geändert hat
changed-total = Die Summe war { $before } und ist jetzt { $after } ({ $difference }).
changed-nothing = Alle Zahlen sind die der Fassung { $number }; nur die Darstellung ist neu.
changed-nothing-here = Die Zahlen dieses Raums sind die der Fassung { $number }.
change = Änderung
before = Vorher
after = Jetzt
difference = Unterschied
added = hinzugekommen
removed = entfallen
corrected = berichtigt
changes-elsewhere = { $count ->
    [one] Eine weitere geänderte Zeile steht in account.json.
   *[other] { $shown } weitere geänderte Zeilen stehen in account.json.
}

## Hilfe und Hinweise

base-tariff-notice = Die angezeigten Beträge sind nach Ihrem Grundtarif berechnet. Kosten aus besonderen Bedingungen Ihres Vertrags, etwa für internationale Einwahl oder betreute Veranstaltungen, sind hier nicht berechnet; die Beträge können daher von Ihrer Rechnung abweichen.
for-assistance-call = Hilfe erhalten Sie unter { $phone }
for-assistance-write = per E-Mail an { $email }
page-of = Seite { $page } von { $pages }

## Nachricht

mail-subject-account = Abrechnung { $period } für Konto { $account }: { $charge }
mail-subject-room = Abrechnung { $period } für Raum { $room }: { $charge }
mail-subject-corrected = Berichtigt: { $subject }
mail-greeting = Guten Tag { $name },
mail-greeting-plain = Guten Tag,
mail-intro-account = dies ist die Audiokonferenz-Abrechnung von { $company } für { $period }.
mail-intro-room = dies ist die Audiokonferenz-Abrechnung Ihres Raums { $room } für { $period }.
mail-corrected = Dies ist Fassung { $number }; sie ersetzt die zuvor gesandte.
mail-attached = Die Arbeitsmappe und die Seite mit allen Konferenzen sind angehängt.
mail-linked = Die Dateien sind zu groß für eine E-Mail. Sie können sie bis { $expires } hier herunterladen:
mail-download = Dateien herunterladen
mail-figure = { $name }: { $figure }
mail-on-request = Die Dateien sind zu groß für eine E-Mail. Bitte fordern Sie sie bei uns an.
mail-reason-account = Sie erhalten diese Nachricht, weil Sie als Inhaber des Kontos { $account } eingetragen sind.
mail-reason-room = Sie erhalten diese Nachricht, weil Sie als Inhaber des Raums { $room } eingetragen sind.

## Das Inhaltsverzeichnis des Betreibers

index-title = Abrechnungen { $period }
index-search = Suchen
index-search-hint = Konto, Firma, Raum, Inhaber
index-account = Konto
index-company = Firma
index-room = Raum
index-files = Dateien
index-revision = Fassung
index-delivery = Zustellung
index-more = Mehr anzeigen
index-shown = Zeilen angezeigt
