# Lo que en México se dice de otra manera; lo demás está en es.ftl.

mail-greeting = Estimado(a) { $name }:
mail-greeting-plain = Buen día:
mail-linked = El resumen es demasiado grande para adjuntarlo a este mensaje. Puede descargarlo aquí hasta el { $expires }:
base-tariff-notice = Los importes mostrados se calculan según su tarifa base. Los cargos adicionales por condiciones específicas de su contrato, como el acceso internacional o los servicios para eventos, no están incluidos, por lo que los importes pueden diferir de los de su factura.
for-assistance-call = Si necesita ayuda, llame al { $phone }
caller-unknown = número privado
