# As palavras de um resumo em português. Os números chegam formatados ($shown); $count só escolhe o plural.

## O que é

account-statement = Resumo de consumo da conta
room-statement = Resumo de consumo da sala
document-title-account = Resumo de { $period } – conta { $account }
document-title-room = Resumo de { $period } – sala { $room }
skip-to-content = Ir para o resumo
revision = Versão { $number }

## As palavras do miniguia

account-number = Número da conta
company-name = Empresa
billing-period = Período de faturação
room-number = Número da sala
cardholder = Moderador
auto-billing-code = Código de faturação automático
accumulated-time = Tempo acumulado
charge = Valor
total = Total
unallocated = Não atribuído

## Colunas

date = Data
start-time = Hora
quantity = Participantes
service-type = Tipo de serviço
billing-code = Código de faturação
length = Duração
caller = Chamador
caller-unknown = número oculto
joined = Entrada
left = Saída
duration = Duração
month = Mês
conferences = Conferências
participants = Participantes

## Folhas e colunas do ficheiro que não estão nas páginas

sheet-summary = Resumo
sheet-billing-codes = Códigos de faturação
sheet-changes = Alterações
sheet-trend = Evolução
conference-id = ID da conferência
conference-length = Duração da conferência
late-month = Utilização de
charge-before = Valor anterior

## Quantidades

count-conferences = { $count ->
    [one] { $shown } conferência
   *[other] { $shown } conferências
}
count-participants = { $count ->
    [one] { $shown } participante
   *[other] { $shown } participantes
}
count-rooms = { $count ->
    [one] { $shown } sala
   *[other] { $shown } salas
}
count-idle-rooms = { $count ->
    [one] { $shown } sala sem utilização
   *[other] { $shown } salas sem utilização
}

## Secções

total-charge = Valor total
what-it-is-made-of = Discriminação do valor
by-service-type = Por tipo de serviço
by-billing-code = Por código de faturação
month-by-month = Mês a mês
chart-charge = Valor por mês
chart-time = Tempo acumulado por mês
chart-point = { $month } – { $figure }
chart-more = { $list }; { $next }
compared-more = mais { $difference } do que em { $period }
compared-less = menos { $difference } do que em { $period }
compared-same = o mesmo que em { $period }
rooms = Salas
show-all-rooms = Mostrar as restantes salas
times-are-in = Fuso horário: { $zone }.
no-usage = Não houve conferências neste mês.
participants-in-workbook = Os participantes constam do ficheiro Excel.
conferences-in-workbook = As conferências constam do ficheiro Excel.
participants-on-request = Há demasiados participantes para os apresentar aqui. Pode solicitar-nos a lista.
conferences-on-request = Há demasiadas conferências para as apresentar aqui. Pode solicitar-nos a lista.

## Correções

late-from = tardia, de { $period }
late-note = { $count ->
    [one] { $shown } linha corresponde a utilização cujos dados foram recebidos depois do fecho do mês: { $charge }. Está assinalada no resumo.
   *[other] { $shown } linhas correspondem a utilização cujos dados foram recebidos depois do fecho do mês: { $charge } no total. Estão assinaladas no resumo.
}
what-changed = O que mudou desde a versão { $number }
changed-total = O total era de { $before } e agora é de { $after } ({ $difference }).
changed-nothing = Todos os números são os da versão { $number }; só a apresentação é nova.
changed-nothing-here = Os números desta sala são os da versão { $number }.
change = Alteração
before = Antes
after = Agora
difference = Diferença
added = acrescentada
removed = retirada
corrected = corrigida
changes-in-workbook = { $count ->
    [one] Mais uma linha alterada consta do ficheiro Excel, folha «{ $sheet }».
   *[other] Mais { $shown } linhas alteradas constam do ficheiro Excel, folha «{ $sheet }».
}
changes-on-request = { $count ->
    [one] Mais uma linha alterada não consta aqui. Pode solicitá-la.
   *[other] Mais { $shown } linhas alteradas não constam aqui. Pode solicitar-nos a lista.
}

## Ajuda e avisos

base-tariff-notice = Os valores apresentados são calculados com base na sua tarifa base. Os custos decorrentes de condições específicas do seu contrato, como o acesso internacional ou os serviços para eventos, não estão incluídos; por isso, os valores podem diferir dos da sua fatura.
for-assistance-call = Para obter assistência, ligue para o número { $phone }
for-assistance-write = Pode escrever-nos para { $email }
page-of = Página { $page } de { $pages }

## Mensagem

mail-subject-account = Resumo de { $period } – conta { $account }: { $charge }
mail-subject-room = Resumo de { $period } – sala { $room }: { $charge }
mail-subject-corrected = Corrigido: { $subject }
mail-greeting = Caro(a) { $name },
mail-greeting-plain = Exmos. Senhores,
mail-intro-account = Enviamos o resumo de audioconferências de { $company } relativo a { $period }.
mail-intro-room = Enviamos o resumo de audioconferências da sua sala { $room } relativo a { $period }.
mail-corrected = Esta é a versão { $number }; substitui a enviada anteriormente.
mail-preheader = { $period }: { $charge } · { $time } · { $conferences }
mail-more-rooms = e mais { $rooms }
mail-attached = O resumo detalhado segue em anexo.
mail-linked = O resumo é demasiado grande para ser anexado a esta mensagem. Pode transferi-lo aqui até { $expires }:
mail-download = Transferir o resumo
mail-figure = { $name }: { $figure }
mail-on-request = O resumo é demasiado grande para ser anexado a esta mensagem. Pode solicitá-lo ao nosso apoio ao cliente.
mail-reason-account = Recebe esta mensagem porque consta como responsável da conta { $account }.
mail-reason-room = Recebe esta mensagem porque consta como moderador da sala { $room }.

## O índice do operador

index-title = Resumos de { $period }
index-search = Procurar
index-search-hint = Conta, empresa, sala, moderador
index-account = Conta
index-company = Empresa
index-room = Sala
index-files = Ficheiros
index-revision = Versão
index-delivery = Envio
index-more = Mostrar mais
index-shown = linhas apresentadas
