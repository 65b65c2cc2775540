# The words of the online consultation in Portuguese.

portal-name = Informações de conta online
portal-skip = Ir para o conteúdo
portal-way = Onde se encontra
portal-to-start = Ir para a página inicial

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
portal-behind = está a ser somada utilização mais recente
portal-statement-revision = Resumo, versão { $number }
portal-closed-empty = Fechado sem utilização
portal-being-checked = Em verificação
portal-checked-hint = Os valores deste mês estão em verificação e aparecerão aqui quando esta estiver concluída.
portal-show = Mostrar
portal-nothing-found = Não foram encontrados resultados. Altere a pesquisa ou deixe o campo vazio.
portal-rows = Linhas { $first } a { $last } de { $all }
portal-pages = Páginas
portal-previous = Anterior
portal-next = Seguinte
portal-participants-erased = Os dados das ligações desta conferência já não são conservados na totalidade.
portal-statements = Resumos
portal-replaced = substituído
portal-no-statements = Ainda não há resumos.
portal-your-accounts = As suas contas e salas
portal-no-places = De momento não há nenhuma conta nem sala associada ao seu endereço.

## Signing in

portal-about = Consulte a sua utilização do nosso serviço de audioconferência: o mês em curso e os anteriores.
portal-sign-in = Iniciar sessão
portal-sign-out = Terminar sessão
portal-number = Número da conta ou da sala
portal-number-hint = O número da conta mostra todas as suas salas; o número de uma sala, apenas essa sala.
portal-email = Nome de utilizador (o seu endereço de e-mail)
portal-password = Palavra-passe
portal-forgotten = Esqueceu-se da palavra-passe ou ainda não tem uma?
portal-forgotten-title = Definir uma palavra-passe
portal-forgotten-hint = Se o endereço estiver associado a esta conta ou sala, enviar-lhe-emos uma hiperligação para definir uma palavra-passe.
portal-send-link = Enviar a hiperligação
portal-new-password = Nova palavra-passe
portal-current-password = Palavra-passe atual
portal-change-password = Alterar a palavra-passe
portal-set-password = Guardar a palavra-passe
portal-password-hint = Pelo menos { $shortest } caracteres. Algumas palavras que só o próprio combinaria são fáceis de memorizar.
portal-me = O seu perfil
portal-sessions = Sessões abertas
portal-this-session = este navegador
portal-session-times = desde { $started }, última utilização { $seen }
portal-end-session = Terminar essa sessão
portal-end-sessions = Terminar todas as outras sessões

## Messages

portal-wrong = O número, o nome de utilizador ou a palavra-passe não estão corretos.
portal-too-often = Demasiadas tentativas. Aguarde alguns minutos e tente de novo.
portal-busy = Muitas pessoas estão a iniciar sessão neste momento.
portal-signed-out = A sessão terminou.
portal-link-sent = Consulte a sua caixa de correio.
portal-link-sent-hint = Se o endereço estiver associado a esta conta ou sala, foi-lhe enviada uma mensagem com uma hiperligação.
portal-link-used = Esta hiperligação já foi utilizada ou deixou de ser válida. Solicite uma nova.
portal-password-wrong = A palavra-passe atual não está correta.
portal-password-short = Esta palavra-passe é demasiado curta.
portal-password-long = Esta palavra-passe é demasiado longa: 128 caracteres no máximo.
portal-password-weak = Esta palavra-passe é fácil de adivinhar. Escolha outra.
portal-password-set = A palavra-passe foi guardada.
portal-sessions-ended = Sessão terminada.
portal-not-found = Esta página não existe.
portal-not-found-hint = Talvez tenha sido movida ou não tenha acesso a ela.
portal-not-allowed = Este endereço não aceita este tipo de pedido.
portal-too-large = O pedido é demasiado grande.
portal-foreign = Este formulário foi enviado a partir de outro site e não foi aceite.
portal-broken = Ocorreu um erro do nosso lado.
portal-unavailable = O serviço está sobrecarregado.
portal-try-again = Tente de novo dentro de momentos.

## Códigos de faturação

