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

## Factureringscodes

portal-save = Opslaan
portal-undo = Ongedaan maken
portal-back = Terug naar de lijst
portal-try-again-button = Opnieuw proberen
portal-codes = Factureringscodes
portal-code-any = Alle
portal-code-none = Geen code
portal-code-own = de code van de verbinding
portal-code-give = Factureringscode toekennen
portal-code-hint = Laat leeg om de code weg te halen.
portal-code-selected = Aan de geselecteerde toekennen
portal-code-all = Aan alle in de lijst toekennen ({ $count })
portal-code-tick = Selecteren:
portal-code-tick-all = Alles op deze pagina selecteren
portal-code-given = Conferenties die nu de code { $code } hebben: { $count }.
portal-code-taken = Conferenties waarvan de code is weggehaald: { $count }.
portal-code-back = Conferenties die hun eerdere code terug hebben: { $count }.
portal-code-left = Intussen door iemand gewijzigd en zo gelaten: { $count }.
portal-code-nothing = Er viel niets te wijzigen.
portal-code-then = op de afrekening: { $code }
portal-code-on-statement = Code op de afrekening
portal-on-statement = Op de afrekening
portal-code-now = Code nu
portal-code-history = Wijzigingen van de code
portal-code-undone = (ongedaan gemaakt)
portal-code-lacking = { $count } van de { $all } conferenties hebben geen factureringscode.
portal-code-not-changed = De code is niet gewijzigd
portal-code-overtaken = Iemand anders heeft deze conferenties gewijzigd nadat u ze hebt gezien. Er is niets gewijzigd: bekijk de lijst opnieuw.
portal-codes-overtaken = Iemand anders heeft de lijst intussen gewijzigd. De uwe is niet opgeslagen: zo staat ze er nu voor.
portal-code-busy = Aan dit account wordt gewerkt, de maand wordt bijvoorbeeld afgesloten. Er is niets gewijzigd: probeer het zo dadelijk opnieuw.
portal-code-not-listed = Deze code staat niet in de lijst met factureringscodes.
portal-code-almost = Er is al een code { $code }, die bijna hetzelfde wordt geschreven. Welke bedoelt u?
portal-code-use = Neem
portal-code-locked = Codes van een afgesloten maand kunnen niet worden gewijzigd.
portal-code-too-old = Deze conferentie ligt te ver terug: de code kan niet meer worden gewijzigd.
portal-code-owners-only = Bij dit account kent alleen de eigenaar factureringscodes toe.
portal-code-too-many = Dat zijn te veel conferenties tegelijk: verfijn de zoekopdracht.
portal-code-none-chosen = Er is geen conferentie geselecteerd.
portal-code-bad = Dit kan geen factureringscode zijn: { $code }
portal-codes-hint = Factureringscodes verdelen de kosten van conferenties; ze wijzigen nooit een bedrag.
portal-codes-policy = Welke codes kunnen worden toegekend
portal-codes-free = Elke code
portal-codes-listed = Alleen codes uit de lijst
portal-codes-list = Lijst met codes
portal-codes-list-hint = Eén code per regel. Een code die niet meer in de lijst staat, blijft waar hij is toegekend.
portal-codes-required = Conferenties zonder code aangeven
portal-codes-cardholders = Moderatoren mogen codes toekennen aan de conferenties van hun ruimtes
portal-codes-saved = De lijst is opgeslagen.
portal-codes-changed = Sindsdien zijn factureringscodes gewijzigd
portal-revise = Herziene afrekening opmaken
portal-revise-hint = De verzonden afrekening blijft zoals ze is. Een nieuwe versie met de huidige codes komt ervoor in de plaats en wordt verzonden; ze vermeldt deze regels.
portal-revise-charge = Totaalbedrag eerst: { $before }, daarna: { $after }.
portal-revise-more = Meer regels: { $count }
portal-revise-asked = De herziene afrekening wordt gemaakt. Ze staat zo dadelijk in de lijst.
portal-revise-soon = Minder dan een uur geleden is een herziene afrekening van deze maand gemaakt. Probeer het later opnieuw.
portal-revise-nothing = Een herziene afrekening zou hetzelfde tonen.
portal-revise-blocked = De afrekening kan momenteel niet worden herzien. Neem contact met ons op.

## Tweede factor

portal-second-factor = Tweede factor
portal-second-factor-hint = Naast het wachtwoord wordt bij het aanmelden een code uit een app gevraagd. Het wachtwoord alleen volstaat dan niet.
portal-second-factor-set = Instellen of weghalen
portal-second-factor-on = Instellen
portal-second-factor-off = Weghalen
portal-second-factor-app = Voeg dit account toe aan een authenticator-app en typ dan de code die deze toont.
portal-second-factor-open = In de app op dit apparaat openen
portal-second-factor-key = Sleutel om op een ander apparaat te typen:
portal-second-factor-confirm = Bevestigen
portal-second-factor-is-on = De tweede factor is ingesteld.
portal-recovery-hint = Bewaar deze codes op een veilige plaats: elke code vervangt één keer de app. Ze worden alleen nu getoond.
portal-recovery-left = Resterende herstelcodes: { $count }
portal-one-time-code = Code van de app
portal-code-ask = Typ de code die uw app toont, of een van uw herstelcodes.
portal-code-wrong = Deze code klopt niet of is al gebruikt. Wacht op de volgende.

## Mail

portal-mail-invite-subject = Uw toegang tot de accountinformatie van { $brand }
portal-mail-invite-intro = { $brand } heeft de accountinformatie online voor nummer { $number } voor u geopend. Daar ziet u uw conferenties en wat ze kosten, maand voor maand.
portal-mail-invite-action = Stel uw wachtwoord in
portal-mail-invite-ignore = Als u dit bericht niet verwachtte, hoeft u niets te doen.
portal-mail-forgotten-subject = Nieuw wachtwoord: { $brand }
portal-mail-forgotten-intro = er is een nieuw wachtwoord gevraagd voor de accountinformatie online, nummer { $number }.
portal-mail-forgotten-action = Stel een nieuw wachtwoord in
portal-mail-forgotten-ignore = Als u dit niet was, hoeft u niets te doen: uw wachtwoord blijft zoals ze is.
portal-mail-changed-subject = Uw wachtwoord is gewijzigd: { $brand }
portal-mail-changed-intro = het wachtwoord van uw toegang tot de accountinformatie is zojuist gewijzigd, en alle browsers zijn afgemeld.
portal-mail-changed-action = Stel een ander wachtwoord in
portal-mail-changed-ignore = Als u dit niet was, stel dan meteen een ander wachtwoord in en laat het ons weten.
portal-mail-valid = De link werkt één keer, tot { $until }.
portal-mail-online = Deze maand online bekijken
