# store/deployments.c: an order stays open when the next one is opened
s/if (before->order_id != 0 \&\& !store_order_close/if (before->order_id < 0 \&\& !store_order_close/
