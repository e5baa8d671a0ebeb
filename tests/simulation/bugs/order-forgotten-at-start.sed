# controller/engine/dispatch.c: an order that was tried before is not taken up after a restart
/^recall_order(/,/^}/s/^    int64_t soonest_ms = .*/&\n\n    if (o->tries != 0)\n        return;/
