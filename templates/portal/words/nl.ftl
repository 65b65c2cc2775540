# The words of the online consultation in Dutch.

portal-name = Accountinformatie online
portal-skip = Naar de inhoud
portal-way = Waar u bent
portal-to-start = Naar de eerste pagina

## The mini-guide's own words

portal-account-summary = Overzicht van het account
portal-conference-list = Lijst van conferenties
portal-room-display = Getoonde ruimtes
portal-active-rooms = Gebruikte ruimtes
portal-all-rooms = Alle ruimtes
portal-not-invoiced = Niet gefactureerd
portal-since = Sinds { $date }
portal-accumulated-short = Totale tijd
portal-download = Downloaden

## Lists

portal-as-of = stand { $time }
portal-statement-revision = Afrekening, revisie { $number }
portal-closed-empty = Afgesloten zonder gebruik
portal-being-checked = Wordt gecontroleerd
portal-checked-hint = De cijfers van deze maand worden gecontroleerd. Daarna staan ze hier.
portal-show = Tonen
portal-nothing-found = Niets gevonden. Zoek iets anders, of laat het zoekveld leeg.
portal-rows = Regels { $first } tot { $last } van { $all }
portal-pages = Pagina’s
portal-previous = Vorige
portal-next = Volgende
portal-unknown-caller = niet doorgegeven
portal-participants-erased = De verbindingen van deze conferentie worden niet meer volledig bewaard.
portal-statements = Afrekeningen
portal-replaced = vervangen
portal-no-statements = Er is nog geen afrekening.
portal-your-accounts = Uw accounts en ruimtes
portal-no-places = Voor uw adres is op dit moment geen account en geen ruimte geregistreerd.

## Signing in

portal-about = Hier ziet u uw gebruik van onze audioconferentiedienst: de lopende maand en de maanden ervoor.
portal-sign-in = Aanmelden
portal-sign-out = Afmelden
portal-number = Account- of ruimtenummer
portal-number-hint = Het accountnummer toont alle ruimtes, een ruimtenummer die ruimte.
portal-email = Gebruikersnaam (uw e-mailadres)
portal-password = Wachtwoord
portal-forgotten = Nog geen wachtwoord, of vergeten?
portal-forgotten-title = Een wachtwoord instellen
portal-forgotten-hint = Wij sturen u een link waarmee u een wachtwoord kunt instellen, als het adres voor dit account of deze ruimte is geregistreerd.
portal-send-link = Link sturen
portal-new-password = Nieuw wachtwoord
portal-current-password = Huidig wachtwoord
portal-change-password = Wachtwoord wijzigen
portal-set-password = Wachtwoord opslaan
portal-password-hint = Minstens { $shortest } tekens. Een paar woorden die alleen voor u bij elkaar horen, onthoudt u gemakkelijk.
portal-me = U
portal-sessions = Waar u bent aangemeld
portal-this-session = deze browser
portal-session-times = sinds { $started }, laatst gebruikt { $seen }
portal-end-session = Daar afmelden
portal-end-sessions = Overal elders afmelden

## Messages

portal-wrong = Het nummer, de gebruikersnaam of het wachtwoord klopt niet.
portal-too-often = Te veel pogingen. Wacht een paar minuten en probeer het opnieuw.
portal-busy = Er melden zich nu veel mensen aan.
portal-signed-out = U bent afgemeld.
portal-link-sent = Kijk in uw mailbox.
portal-link-sent-hint = Als het adres voor dit account of deze ruimte is geregistreerd, is er een bericht met een link onderweg.
portal-link-used = Deze link is al gebruikt of niet meer geldig. Vraag een nieuwe aan.
portal-password-wrong = Het huidige wachtwoord klopt niet.
portal-password-short = Dit wachtwoord is te kort.
portal-password-long = Dit wachtwoord is te lang: hoogstens 128 tekens.
portal-password-weak = Dit wachtwoord is makkelijk te raden. Kies een ander.
portal-password-set = Het wachtwoord is opgeslagen.
portal-sessions-ended = Daar afgemeld.
portal-not-found = Deze pagina bestaat niet.
portal-not-found-hint = Misschien is ze verplaatst, of is ze niet voor u bedoeld.
portal-not-allowed = Dit adres neemt zulke verzoeken niet aan.
portal-too-large = Dat was te veel in één keer.
portal-foreign = Dit formulier kwam van een andere website en is niet aangenomen.
portal-broken = Er ging bij ons iets mis.
portal-unavailable = De dienst is bezet.
portal-try-again = Probeer het zo dadelijk opnieuw.

## Mail

portal-mail-invite-subject = Uw toegang tot de accountinformatie van { $brand }
portal-mail-invite-intro = { $brand } heeft de accountinformatie online voor nummer { $number } voor u geopend. Daar ziet u uw conferenties en wat ze kosten, maand voor maand.
portal-mail-invite-action = Stel uw wachtwoord in
portal-mail-invite-ignore = Als u dit bericht niet verwachtte, hoeft u niets te doen.
portal-mail-forgotten-subject = Nieuw wachtwoord: { $brand }
portal-mail-forgotten-intro = er is een nieuw wachtwoord gevraagd voor de accountinformatie online, nummer { $number }.
portal-mail-forgotten-action = Stel een nieuw wachtwoord in
portal-mail-forgotten-ignore = Als u dit niet was, hoeft u niets te doen: uw wachtwoord blijft zoals het is.
portal-mail-changed-subject = Uw wachtwoord is gewijzigd: { $brand }
portal-mail-changed-intro = het wachtwoord van uw toegang tot de accountinformatie is zojuist gewijzigd, en alle browsers zijn afgemeld.
portal-mail-changed-action = Stel een ander wachtwoord in
portal-mail-changed-ignore = Als u dit niet was, stel dan meteen een ander wachtwoord in en laat het ons weten.
portal-mail-valid = De link werkt één keer, tot { $until }.
portal-mail-online = Deze maand online bekijken
