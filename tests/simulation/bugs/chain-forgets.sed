# store/store.c: an undone transaction leaves the next numbers as they were
/^store_undo(struct store/,/^}/{/store_read_ends/d;/struct error ignored/d}
