# Le parole di un estratto in italiano. Le cifre arrivano già formattate ($shown); $count sceglie solo il plurale.

## Che cos'è

account-statement = Estratto conto
room-statement = Estratto della sala
document-title-account = Estratto { $period } – conto { $account }
document-title-room = Estratto { $period } – sala { $room }
skip-to-content = Vai all’estratto
revision = Revisione { $number }

## Le parole della mini-guida

account-number = Numero di conto
company-name = Società
billing-period = Periodo di fatturazione
room-number = Numero di sala
cardholder = Titolare
auto-billing-code = Codice di fatturazione automatico
accumulated-time = Tempo cumulato
charge = Importo
total = Totale
unallocated = Non assegnato

## Colonne

date = Data
start-time = Ora
quantity = Quantità
service-type = Tipo di servizio
billing-code = Codice di fatturazione
length = Durata
caller = Chiamante
joined = Ingresso
left = Uscita
duration = Durata
month = Mese
conferences = Conferenze
participants = Partecipanti
share = Quota

## Quantità

count-conferences = { $count ->
    [one] { $shown } conferenza
   *[other] { $shown } conferenze
}
count-participants = { $count ->
    [one] { $shown } partecipante
   *[other] { $shown } partecipanti
}
count-rooms = { $count ->
    [one] { $shown } sala
   *[other] { $shown } sale
}
count-idle-rooms = { $count ->
    [one] { $shown } sala senza consumo
   *[other] { $shown } sale senza consumo
}

## Sezioni

total-charge = Importo totale
what-it-is-made-of = Da che cosa è composto
by-service-type = Per tipo di servizio
by-billing-code = Per codice di fatturazione
month-by-month = Mese per mese
chart-charge = Importo al mese
chart-time = Tempo cumulato al mese
compared-more = { $difference } in più rispetto a { $period }
compared-less = { $difference } in meno rispetto a { $period }
compared-same = come a { $period }
rooms = Sale
show-all-rooms = Mostra tutte le sale
times-are-in = Gli orari sono quelli di { $zone }.
no-usage = Nessuna conferenza in questo mese.
participants-elsewhere = I partecipanti sono elencati negli estratti delle sale e nella cartella di lavoro.
conferences-elsewhere = Le conferenze sono elencate negli estratti delle sale e nella cartella di lavoro.
participants-in-workbook = I partecipanti sono elencati nella cartella di lavoro.
conferences-in-workbook = Le conferenze sono elencate nella cartella di lavoro.

## Correzioni

late-from = in ritardo, da { $period }
late-note = { $count ->
    [one] { $shown } riga appartiene a un mese precedente, il cui consumo è arrivato dopo la chiusura di quel mese: { $charge }. È segnalata sotto.
   *[other] { $shown } righe appartengono a mesi precedenti, il cui consumo è arrivato dopo la chiusura di quei mesi: { $charge } in tutto. Sono segnalate sotto.
}
what-changed = Che cosa è cambiato dalla revisione { $number }
changed-total = Il totale era { $before } e ora è { $after } ({ $difference }).
changed-nothing = Tutte le cifre sono quelle della revisione { $number }; solo la presentazione è nuova.
changed-nothing-here = Le cifre di questa sala sono quelle della revisione { $number }.
change = Modifica
before = Prima
after = Ora
difference = Differenza
added = aggiunta
removed = rimossa
corrected = corretta
changes-elsewhere = { $count ->
    [one] Un’altra riga modificata si trova in account.json.
   *[other] Altre { $shown } righe modificate si trovano in account.json.
}

## Aiuto e avvertenze

base-tariff-notice = Gli importi mostrati sono calcolati in base alla Sua tariffa base. I costi dovuti a condizioni particolari del Suo contratto, come l’accesso internazionale o i servizi per eventi, non sono calcolati qui; gli importi possono quindi differire dalla fattura.
for-assistance-call = Per assistenza chiamare il numero { $phone }
for-assistance-write = scrivere a { $email }
page-of = Pagina { $page } di { $pages }

## Messaggio

mail-subject-account = Estratto { $period } del conto { $account }: { $charge }
mail-subject-room = Estratto { $period } della sala { $room }: { $charge }
mail-subject-corrected = Corretto: { $subject }
mail-greeting = Buongiorno { $name },
mail-greeting-plain = Buongiorno,
mail-intro-account = ecco l’estratto delle audioconferenze di { $company } per { $period }.
mail-intro-room = ecco l’estratto delle audioconferenze della Sua sala { $room } per { $period }.
mail-corrected = Questa è la revisione { $number }; sostituisce quella inviata in precedenza.
mail-attached = In allegato la cartella di lavoro e la pagina con tutte le conferenze.
mail-linked = I file sono troppo grandi per un messaggio. Può scaricarli qui fino al { $expires }:
mail-download = Scarica i file
mail-figure = { $name }: { $figure }
mail-on-request = I file sono troppo grandi per un messaggio. La preghiamo di richiederli.
mail-reason-account = Riceve questo messaggio perché è registrato come responsabile del conto { $account }.
mail-reason-room = Riceve questo messaggio perché è registrato come titolare della sala { $room }.

## L'indice dell'operatore

index-title = Estratti { $period }
index-search = Cerca
index-search-hint = Conto, società, sala, titolare
index-account = Conto
index-company = Società
index-room = Sala
index-files = File
index-revision = Revisione
index-delivery = Invio
index-more = Mostra altro
index-shown = righe mostrate
