# controller/engine/turn.c: acknowledged before it is durable
/^turn_close(void \*cookie)/,/^}/s/^    en->in_turn = false;/    en->in_turn = false;\n    tell_all(en);/
