# controller/engine/outcome.c: an order whose outcome is unknown is done again under a new name
/^    case WORK_UNKNOWN:$/{n;s/learn_unknown(/learn_failed(/}
s/^learn_unknown(struct engine/__attribute__((unused)) learn_unknown(struct engine/
