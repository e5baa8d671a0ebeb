# controller/engine/dispatch.c: work begins before its thing groups are on the disk
/turn_flush(en);/d
