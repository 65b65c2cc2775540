# The words of the online consultation in Italian.

portal-name = Informazioni online sugli account
portal-skip = Vai al contenuto
portal-way = Percorso
portal-to-start = Vai alla pagina iniziale

## The mini-guide's own words

portal-account-summary = Riepilogo dell’account
portal-conference-list = Elenco delle conferenze
portal-room-display = Sale visualizzate
portal-active-rooms = Sale attive
portal-all-rooms = Tutte le sale
portal-not-invoiced = Non fatturato
portal-since = Dalla data { $date }
portal-accumulated-short = Tempo cumulato
portal-download = Scarica

## Lists

portal-as-of = situazione: { $time }
portal-behind = si stanno sommando consumi più recenti
portal-statement-revision = Riepilogo, revisione { $number }
portal-closed-empty = Chiuso senza consumo
portal-being-checked = In verifica
portal-checked-hint = Le cifre di questo mese sono in verifica. Compariranno qui al termine.
portal-show = Mostra
portal-nothing-found = Nessun risultato. Modifichi la ricerca o lasci vuoto il campo.
portal-rows = Righe da { $first } a { $last } di { $all }
portal-pages = Pagine
portal-previous = Precedente
portal-next = Successiva
portal-participants-erased = I dettagli dei collegamenti di questa conferenza non sono più conservati per intero.
portal-statements = Riepiloghi
portal-replaced = sostituito
portal-no-statements = Non ci sono ancora riepiloghi.
portal-your-accounts = I Suoi account e le Sue sale
portal-no-places = Al momento nessun account e nessuna sala risultano associati al Suo indirizzo.

## Signing in

portal-about = Consulti i Suoi consumi di audioconferenza: il mese in corso e quelli precedenti.
portal-sign-in = Accedi
portal-sign-out = Esci
portal-number = Numero di account o di sala
portal-number-hint = Il numero di account mostra tutte le sue sale, il numero di una sala solo quella sala.
portal-email = Nome utente (il Suo indirizzo e-mail)
portal-password = Password
portal-forgotten = Password dimenticata o non ancora impostata?
portal-forgotten-title = Imposta una password
portal-forgotten-hint = Se l’indirizzo è associato a questo account o a questa sala, Le invieremo un link per impostare una password.
portal-send-link = Invia il link
portal-new-password = Nuova password
portal-current-password = Password attuale
portal-change-password = Cambia la password
portal-set-password = Salva la password
portal-password-hint = Almeno { $shortest } caratteri. Alcune parole che solo Lei accosterebbe si ricordano facilmente.
portal-me = Il Suo profilo
portal-sessions = Sessioni aperte
portal-this-session = questo browser
portal-session-times = inizio: { $started }, ultimo uso: { $seen }
portal-end-session = Chiudi questa sessione
portal-end-sessions = Chiudi tutte le altre sessioni

## Messages

portal-wrong = Il numero, il nome utente o la password non sono corretti.
portal-too-often = Troppi tentativi. Attenda qualche minuto e riprovi.
portal-busy = In questo momento molte persone stanno effettuando l’accesso.
portal-signed-out = La sessione è stata chiusa.
portal-link-sent = Controlli la Sua casella di posta.
portal-link-sent-hint = Se l’indirizzo è associato a questo account o a questa sala, Le abbiamo inviato un messaggio con un link.
portal-link-used = Questo link è già stato usato o è scaduto. Ne richieda uno nuovo.
portal-password-wrong = La password attuale non è corretta.
portal-password-short = Questa password è troppo corta.
portal-password-long = Questa password è troppo lunga: al massimo 128 caratteri.
portal-password-weak = Questa password è facile da indovinare. Ne scelga un’altra.
portal-password-set = La password è stata salvata.
portal-sessions-ended = La sessione è stata chiusa.
portal-not-found = Questa pagina non esiste.
portal-not-found-hint = Forse è stata spostata, oppure non vi ha accesso.
portal-not-allowed = Questo indirizzo non accetta richieste di questo tipo.
portal-too-large = La richiesta è troppo grande.
portal-foreign = Questo modulo è stato inviato da un altro sito e non è stato accettato.
portal-broken = Si è verificato un errore da parte nostra.
portal-unavailable = Il servizio è sovraccarico.
portal-try-again = Riprovi tra un momento.

## Codici di fatturazione