portal-save = Guardar
portal-undo = Anular
portal-back = Voltar à lista
portal-try-again-button = Tentar de novo
portal-codes = Códigos de faturação
portal-code-any = Todos
portal-code-none = Sem código
portal-code-own = o código da chamada
portal-code-give = Atribuir um código de faturação
portal-code-hint = Deixe vazio para retirar o código.
portal-code-selected = Atribuir às selecionadas
portal-code-all = Atribuir a todas as da lista ({ $count })
portal-code-tick = Selecionar
portal-code-tick-all = Selecionar todas nesta página
portal-code-given = Conferências que agora têm o código { $code }: { $count }.
portal-code-taken = Conferências cujo código foi retirado: { $count }.
portal-code-back = Conferências que voltaram a ter o código anterior: { $count }.
portal-code-left = Alteradas entretanto e deixadas como estão: { $count }.
portal-code-nothing = Não havia nada a alterar.
portal-code-then = no extrato: { $code }
portal-code-on-statement = Código no extrato
portal-on-statement = No extrato
portal-code-now = Código atual
portal-code-history = Alterações do código
portal-code-others = Outros códigos ({ $count })
portal-code-undone = (anulado)
portal-code-lacking = { $count } de { $all } conferências não têm código de faturação.
portal-code-not-changed = O código não foi alterado
portal-code-overtaken = Outra pessoa alterou estas conferências desde que as viu. Nada foi alterado: consulte de novo a lista.
portal-codes-overtaken = Outra pessoa alterou a lista entretanto. A sua não foi guardada: este é o estado atual.
portal-code-busy = Esta conta está a ser processada, por exemplo, o mês está a ser fechado. Nada foi alterado: tente de novo dentro de momentos.
portal-code-not-listed = A lista de códigos de faturação não contém este código.
portal-code-almost = Já existe um código { $code }, escrito quase da mesma forma. Qual pretende?
portal-code-use = Usar
portal-code-locked = Os códigos de um mês fechado não podem ser alterados.
portal-code-too-old = Esta conferência é demasiado antiga: o código já não pode ser alterado.
portal-code-owners-only = Nesta conta só o titular atribui códigos de faturação.
portal-code-too-many = São demasiadas conferências de uma vez: restrinja a pesquisa.
portal-code-none-chosen = Nenhuma conferência foi selecionada.
portal-code-bad = Isto não pode ser um código de faturação: { $code }
portal-codes-hint = Os códigos de faturação repartem o custo das conferências; nunca alteram um montante.
portal-codes-policy = Que códigos podem ser atribuídos
portal-codes-free = Qualquer código
portal-codes-listed = Apenas códigos da lista
portal-codes-list = Lista de códigos
portal-codes-list-hint = Um código por linha. Um código retirado da lista mantém-se onde foi atribuído.
portal-codes-required = Assinalar as conferências sem código
portal-codes-cardholders = Os moderadores podem atribuir códigos às conferências das suas salas
portal-codes-saved = A lista foi guardada.
portal-codes-changed = Desde então foram alterados códigos de faturação
portal-revise = Emitir um extrato revisto
portal-revise-hint = O extrato enviado mantém-se como está. Uma nova versão com os códigos atuais substitui-o e é enviada; enumera estas linhas.
portal-revise-charge = Valor total antes: { $before }, depois: { $after }.
portal-revise-more = Outras linhas: { $count }
portal-revise-asked = O extrato revisto está a ser preparado. Aparecerá na lista dentro de momentos.
portal-revise-soon = Há menos de uma hora foi emitido um extrato revisto deste mês. Tente mais tarde.
portal-revise-nothing = Um extrato revisto mostraria o mesmo.
portal-revise-blocked = De momento, o extrato não pode ser revisto. Contacte-nos.

## Segundo fator

portal-second-factor = Segundo fator
portal-second-factor-hint = Além da palavra-passe, ao iniciar sessão é pedido um código de uma aplicação. Assim, a palavra-passe por si só não basta.
portal-second-factor-set = Configurar ou retirar
portal-second-factor-on = Configurar
portal-second-factor-off = Retirar
portal-second-factor-app = Adicione esta conta a uma aplicação de autenticação e escreva o código apresentado.
portal-second-factor-open = Abrir na aplicação deste dispositivo
portal-second-factor-key = Chave a introduzir noutro dispositivo:
portal-second-factor-confirm = Confirmar
portal-second-factor-is-on = O segundo fator está configurado.
portal-recovery-hint = Guarde estes códigos num local seguro: cada um substitui uma vez a aplicação. Só são mostrados agora.
portal-recovery-left = Códigos de recuperação restantes: { $count }
portal-one-time-code = Código da aplicação
portal-code-ask = Escreva o código apresentado pela sua aplicação ou um dos seus códigos de recuperação.
portal-code-wrong = Este código não está correto ou já foi utilizado. Aguarde pelo seguinte.

## Mail

portal-mail-invite-subject = O seu acesso às informações online de { $brand }
portal-mail-invite-intro = { $brand } deu-lhe acesso às informações de conta online para o número { $number }. Aí encontra as suas conferências e quanto custam, mês a mês.
portal-mail-invite-action = Definir a palavra-passe
portal-mail-invite-ignore = Se não esperava esta mensagem, pode ignorá-la.
portal-mail-forgotten-subject = Nova palavra-passe: { $brand }
portal-mail-forgotten-intro = Foi pedida uma nova palavra-passe para as informações de conta online, número { $number }.
portal-mail-forgotten-action = Definir uma nova palavra-passe
portal-mail-forgotten-ignore = Se não fez este pedido, pode ignorar esta mensagem: a sua palavra-passe mantém-se.
portal-mail-changed-subject = A sua palavra-passe foi alterada: { $brand }
portal-mail-changed-intro = A palavra-passe do seu acesso às informações de conta online acabou de ser alterada e todas as sessões foram terminadas.
portal-mail-changed-action = Definir outra palavra-passe
portal-mail-changed-ignore = Se não foi responsável por esta alteração, defina já outra palavra-passe e avise-nos.
portal-mail-valid = A hiperligação pode ser utilizada uma única vez, até { $until }.
portal-mail-online = Consultar este mês online
