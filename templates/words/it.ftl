# Le parole di un riepilogo in italiano. Le cifre arrivano già formattate ($shown); $count sceglie solo il plurale.

## Che cos'è

account-statement = Riepilogo consumi dell’account
room-statement = Riepilogo consumi della sala
document-title-account = Riepilogo { $period } – account { $account }
document-title-room = Riepilogo { $period } – sala { $room }
skip-to-content = Vai al riepilogo
revision = Revisione { $number }

## Le parole della mini-guida

account-number = Codice cliente
company-name = Società
billing-period = Periodo di fatturazione
room-number = Numero di sala
cardholder = Moderatore
auto-billing-code = Codice di fatturazione automatico
accumulated-time = Tempo cumulato
charge = Importo
total = Totale
unallocated = Non assegnato

## Colonne

date = Data
start-time = Ora
quantity = Partecipanti
service-type = Tipo di servizio
billing-code = Codice di fatturazione
length = Durata
caller = Chiamante
caller-unknown = numero nascosto
joined = Ingresso
left = Uscita
duration = Durata
month = Mese
conferences = Conferenze
participants = Partecipanti

## Fogli e colonne del file che non stanno nelle pagine

sheet-summary = Riepilogo
sheet-billing-codes = Codici di fatturazione
sheet-changes = Modifiche
sheet-trend = Andamento
conference-id = ID conferenza
conference-length = Durata della conferenza
late-month = Consumo di
charge-before = Importo precedente

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
what-it-is-made-of = Ripartizione dell’importo
by-service-type = Per tipo di servizio
by-billing-code = Per codice di fatturazione
month-by-month = Mese per mese
chart-charge = Importo per mese
chart-time = Tempo cumulato per mese
chart-point = { $month } – { $figure }
chart-more = { $list }; { $next }
compared-more = { $difference } in più rispetto al mese di { $period }
compared-less = { $difference } in meno rispetto al mese di { $period }
compared-same = come nel mese di { $period }
rooms = Sale
show-all-rooms = Mostra le altre sale
times-are-in = Fuso orario: { $zone }.
no-usage = Nessuna conferenza in questo mese.
participants-in-workbook = I partecipanti sono elencati nel file Excel.
conferences-in-workbook = Le conferenze sono elencate nel file Excel.
participants-on-request = I partecipanti sono troppi per essere elencati qui. Può richiederci l’elenco.
conferences-on-request = Le conferenze sono troppe per essere elencate qui. Può richiederci l’elenco.

## Correzioni

late-from = tardiva, di { $period }
late-note = { $count ->
    [one] { $shown } riga riguarda un consumo i cui dati sono pervenuti dopo la chiusura del mese di competenza: { $charge }. È segnalata nel riepilogo.
   *[other] { $shown } righe riguardano consumi i cui dati sono pervenuti dopo la chiusura del mese di competenza: { $charge } in totale. Sono segnalate nel riepilogo.
}
what-changed = Che cosa è cambiato dalla revisione { $number }
changed-total = Il totale era di { $before } e ora è di { $after } ({ $difference }).
changed-nothing = Tutte le cifre sono quelle della revisione { $number }; solo la presentazione è nuova.
changed-nothing-here = Le cifre di questa sala sono quelle della revisione { $number }.
change = Modifica
before = Prima
after = Dopo
difference = Differenza
added = aggiunta
removed = rimossa
corrected = corretta
changes-in-workbook = { $count ->
    [one] Un’altra riga modificata si trova nel file Excel, foglio «{ $sheet }».
   *[other] Altre { $shown } righe modificate si trovano nel file Excel, foglio «{ $sheet }».
}
changes-on-request = { $count ->
    [one] Un’altra riga modificata non è elencata qui. Può richiedercela.
   *[other] Altre { $shown } righe modificate non sono elencate qui. Può richiederci l’elenco.
}

## Aiuto e avvertenze

base-tariff-notice = Gli importi mostrati sono calcolati secondo la Sua tariffa di base. I costi dovuti a condizioni particolari del Suo contratto, come l’accesso internazionale o i servizi per eventi, non sono inclusi; gli importi possono quindi differire da quelli della fattura.
for-assistance-call = Per assistenza chiamare il numero { $phone }
for-assistance-write = Può scriverci all’indirizzo { $email }
page-of = Pagina { $page } di { $pages }

## Messaggio

mail-subject-account = Riepilogo { $period } dell’account { $account }: { $charge }
mail-subject-room = Riepilogo { $period } della sala { $room }: { $charge }
mail-subject-corrected = Corretto: { $subject }
mail-greeting = Buongiorno { $name },
mail-greeting-plain = Buongiorno,
mail-intro-account = Ecco il riepilogo delle audioconferenze di { $company } per { $period }.
mail-intro-room = Ecco il riepilogo delle audioconferenze della Sua sala { $room } per { $period }.
mail-corrected = Questa è la revisione { $number }; sostituisce quella inviata in precedenza.
mail-preheader = { $period }: { $charge } · { $time } · { $conferences }
mail-more-rooms = e altre { $rooms }
mail-attached = In allegato il riepilogo dettagliato.
mail-linked = Il riepilogo è troppo grande per essere allegato a questo messaggio. Può scaricarlo qui (scadenza del link: { $expires }):
mail-download = Scarica il riepilogo
mail-figure = { $name }: { $figure }
mail-on-request = Il riepilogo è troppo grande per essere allegato a questo messaggio. Può richiedercelo.
mail-reason-account = Riceve questo messaggio in qualità di responsabile dell’account { $account }.
mail-reason-room = Riceve questo messaggio in qualità di moderatore della sala { $room }.

## L'indice dell'operatore

index-title = Riepiloghi { $period }
index-search = Cerca
index-search-hint = Account, società, sala, moderatore
index-account = Account
index-company = Società
index-room = Sala
index-files = File
index-revision = Revisione
index-delivery = Invio
index-more = Mostra altro
index-shown = righe mostrate