portal-save = Salva
portal-undo = Annulla
portal-back = Torna all’elenco
portal-try-again-button = Riprova
portal-codes = Codici di fatturazione
portal-code-any = Tutti
portal-code-none = Nessun codice
portal-code-own = il codice della chiamata
portal-code-give = Assegna un codice di fatturazione
portal-code-hint = Lasciare vuoto per togliere il codice.
portal-code-selected = Assegna a quelle selezionate
portal-code-all = Assegna a tutte quelle in elenco ({ $count })
portal-code-tick = Seleziona
portal-code-tick-all = Seleziona tutte in questa pagina
portal-code-given = Conferenze che ora hanno il codice { $code }: { $count }.
portal-code-taken = Conferenze a cui è stato tolto il codice: { $count }.
portal-code-back = Conferenze che hanno di nuovo il codice precedente: { $count }.
portal-code-left = Modificate nel frattempo e lasciate come sono: { $count }.
portal-code-nothing = Non c’era nulla da modificare.
portal-code-then = sull’estratto: { $code }
portal-code-on-statement = Codice sull’estratto
portal-on-statement = Sull’estratto
portal-code-now = Codice attuale
portal-code-history = Modifiche del codice
portal-code-others = Altri codici ({ $count })
portal-code-undone = (annullata)
portal-code-lacking = { $count } conferenze su { $all } non hanno un codice di fatturazione.
portal-code-not-changed = Il codice non è stato modificato
portal-code-overtaken = Qualcun altro ha modificato queste conferenze da quando le ha viste. Nulla è stato modificato: consulti di nuovo l’elenco.
portal-codes-overtaken = Qualcun altro ha modificato l’elenco nel frattempo. Il suo non è stato salvato: ecco lo stato attuale.
portal-code-busy = Questo conto è in lavorazione, per esempio si sta chiudendo il mese. Nulla è stato modificato: riprovi tra un momento.
portal-code-not-listed = L’elenco dei codici di fatturazione non contiene questo codice.
portal-code-almost = Esiste già un codice { $code }, scritto quasi allo stesso modo. Quale intende?
portal-code-use = Usa
portal-code-locked = I codici di un mese chiuso non possono essere modificati.
portal-code-too-old = Questa conferenza è troppo lontana nel tempo: il suo codice non può più essere modificato.
portal-code-owners-only = Per questo conto solo il titolare assegna i codici di fatturazione.
portal-code-too-many = Sono troppe conferenze in una volta: restringa la ricerca.
portal-code-none-chosen = Nessuna conferenza è stata selezionata.
portal-code-bad = Questo non può essere un codice di fatturazione: { $code }
portal-codes-hint = I codici di fatturazione ripartiscono il costo delle conferenze; non modificano mai un importo.
portal-codes-policy = Quali codici si possono assegnare
portal-codes-free = Qualsiasi codice
portal-codes-listed = Solo i codici dell’elenco
portal-codes-list = Elenco dei codici
portal-codes-list-hint = Un codice per riga. Un codice tolto dall’elenco resta dove è stato assegnato.
portal-codes-required = Segnala le conferenze senza codice
portal-codes-cardholders = I moderatori possono assegnare codici alle conferenze delle proprie sale
portal-codes-saved = L’elenco è stato salvato.
portal-codes-changed = Da allora sono stati modificati codici di fatturazione
portal-revise = Emetti un estratto rivisto
portal-revise-hint = L’estratto inviato resta com’è. Una nuova revisione con i codici attuali lo sostituisce e viene inviata; elenca queste righe.
portal-revise-charge = Totale prima: { $before }, dopo: { $after }.
portal-revise-more = Altre righe: { $count }
portal-revise-asked = L’estratto rivisto è in preparazione. Comparirà nell’elenco tra un momento.
portal-revise-soon = Un estratto rivisto di questo mese è stato emesso meno di un’ora fa. Riprovi più tardi.
portal-revise-nothing = Un estratto rivisto mostrerebbe le stesse cose.
portal-revise-blocked = Al momento l’estratto non può essere rivisto. Ci contatti.

## Secondo fattore

portal-second-factor = Secondo fattore
portal-second-factor-hint = Oltre alla password, all’accesso viene chiesto un codice di un’app. Così la sola password non basta.
portal-second-factor-set = Configuralo o toglilo
portal-second-factor-on = Configura
portal-second-factor-off = Togli
portal-second-factor-app = Aggiunga questo account a un’app di autenticazione, poi digiti il codice mostrato.
portal-second-factor-open = Apri nell’app su questo dispositivo
portal-second-factor-key = Chiave da digitare su un altro dispositivo:
portal-second-factor-confirm = Conferma
portal-second-factor-is-on = Il secondo fattore è configurato.
portal-recovery-hint = Conservi questi codici in un luogo sicuro: ciascuno sostituisce una volta l’app. Vengono mostrati solo ora.
portal-recovery-left = Codici di recupero rimasti: { $count }
portal-one-time-code = Codice dell’app
portal-code-ask = Digiti il codice mostrato dall’app o uno dei codici di recupero.
portal-code-wrong = Questo codice non è corretto o è già stato usato. Attenda il successivo.

## Mail

portal-mail-invite-subject = Il Suo accesso alle informazioni online di { $brand }
portal-mail-invite-intro = { $brand } Le ha dato accesso alle informazioni online sugli account per il numero { $number }. Vi troverà le Sue conferenze e il loro costo, mese per mese.
portal-mail-invite-action = Imposta la password
portal-mail-invite-ignore = Se non aspettava questo messaggio, può ignorarlo.
portal-mail-forgotten-subject = Nuova password: { $brand }
portal-mail-forgotten-intro = È stata richiesta una nuova password per le informazioni online sugli account, numero { $number }.
portal-mail-forgotten-action = Imposta una nuova password
portal-mail-forgotten-ignore = Se la richiesta non proviene da Lei, può ignorare questo messaggio: la Sua password resta invariata.
portal-mail-changed-subject = La Sua password è stata modificata: { $brand }
portal-mail-changed-intro = La password del Suo accesso alle informazioni online sugli account è appena stata modificata e tutte le sessioni sono state chiuse.
portal-mail-changed-action = Imposta un’altra password
portal-mail-changed-ignore = Se la modifica non proviene da Lei, imposti subito un’altra password e ci avverta.
portal-mail-valid = Il link può essere usato una sola volta (scadenza: { $until }).
portal-mail-online = Consulta questo mese online
