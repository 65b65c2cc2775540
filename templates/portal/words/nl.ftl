# The words of the online consultation in Dutch.

portal-name = Accountinformatie online
portal-skip = Naar de inhoud
portal-way = U bent hier
portal-to-start = Naar de startpagina

## The mini-guide's own words

portal-account-summary = Accountoverzicht
portal-conference-list = Conferentielijst
portal-room-display = Getoonde conferentieruimtes
portal-active-rooms = Gebruikte conferentieruimtes
portal-all-rooms = Alle conferentieruimtes
portal-not-invoiced = Nog niet gefactureerd
portal-since = Sinds { $date }
portal-accumulated-short = Opgetelde duur
portal-download = Downloaden

## Lists

portal-as-of = stand per { $time }
portal-behind = nieuwer gebruik wordt nog opgeteld
portal-statement-revision = Overzicht, versie { $number }
portal-closed-empty = Afgesloten zonder gebruik
portal-being-checked = Wordt gecontroleerd
portal-checked-hint = De cijfers van deze maand worden nog gecontroleerd en verschijnen daarna hier.
portal-show = Tonen
portal-nothing-found = Niets gevonden. Pas uw zoekopdracht aan of laat het veld leeg.
portal-rows = Regels { $first } t/m { $last } van { $all }
portal-pages = Pagina’s
portal-previous = Vorige
portal-next = Volgende
portal-participants-erased = De verbindingsgegevens van deze conferentie zijn niet meer volledig bewaard.
portal-statements = Overzichten
portal-replaced = vervangen
portal-no-statements = Er zijn nog geen overzichten.
portal-your-accounts = Uw accounts en conferentieruimtes
portal-no-places = Voor uw adres staat op dit moment geen account of conferentieruimte geregistreerd.

## Signing in

portal-about = Bekijk uw gebruik van onze audioconferentiedienst: de lopende maand en de maanden ervoor.
portal-sign-in = Inloggen
portal-sign-out = Uitloggen
portal-number = Nummer van het account of de conferentieruimte
portal-number-hint = Met het accountnummer ziet u alle ruimtes, met het nummer van een ruimte alleen die ruimte.
portal-email = Gebruikersnaam (uw e-mailadres)
portal-password = Wachtwoord
portal-forgotten = Wachtwoord vergeten of nog geen wachtwoord?
portal-forgotten-title = Wachtwoord instellen
portal-forgotten-hint = Als het adres voor dit account of deze ruimte is geregistreerd, sturen wij u een link om een wachtwoord in te stellen.
portal-send-link = Link versturen
portal-new-password = Nieuw wachtwoord
portal-current-password = Huidig wachtwoord
portal-change-password = Wachtwoord wijzigen
portal-set-password = Wachtwoord opslaan
portal-password-hint = Minstens { $shortest } tekens. Een paar woorden die alleen u zou combineren, onthoudt u gemakkelijk.
portal-me = Uw profiel
portal-sessions = Waar u bent ingelogd
portal-this-session = deze browser
portal-session-times = sinds { $started }, laatst gebruikt { $seen }
portal-end-session = Daar uitloggen
portal-end-sessions = Overal elders uitloggen

## Messages

portal-wrong = Het nummer, de gebruikersnaam of het wachtwoord klopt niet.
portal-too-often = Te veel pogingen. Wacht een paar minuten en probeer het opnieuw.
portal-busy = Er loggen op dit moment veel mensen in.
portal-signed-out = U bent uitgelogd.
portal-link-sent = Controleer uw mailbox.
portal-link-sent-hint = Als het adres voor dit account of deze ruimte is geregistreerd, is er een bericht met een link onderweg.
portal-link-used = Deze link is al gebruikt of niet meer geldig. Vraag een nieuwe aan.
portal-password-wrong = Het huidige wachtwoord klopt niet.
portal-password-short = Dit wachtwoord is te kort.
portal-password-long = Dit wachtwoord is te lang: maximaal 128 tekens.
portal-password-weak = Dit wachtwoord is gemakkelijk te raden. Kies een ander wachtwoord.
portal-password-set = Het wachtwoord is opgeslagen.
portal-sessions-ended = De andere browser is uitgelogd.
portal-not-found = Deze pagina bestaat niet.
portal-not-found-hint = Misschien is deze verplaatst, of hebt u er geen toegang toe.
portal-not-allowed = Dit adres accepteert dit soort verzoeken niet.
portal-too-large = Het verzoek is te groot.
portal-foreign = Dit formulier is vanaf een andere website verzonden en is niet geaccepteerd.
portal-broken = Er is bij ons iets misgegaan.
portal-unavailable = De dienst is overbelast.
portal-try-again = Probeer het zo meteen opnieuw.

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
portal-code-others = Overige codes ({ $count })
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
portal-mail-invite-intro = { $brand } heeft u toegang gegeven tot de online accountinformatie voor nummer { $number }. Daar ziet u per maand uw conferenties en wat ze kosten.
portal-mail-invite-action = Wachtwoord instellen
portal-mail-invite-ignore = Als u dit bericht niet verwachtte, kunt u het negeren.
portal-mail-forgotten-subject = Nieuw wachtwoord: { $brand }
portal-mail-forgotten-intro = Er is een nieuw wachtwoord aangevraagd voor de online accountinformatie, nummer { $number }.
portal-mail-forgotten-action = Nieuw wachtwoord instellen
portal-mail-forgotten-ignore = Als u dit niet was, hoeft u niets te doen: uw wachtwoord blijft zoals ze is.
portal-mail-changed-subject = Uw wachtwoord is gewijzigd: { $brand }
portal-mail-changed-intro = Het wachtwoord voor uw online accountinformatie is zojuist gewijzigd en alle browsers zijn uitgelogd.
portal-mail-changed-action = Ander wachtwoord instellen
portal-mail-changed-ignore = Als u dit niet hebt gedaan, stel dan meteen een ander wachtwoord in en laat het ons weten.
portal-mail-valid = De link werkt één keer, tot { $until }.
portal-mail-online = Deze maand online bekijken
