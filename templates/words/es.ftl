# Las palabras de un resumen en español. Las cifras llegan con formato ($shown); $count solo elige el plural.

## Qué es

account-statement = Resumen de consumo de la cuenta
room-statement = Resumen de consumo de la sala
document-title-account = Resumen de { $period } – cuenta { $account }
document-title-room = Resumen de { $period } – sala { $room }
skip-to-content = Ir al resumen
revision = Versión { $number }

## Las palabras de la miniguía

account-number = Número de cuenta
company-name = Empresa
billing-period = Periodo de facturación
room-number = Número de sala
cardholder = Moderador
auto-billing-code = Código de facturación automático
accumulated-time = Tiempo acumulado
charge = Importe
total = Total
unallocated = Sin asignar

## Columnas

date = Fecha
start-time = Hora
quantity = Participantes
service-type = Tipo de servicio
billing-code = Código de facturación
length = Duración
caller = Llamante
caller-unknown = número oculto
joined = Entrada
left = Salida
duration = Duración
month = Mes
conferences = Conferencias
participants = Participantes

## Hojas y columnas del libro que no están en las páginas

sheet-summary = Resumen
sheet-billing-codes = Códigos de facturación
sheet-changes = Cambios
sheet-trend = Evolución
conference-id = ID de conferencia
conference-length = Duración de la conferencia
late-month = Consumo de
charge-before = Importe anterior

## Cantidades

count-conferences = { $count ->
    [one] { $shown } conferencia
   *[other] { $shown } conferencias
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
    [one] { $shown } sala sin consumo
   *[other] { $shown } salas sin consumo
}

## Apartados

total-charge = Importe total
what-it-is-made-of = Desglose del importe
by-service-type = Por tipo de servicio
by-billing-code = Por código de facturación
month-by-month = Mes a mes
chart-charge = Importe por mes
chart-time = Tiempo acumulado por mes
chart-point = { $month } – { $figure }
chart-more = { $list }; { $next }
compared-more = { $difference } más que en { $period }
compared-less = { $difference } menos que en { $period }
compared-same = lo mismo que en { $period }
rooms = Salas
show-all-rooms = Mostrar las demás salas
times-are-in = Zona horaria: { $zone }.
no-usage = Este mes no hubo conferencias.
participants-in-workbook = Los participantes figuran en el libro de Excel.
conferences-in-workbook = Las conferencias figuran en el libro de Excel.
participants-on-request = Hay demasiados participantes para mostrarlos aquí. Puede solicitarnos la lista.
conferences-on-request = Hay demasiadas conferencias para mostrarlas aquí. Puede solicitarnos la lista.

## Correcciones

late-from = tardía, de { $period }
late-note = { $count ->
    [one] { $shown } línea corresponde a un consumo cuyos datos se recibieron después del cierre de su mes: { $charge }. Está señalada en el resumen.
   *[other] { $shown } líneas corresponden a consumos cuyos datos se recibieron después del cierre de su mes: { $charge } en total. Están señaladas en el resumen.
}
what-changed = Qué ha cambiado desde la versión { $number }
changed-total = El total era de { $before } y ahora es de { $after } ({ $difference }).
changed-nothing = Todas las cifras son las de la versión { $number }; solo la presentación es nueva.
changed-nothing-here = Las cifras de esta sala son las de la versión { $number }.
change = Cambio
before = Antes
after = Ahora
difference = Diferencia
added = añadida
removed = retirada
corrected = corregida
changes-in-workbook = { $count ->
    [one] Otra línea modificada figura en el libro de Excel, hoja «{ $sheet }».
   *[other] Otras { $shown } líneas modificadas figuran en el libro de Excel, hoja «{ $sheet }».
}
changes-on-request = { $count ->
    [one] Otra línea modificada no figura aquí. Puede solicitárnosla.
   *[other] Otras { $shown } líneas modificadas no figuran aquí. Puede solicitarnos la lista.
}

## Ayuda y avisos

base-tariff-notice = Los importes mostrados se calculan según su tarifa base. Los cargos debidos a condiciones específicas de su contrato, como el acceso internacional o los servicios para eventos, no están incluidos, por lo que los importes pueden diferir de los de su factura.
for-assistance-call = Para recibir asistencia, llame al { $phone }
for-assistance-write = Puede escribirnos a { $email }
page-of = Página { $page } de { $pages }

## Mensaje

mail-subject-account = Resumen de { $period } – cuenta { $account }: { $charge }
mail-subject-room = Resumen de { $period } – sala { $room }: { $charge }
mail-subject-corrected = Corregido: { $subject }
mail-greeting = Estimado/a { $name }:
mail-greeting-plain = Buenos días:
mail-intro-account = Este es el resumen de audioconferencias de { $company } correspondiente a { $period }.
mail-intro-room = Este es el resumen de audioconferencias de su sala { $room } correspondiente a { $period }.
mail-corrected = Esta es la versión { $number }; sustituye a la enviada anteriormente.
mail-preheader = { $period }: { $charge } · { $time } · { $conferences }
mail-more-rooms = y { $rooms } más
mail-attached = Se adjunta el resumen detallado.
mail-linked = El resumen es demasiado grande para adjuntarlo a este mensaje. Puede descargarlo aquí hasta el { $expires }:
mail-download = Descargar el resumen
mail-figure = { $name }: { $figure }
mail-on-request = El resumen es demasiado grande para adjuntarlo a este mensaje. Puede solicitárnoslo.
mail-reason-account = Recibe este mensaje porque figura como responsable de la cuenta { $account }.
mail-reason-room = Recibe este mensaje porque figura como moderador de la sala { $room }.

## El índice del operador

index-title = Resúmenes de { $period }
index-search = Buscar
index-search-hint = Cuenta, empresa, sala, moderador
index-account = Cuenta
index-company = Empresa
index-room = Sala
index-files = Archivos
index-revision = Versión
index-delivery = Envío
index-more = Mostrar más
index-shown = filas mostradas
