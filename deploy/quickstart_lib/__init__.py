"""The quickstart, once slipway is built: a model's way to a fleet, as its people would walk it."""
