"""The sandbox: a local AWS, on loopback only, that slipway is tried and tested against."""
