# Las palabras de un extracto en español. Las cifras llegan con formato ($shown); $count solo elige el plural.

## Qué es

account-statement = Extracto de cuenta
room-statement = Extracto de sala
document-title-account = Extracto { $period } – cuenta { $account }
document-title-room = Extracto { $period } – sala { $room }
skip-to-content = Ir al extracto
revision = Revisión { $number }

## Las palabras de la miniguía

account-number = Número de cuenta
company-name = Empresa
billing-period = Periodo de facturación
room-number = Número de sala
cardholder = Titular
auto-billing-code = Código de facturación automático
accumulated-time = Tiempo acumulado
charge = Importe
total = Total
unallocated = Sin asignar

## Columnas

date = Fecha
start-time = Hora
quantity = Cantidad
service-type = Tipo de servicio
billing-code = Código de facturación
length = Duración
caller = Llamante
joined = Entrada
left = Salida
duration = Duración
month = Mes
conferences = Conferencias
participants = Participantes
share = Parte

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
what-it-is-made-of = De qué se compone
by-service-type = Por tipo de servicio
by-billing-code = Por código de facturación
month-by-month = Mes a mes
chart-charge = Importe por mes
chart-time = Tiempo acumulado por mes
compared-more = { $difference } más que en { $period }
compared-less = { $difference } menos que en { $period }
compared-same = lo mismo que en { $period }
rooms = Salas
show-all-rooms = Mostrar todas las salas
times-are-in = Las horas son las de { $zone }.
no-usage = Este mes no hubo conferencias.
participants-elsewhere = Los participantes figuran en los extractos de las salas y en el libro de cálculo.
conferences-elsewhere = Las conferencias figuran en los extractos de las salas y en el libro de cálculo.
participants-in-workbook = Los participantes figuran en el libro de cálculo.
conferences-in-workbook = Las conferencias figuran en el libro de cálculo.

## Correcciones

late-from = tardía, de { $period }
late-note = { $count ->
    [one] { $shown } línea pertenece a un mes anterior, cuyo consumo llegó después del cierre de ese mes: { $charge }. Está señalada más abajo.
   *[other] { $shown } líneas pertenecen a meses anteriores, cuyo consumo llegó después del cierre de esos meses: { $charge } en total. Están señaladas más abajo.
}
what-changed = Qué ha cambiado desde la revisión { $number }
changed-total = El total era de { $before } y ahora es de { $after } ({ $difference }).
changed-nothing = Todas las cifras son las de la revisión { $number }; solo la presentación es nueva.
changed-nothing-here = Las cifras de esta sala son las de la revisión { $number }.
change = Cambio
before = Antes
after = Ahora
difference = Diferencia
added = añadida
removed = retirada
corrected = corregida
changes-elsewhere = { $count ->
    [one] Otra línea modificada figura en account.json.
   *[other] Otras { $shown } líneas modificadas figuran en account.json.
}

## Ayuda y avisos

base-tariff-notice = Los importes mostrados se calculan según su tarifa base. Los costes debidos a condiciones específicas de su contrato, como el acceso internacional o los servicios para eventos, no se calculan aquí, por lo que los importes pueden diferir de su factura.
for-assistance-call = Para recibir asistencia, llame al { $phone }
for-assistance-write = escriba a { $email }
page-of = Página { $page } de { $pages }

## Mensaje

mail-subject-account = Extracto { $period } de la cuenta { $account }: { $charge }
mail-subject-room = Extracto { $period } de la sala { $room }: { $charge }
mail-subject-corrected = Corregido: { $subject }
mail-greeting = Hola, { $name }:
mail-greeting-plain = Hola:
mail-intro-account = Este es el extracto de audioconferencias de { $company } de { $period }.
mail-intro-room = Este es el extracto de audioconferencias de su sala { $room } de { $period }.
mail-corrected = Esta es la revisión { $number }; sustituye a la enviada anteriormente.
mail-attached = Se adjuntan el libro de cálculo y la página con todas las conferencias.
mail-linked = Los archivos son demasiado grandes para un correo. Puede descargarlos aquí hasta el { $expires }:
mail-download = Descargar los archivos
mail-figure = { $name }: { $figure }
mail-on-request = Los archivos son demasiado grandes para un correo. Pídanoslos, por favor.
mail-reason-account = Recibe este mensaje porque está registrado como responsable de la cuenta { $account }.
mail-reason-room = Recibe este mensaje porque está registrado como titular de la sala { $room }.

## El índice del operador

index-title = Extractos { $period }
index-search = Buscar
index-search-hint = Cuenta, empresa, sala, titular
index-account = Cuenta
index-company = Empresa
index-room = Sala
index-files = Archivos
index-revision = Revisión
index-delivery = Envío
index-more = Mostrar más
index-shown = filas mostradas
