# De woorden van een overzicht in het Nederlands. Cijfers komen opgemaakt binnen ($shown); $count kiest alleen het meervoud.

## Wat het is

account-statement = Accountoverzicht
room-statement = Overzicht conferentieruimte
document-title-account = Overzicht { $period } – account { $account }
document-title-room = Overzicht { $period } – conferentieruimte { $room }
skip-to-content = Naar het overzicht
revision = Versie { $number }

## De woorden van de minigids

account-number = Accountnummer
company-name = Bedrijf
billing-period = Factureringsperiode
room-number = Ruimte
cardholder = Moderator
auto-billing-code = Vaste factureringscode
accumulated-time = Opgetelde duur
charge = Bedrag
total = Totaal
unallocated = Niet toegewezen

## Kolommen

date = Datum
start-time = Begin
quantity = Deelnemers
service-type = Soort dienst
billing-code = Factureringscode
length = Duur
caller = Beller
caller-unknown = nummer afgeschermd
joined = Ingebeld
left = Opgehangen
duration = Duur
month = Maand
conferences = Conferenties
participants = Deelnemers

## Bladen en kolommen van het bestand die niet op pagina’s staan

sheet-summary = Samenvatting
sheet-billing-codes = Factureringscodes
sheet-changes = Wijzigingen
sheet-trend = Verloop
conference-id = Conferentie-ID
conference-length = Duur van de conferentie
late-month = Nagekomen van
charge-before = Bedrag voorheen

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
what-it-is-made-of = Specificatie van het bedrag
by-service-type = Per soort dienst
by-billing-code = Per factureringscode
month-by-month = Maandoverzicht
chart-charge = Bedrag per maand
chart-time = Opgetelde duur per maand
chart-point = { $month } – { $figure }
chart-more = { $list }; { $next }
compared-more = { $difference } meer dan in { $period }
compared-less = { $difference } minder dan in { $period }
compared-same = evenveel als in { $period }
rooms = Conferentieruimtes
show-all-rooms = Overige ruimtes tonen
times-are-in = Alle tijden in tijdzone { $zone }.
no-usage = Geen conferenties in deze maand.
participants-in-workbook = De deelnemers staan in het Excel-bestand.
conferences-in-workbook = De conferenties staan in het Excel-bestand.
participants-on-request = Er zijn te veel deelnemers om hier te tonen. U kunt de lijst bij ons opvragen.
conferences-on-request = Er zijn te veel conferenties om hier te tonen. U kunt de lijst bij ons opvragen.

## Correcties

late-from = nagekomen, { $period }
late-note = { $count ->
    [one] { $shown } regel betreft gebruik waarvan de gegevens pas na afsluiting van de maand zijn ontvangen: { $charge }. Deze is in het overzicht gemarkeerd.
   *[other] { $shown } regels betreffen gebruik waarvan de gegevens pas na afsluiting van de maand zijn ontvangen: { $charge } in totaal. Ze zijn in het overzicht gemarkeerd.
}
what-changed = Wat er sinds versie { $number } is veranderd
changed-total = Het totaal bedroeg { $before } en bedraagt nu { $after } ({ $difference }).
changed-nothing = Alle cijfers zijn die van versie { $number }; alleen de weergave is nieuw.
changed-nothing-here = De cijfers van deze ruimte zijn die van versie { $number }.
change = Wijziging
before = Was
after = Nu
difference = Verschil
added = toegevoegd
removed = verwijderd
corrected = gecorrigeerd
changes-in-workbook = { $count ->
    [one] Nog één gewijzigde regel staat in het Excel-bestand, blad ‘{ $sheet }’.
   *[other] Nog { $shown } gewijzigde regels staan in het Excel-bestand, blad ‘{ $sheet }’.
}
changes-on-request = { $count ->
    [one] Nog één gewijzigde regel is hier niet vermeld. U kunt deze bij ons opvragen.
   *[other] Nog { $shown } gewijzigde regels zijn hier niet vermeld. U kunt de lijst bij ons opvragen.
}

## Hulp en kleine letters

base-tariff-notice = De getoonde bedragen zijn berekend op basis van uw basistarief. Kosten die voortvloeien uit bijzondere voorwaarden van uw contract, zoals internationale toegang of diensten voor evenementen, zijn hierin niet inbegrepen; de bedragen kunnen daarom afwijken van die op uw factuur.
for-assistance-call = Voor hulp kunt u bellen naar { $phone }
for-assistance-write = Per e-mail bereikt u ons via { $email }
page-of = Pagina { $page } van { $pages }

## Bericht

mail-subject-account = Overzicht { $period } voor account { $account }: { $charge }
mail-subject-room = Overzicht { $period } voor conferentieruimte { $room }: { $charge }
mail-subject-corrected = Gecorrigeerd: { $subject }
mail-greeting = Beste { $name },
mail-greeting-plain = Goedendag,
mail-intro-account = Hierbij het overzicht van de audioconferenties van { $company } voor { $period }.
mail-intro-room = Hierbij het overzicht van de audioconferenties van uw conferentieruimte { $room } voor { $period }.
mail-corrected = Dit is versie { $number }; deze vervangt de eerder verzonden versie.
mail-preheader = { $period }: { $charge } · { $time } · { $conferences }
mail-more-rooms = en nog { $rooms }
mail-attached = Het gedetailleerde overzicht is bijgevoegd.
mail-linked = Het overzicht is te groot om bij dit bericht te voegen. U kunt het hier downloaden tot { $expires }:
mail-download = Overzicht downloaden
mail-figure = { $name }: { $figure }
mail-on-request = Het overzicht is te groot om bij dit bericht te voegen. Vraag het gerust bij ons aan.
mail-reason-account = U ontvangt dit bericht omdat u geregistreerd staat als beheerder van account { $account }.
mail-reason-room = U ontvangt dit bericht omdat u geregistreerd staat als moderator van conferentieruimte { $room }.

## De inhoudsopgave van de aanbieder

index-title = Overzichten { $period }
index-search = Zoeken
index-search-hint = Account, bedrijf, ruimte, moderator
index-account = Account
index-company = Bedrijf
index-room = Ruimte
index-files = Bestanden
index-revision = Versie
index-delivery = Verzending
index-more = Meer tonen
index-shown = rijen getoond
