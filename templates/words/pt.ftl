# As palavras de um extrato em português. Os números chegam formatados ($shown); $count só escolhe o plural.

## O que é

account-statement = Extrato da conta
room-statement = Extrato da sala
document-title-account = Extrato { $period } – conta { $account }
document-title-room = Extrato { $period } – sala { $room }
skip-to-content = Ir para o extrato
revision = Revisão { $number }

## As palavras do miniguia

account-number = Número da conta
company-name = Empresa
billing-period = Período de faturação
room-number = Número da sala
cardholder = Titular
auto-billing-code = Código de faturação automático
accumulated-time = Tempo acumulado
charge = Valor
total = Total
unallocated = Não atribuído

## Colunas

date = Data
start-time = Hora
quantity = Quantidade
service-type = Tipo de serviço
billing-code = Código de faturação
length = Duração
caller = Chamador
joined = Entrada
left = Saída
duration = Duração
month = Mês
conferences = Conferências
participants = Participantes
share = Parte

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
what-it-is-made-of = De que é composto
by-service-type = Por tipo de serviço
by-billing-code = Por código de faturação
month-by-month = Mês a mês
chart-charge = Valor por mês
chart-time = Tempo acumulado por mês
compared-more = mais { $difference } do que em { $period }
compared-less = menos { $difference } do que em { $period }
compared-same = o mesmo que em { $period }
rooms = Salas
show-all-rooms = Mostrar todas as salas
times-are-in = As horas são as de { $zone }.
no-usage = Não houve conferências neste mês.
participants-elsewhere = Os participantes constam dos extratos das salas e do livro de cálculo.
conferences-elsewhere = As conferências constam dos extratos das salas e do livro de cálculo.
participants-in-workbook = Os participantes constam do livro de cálculo.
conferences-in-workbook = As conferências constam do livro de cálculo.

## Correções

late-from = tardia, de { $period }
late-note = { $count ->
    [one] { $shown } linha pertence a um mês anterior, cuja utilização chegou depois do fecho desse mês: { $charge }. Está assinalada abaixo.
   *[other] { $shown } linhas pertencem a meses anteriores, cuja utilização chegou depois do fecho desses meses: { $charge } no total. Estão assinaladas abaixo.
}
what-changed = O que mudou desde a revisão { $number }
changed-total = O total era { $before } e agora é { $after } ({ $difference }).
changed-nothing = Todos os números são os da revisão { $number }; só a apresentação é nova.
changed-nothing-here = Os números desta sala são os da revisão { $number }.
change = Alteração
before = Antes
after = Agora
difference = Diferença
added = acrescentada
removed = retirada
corrected = corrigida
changes-elsewhere = { $count ->
    [one] Mais uma linha alterada consta de account.json.
   *[other] Mais { $shown } linhas alteradas constam de account.json.
}

## Ajuda e avisos

base-tariff-notice = Os valores apresentados são calculados segundo a sua tarifa base. Os custos decorrentes de condições específicas do seu contrato, como o acesso internacional ou os serviços para eventos, não são calculados aqui; por isso, os valores podem diferir da sua fatura.
for-assistance-call = Para obter assistência, ligue para { $phone }
for-assistance-write = escreva para { $email }
page-of = Página { $page } de { $pages }

## Mensagem

mail-subject-account = Extrato { $period } da conta { $account }: { $charge }
mail-subject-room = Extrato { $period } da sala { $room }: { $charge }
mail-subject-corrected = Corrigido: { $subject }
mail-greeting = Olá { $name },
mail-greeting-plain = Olá,
mail-intro-account = aqui está o extrato de audioconferências de { $company } de { $period }.
mail-intro-room = aqui está o extrato de audioconferências da sua sala { $room } de { $period }.
mail-corrected = Esta é a revisão { $number }; substitui a enviada anteriormente.
mail-attached = O livro de cálculo e a página com todas as conferências seguem em anexo.
mail-linked = Os ficheiros são demasiado grandes para uma mensagem. Pode transferi-los aqui até { $expires }:
mail-download = Transferir os ficheiros
mail-figure = { $name }: { $figure }
mail-on-request = Os ficheiros são demasiado grandes para uma mensagem. Por favor, peça-os.
mail-reason-account = Recebe esta mensagem porque está registado como responsável da conta { $account }.
mail-reason-room = Recebe esta mensagem porque está registado como titular da sala { $room }.

## O índice do operador

index-title = Extratos { $period }
index-search = Procurar
index-search-hint = Conta, empresa, sala, titular
index-account = Conta
index-company = Empresa
index-room = Sala
index-files = Ficheiros
index-revision = Revisão
index-delivery = Envio
index-more = Mostrar mais
index-shown = linhas apresentadas
