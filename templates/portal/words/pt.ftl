# The words of the online consultation in Portuguese.

portal-name = Informação de contas em linha
portal-skip = Ir para o conteúdo
portal-way = Onde está
portal-to-start = Para a primeira página

## The mini-guide's own words

portal-account-summary = Resumo da conta
portal-conference-list = Lista de conferências
portal-room-display = Salas apresentadas
portal-active-rooms = Salas ativas
portal-all-rooms = Todas as salas
portal-not-invoiced = Não faturado
portal-since = Desde { $date }
portal-accumulated-short = Tempo acum.
portal-download = Transferir

## Lists

portal-as-of = situação em { $time }
portal-statement-revision = Extrato, revisão { $number }
portal-closed-empty = Fechado sem consumo
portal-being-checked = Em verificação
portal-checked-hint = Os valores deste mês estão em verificação. Aparecerão aqui quando estiver concluída.
portal-show = Mostrar
portal-nothing-found = Nada encontrado. Procure outra coisa ou deixe a pesquisa vazia.
portal-rows = Linhas { $first } a { $last } de { $all }
portal-pages = Páginas
portal-previous = Anterior
portal-next = Seguinte
portal-unknown-caller = não transmitido
portal-participants-erased = As ligações desta conferência já não são conservadas por completo.
portal-statements = Extratos
portal-replaced = substituído
portal-no-statements = Ainda não há extratos.
portal-your-accounts = As suas contas e salas
portal-no-places = De momento não há conta nem sala registada para o seu endereço.

## Signing in

portal-about = Aqui vê o seu consumo do nosso serviço de audioconferência: o mês em curso e os anteriores.
portal-sign-in = Iniciar sessão
portal-sign-out = Terminar sessão
portal-number = Número de conta ou de sala
portal-number-hint = O número da conta mostra todas as suas salas; o de uma sala, essa sala.
portal-email = Nome de utilizador (o seu e-mail)
portal-password = Palavra-passe
portal-forgotten = Ainda sem palavra-passe, ou esqueceu-se dela?
portal-forgotten-title = Definir uma palavra-passe
portal-forgotten-hint = Enviamos-lhe uma ligação para definir uma palavra-passe, se o endereço estiver registado para esta conta ou sala.
portal-send-link = Enviar a ligação
portal-new-password = Nova palavra-passe
portal-current-password = Palavra-passe atual
portal-change-password = Alterar a palavra-passe
portal-set-password = Guardar a palavra-passe
portal-password-hint = Pelo menos { $shortest } caracteres. Algumas palavras que só para si vão juntas são fáceis de recordar.
portal-me = Você
portal-sessions = Onde tem sessão iniciada
portal-this-session = este navegador
portal-session-times = desde { $started }, última utilização { $seen }
portal-end-session = Terminar essa sessão
portal-end-sessions = Terminar todas as outras

## Messages

portal-wrong = O número, o nome de utilizador ou a palavra-passe não está certo.
portal-too-often = Demasiadas tentativas. Aguarde alguns minutos e tente de novo.
portal-busy = Muitas pessoas estão a iniciar sessão neste momento.
portal-signed-out = A sessão terminou.
portal-link-sent = Veja a sua caixa de correio.
portal-link-sent-hint = Se o endereço estiver registado para esta conta ou sala, uma mensagem com uma ligação vai a caminho.
portal-link-used = Esta ligação já foi usada ou deixou de ser válida. Peça uma nova.
portal-password-wrong = A palavra-passe atual não está certa.
portal-password-short = Esta palavra-passe é demasiado curta.
portal-password-long = Esta palavra-passe é demasiado longa: 128 caracteres no máximo.
portal-password-weak = Esta palavra-passe é fácil de adivinhar. Escolha outra.
portal-password-set = A palavra-passe está guardada.
portal-sessions-ended = Sessão terminada.
portal-not-found = Esta página não existe.
portal-not-found-hint = Talvez tenha mudado de lugar, ou não seja para si.
portal-not-allowed = Este endereço não aceita esse tipo de pedido.
portal-too-large = Era demasiado de uma só vez.
portal-foreign = Este formulário veio de outro sítio e não foi aceite.
portal-broken = Algo correu mal do nosso lado.
portal-unavailable = O serviço está ocupado.
portal-try-again = Tente de novo dentro de momentos.

## Mail

portal-mail-invite-subject = O seu acesso à informação em linha de { $brand }
portal-mail-invite-intro = { $brand } abriu-lhe a informação de contas em linha para o número { $number }. Aí vê as suas conferências e quanto custam, mês a mês.
portal-mail-invite-action = Definir a sua palavra-passe
portal-mail-invite-ignore = Se não esperava esta mensagem, não precisa de fazer nada.
portal-mail-forgotten-subject = Nova palavra-passe: { $brand }
portal-mail-forgotten-intro = foi pedida uma nova palavra-passe para a informação de contas em linha, número { $number }.
portal-mail-forgotten-action = Definir uma nova palavra-passe
portal-mail-forgotten-ignore = Se não foi você quem pediu, não precisa de fazer nada: a sua palavra-passe fica como está.
portal-mail-changed-subject = A sua palavra-passe foi alterada: { $brand }
portal-mail-changed-intro = a palavra-passe do seu acesso à informação de contas em linha acabou de ser alterada, e todos os navegadores terminaram a sessão.
portal-mail-changed-action = Definir outra palavra-passe
portal-mail-changed-ignore = Se não foi você, defina já outra palavra-passe e avise-nos.
portal-mail-valid = A ligação funciona uma vez, até { $until }.
portal-mail-online = Ver este mês em linha
