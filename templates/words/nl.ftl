# De woorden van een overzicht in het Nederlands. Cijfers komen opgemaakt binnen ($shown); $count kiest alleen het meervoud.

## Wat het is

account-statement = Accountoverzicht
room-statement = Ruimteoverzicht
document-title-account = Overzicht { $period } – account { $account }
document-title-room = Overzicht { $period } – ruimte { $room }
skip-to-content = Naar het overzicht
revision = Versie { $number }

## De woorden van de minigids

account-number = Accountnummer
company-name = Bedrijf
billing-period = Factureringsperiode
room-number = Ruimtenummer
cardholder = Kaarthouder
auto-billing-code = Vaste factureringscode
accumulated-time = Totale tijd
charge = Bedrag
total = Totaal
unallocated = Niet toegewezen

## Kolommen

date = Datum
start-time = Begin
quantity = Aantal
service-type = Soort dienst
billing-code = Factureringscode
length = Lengte
caller = Beller
joined = Binnen
left = Weg
duration = Duur
month = Maand
conferences = Conferenties
participants = Deelnemers
share = Aandeel

## Aantallen

count-conferences = { $count ->
    [one] { $shown } conferentie
   *[other] { $shown } conferenties
}
count-participants = { $count ->
    [one] { $shown } deelnemer
   *[other] { $shown } deelnemers
}
count-rooms = { $count ->
    [one] { $shown } ruimte
   *[other] { $shown } ruimtes
}
count-idle-rooms = { $count ->
    [one] { $shown } ruimte zonder gebruik
   *[other] { $shown } ruimtes zonder gebruik
}

## Onderdelen

total-charge = Totaalbedrag
what-it-is-made-of = Waaruit het bestaat
by-service-type = Per soort dienst
by-billing-code = Per factureringscode
month-by-month = Maand na maand
chart-charge = Bedrag per maand
chart-time = Totale tijd per maand
compared-more = { $difference } meer dan in { $period }
compared-less = { $difference } minder dan in { $period }
compared-same = evenveel als in { $period }
rooms = Ruimtes
show-all-rooms = Alle ruimtes tonen
times-are-in = Tijden zijn die van { $zone }.
no-usage = Geen conferenties in deze maand.
participants-elsewhere = De deelnemers staan in de ruimteoverzichten en in de werkmap.
conferences-elsewhere = De conferenties staan in de ruimteoverzichten en in de werkmap.
participants-in-workbook = De deelnemers staan in de werkmap.
conferences-in-workbook = De conferenties staan in de werkmap.

## Correcties

late-from = nagekomen, { $period }
late-note = { $count ->
    [one] { $shown } regel hoort bij een eerdere maand, waarvan het gebruik na het afsluiten binnenkwam: { $charge }. Hij is hieronder gemarkeerd.
   *[other] { $shown } regels horen bij eerdere maanden, waarvan het gebruik na het afsluiten binnenkwam: { $charge } in totaal. Ze zijn hieronder gemarkeerd.
}
what-changed = Wat er sinds versie { $number } is veranderd
changed-total = Het totaal was { $before } en is nu { $after } ({ $difference }).
changed-nothing = Alle cijfers zijn die van versie { $number }; alleen de weergave is nieuw.
changed-nothing-here = De cijfers van deze ruimte zijn die van versie { $number }.
change = Wijziging
before = Eerst
after = Nu
difference = Verschil
added = toegevoegd
removed = verwijderd
corrected = gecorrigeerd
changes-elsewhere = { $count ->
    [one] Nog één gewijzigde regel staat in account.json.
   *[other] Nog { $shown } gewijzigde regels staan in account.json.
}

## Hulp en kleine letters

base-tariff-notice = De getoonde bedragen zijn berekend op basis van uw basistarief. Kosten die voortkomen uit bijzondere voorwaarden van uw contract, zoals internationale toegang of evenementdiensten, zijn hier niet berekend; de bedragen kunnen daarom afwijken van uw factuur.
for-assistance-call = Voor hulp kunt u bellen met { $phone }
for-assistance-write = schrijven naar { $email }
page-of = Pagina { $page } van { $pages }

## Bericht

mail-subject-account = Overzicht { $period } voor account { $account }: { $charge }
mail-subject-room = Overzicht { $period } voor ruimte { $room }: { $charge }
mail-subject-corrected = Gecorrigeerd: { $subject }
mail-greeting = Beste { $name },
mail-greeting-plain = Goedendag,
mail-intro-account = hierbij het overzicht van de audioconferenties van { $company } voor { $period }.
mail-intro-room = hierbij het overzicht van de audioconferenties van uw ruimte { $room } voor { $period }.
mail-corrected = Dit is versie { $number }; deze vervangt de eerder verzonden versie.
mail-attached = De werkmap en de pagina met alle conferenties zijn bijgevoegd.
mail-linked = De bestanden zijn te groot voor een e-mail. U kunt ze hier downloaden tot { $expires }:
mail-download = Bestanden downloaden
mail-figure = { $name }: { $figure }
mail-on-request = De bestanden zijn te groot voor een e-mail. Vraag ze gerust bij ons aan.
mail-reason-account = U ontvangt dit bericht omdat u geregistreerd staat als beheerder van account { $account }.
mail-reason-room = U ontvangt dit bericht omdat u geregistreerd staat als kaarthouder van ruimte { $room }.

## De inhoudsopgave van de aanbieder

index-title = Overzichten { $period }
index-search = Zoeken
index-search-hint = Account, bedrijf, ruimte, kaarthouder
index-account = Account
index-company = Bedrijf
index-room = Ruimte
index-files = Bestanden
index-revision = Versie
index-delivery = Verzending
index-more = Meer tonen
index-shown = rijen getoond
