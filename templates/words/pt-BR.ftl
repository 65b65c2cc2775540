# O que se diz de outra forma no Brasil; o resto vem de pt.ftl.

billing-period = Período de faturamento
auto-billing-code = Código de faturamento automático
billing-code = Código de faturamento
by-billing-code = Por código de faturamento
sheet-billing-codes = Códigos de faturamento
late-note = { $count ->
    [one] { $shown } linha corresponde a uso cujos dados foram recebidos depois do fechamento do mês: { $charge }. Ela está sinalizada no resumo.
   *[other] { $shown } linhas correspondem a uso cujos dados foram recebidos depois do fechamento do mês: { $charge } no total. Elas estão sinalizadas no resumo.
}
late-month = Uso de
count-idle-rooms = { $count ->
    [one] { $shown } sala sem uso
   *[other] { $shown } salas sem uso
}
show-all-rooms = Mostrar as demais salas
times-are-in = Fuso horário: { $zone }.
participants-in-workbook = Os participantes constam da planilha Excel.
conferences-in-workbook = As conferências constam da planilha Excel.
participants-on-request = Há participantes demais para listar aqui. Você pode nos solicitar a lista.
conferences-on-request = Há conferências demais para listar aqui. Você pode nos solicitar a lista.
changes-in-workbook = { $count ->
    [one] Mais uma linha alterada consta da planilha Excel, aba “{ $sheet }”.
   *[other] Mais { $shown } linhas alteradas constam da planilha Excel, aba “{ $sheet }”.
}
changes-on-request = { $count ->
    [one] Mais uma linha alterada não consta aqui. Você pode solicitá-la.
   *[other] Mais { $shown } linhas alteradas não constam aqui. Você pode nos solicitar a lista.
}
base-tariff-notice = Os valores apresentados são calculados com base na sua tarifa-base. Os custos decorrentes de condições específicas do seu contrato, como o acesso internacional ou os serviços para eventos, não estão incluídos; por isso, os valores podem ser diferentes dos da sua fatura.
for-assistance-write = Você pode nos escrever em { $email }
caller-unknown = número não identificado
mail-greeting = Prezado(a) { $name },
mail-greeting-plain = Prezados senhores,
mail-corrected = Esta é a versão { $number }; ela substitui a enviada anteriormente.
mail-intro-account = Enviamos o resumo de audioconferências de { $company } referente a { $period }.
mail-intro-room = Enviamos o resumo de audioconferências da sua sala { $room } referente a { $period }.
mail-attached = O resumo detalhado segue anexo.
mail-linked = O resumo é grande demais para ser anexado a esta mensagem. Você pode baixá-lo aqui até { $expires }:
mail-download = Baixar o resumo
mail-on-request = O resumo é grande demais para ser anexado a esta mensagem. Você pode solicitá-lo ao nosso atendimento.
mail-reason-account = Você recebe esta mensagem porque consta como responsável pela conta { $account }.
mail-reason-room = Você recebe esta mensagem porque consta como moderador da sala { $room }.
index-search = Pesquisar
index-files = Arquivos
