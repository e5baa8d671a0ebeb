# controller/learner/holds.c: a thing group is changed though another deployment has it
s/h->other = holder != h->deployment_id ? holder : 0;/h->other = 0 * holder;/
