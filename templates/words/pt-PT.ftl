# O que o português de Portugal diz de outra forma do que pt.ftl: nada. Com este ficheiro, zero leva o plural («0 conferências»).
