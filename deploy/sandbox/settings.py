"""What a test or a user may change while the sandbox runs (POST /_sandbox/settings)."""

from dataclasses import asdict, dataclass, field, fields

from .errors import ControlError


@dataclass
class Settings:
    """Delays in milliseconds, page sizes in items. Page sizes of 0 mean AWS's own default."""

    # From CreateComponentVersion to DEPLOYABLE; INITIATED is seen after half of it.
    component_ms: int = 100
    # From CreateCompilationJob to COMPLETED, and from StopCompilationJob to STOPPED.
    compile_ms: int = 200
    stop_ms: int = 50
    # The largest page any paged operation of the own part returns, whatever maxResults asks for.
    page_size: int = 0
    # How often each emitted event (model package, Greengrass) is sent, each with its own id.
    event_copies: int = 1
    # From the change to the event's arrival on the bus.
    event_delay_ms: int = 0
    # Each event (and each copy) comes up to this much later, so that their order changes; the
    # delays follow from the seed.
    event_jitter_ms: int = 0
    event_seed: int = 1
    # For so long a new component version, deployment or compilation job is not found by reads.
    read_lag_ms: int = 0
    # Events of these detail-types are lost, as best-effort delivery allows.
    event_drop: list = field(default_factory=list)
    # [{"name": regex, "reason": text}]: compilation jobs of these names FAIL.
    compile_fail: list = field(default_factory=list)
    # [{"name": regex, "version": regex, "message": text}]: these component versions become FAILED.
    component_fail: list = field(default_factory=list)
    # How far a request's X-Amz-Date may be from this machine's clock.
    skew_seconds: int = 300
    # How long the response to a clientToken is replayed (AWS: 8 h).
    token_seconds: int = 8 * 3600
    # Whether AWS's request quotas are enforced (quotas.py).
    quotas: bool = False
    # Whether PutEvents accepts a source that begins with "aws.", which AWS does not.
    accept_aws_sources: bool = False

    def update(self, changes):
        """Set the named settings; an unknown name or a value of another type is refused whole."""
        if not isinstance(changes, dict):
            raise ControlError("settings must be a JSON object")
        kinds = {item.name: type(getattr(self, item.name)) for item in fields(self)}
        for name, value in changes.items():
            if name not in kinds:
                raise ControlError(f"unknown setting '{name}'; known: {', '.join(sorted(kinds))}")
            if type(value) is not kinds[name]:
                raise ControlError(f"setting '{name}' must be of type {kinds[name].__name__}")
            if kinds[name] is int and value < 0:
                raise ControlError(f"setting '{name}' must not be negative")
        for name, value in changes.items():
            setattr(self, name, value)

    def as_dict(self):
        return asdict(self)
