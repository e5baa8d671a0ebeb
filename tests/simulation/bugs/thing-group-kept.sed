# controller/learner/learner.c: what has left the fleet keeps its thing groups
s/(state_holds_fleet(before) \&\& !state_holds_fleet(after));/false;/
