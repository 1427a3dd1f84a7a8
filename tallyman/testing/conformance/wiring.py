"""The service is in every list that makes it work: what is missing is named, and where it goes."""

import re
from datetime import UTC, datetime
from importlib import import_module

from integrations import INTEGRATIONS
from integrations.interface import Delivery
from integrations.schema import dump
from integrations.targets import TARGETS
from settings import ROOT
from simulator.lives import SOURCES
from simulator.sender import EXAMPLES
from tallyman.testing.conformance.signatures import SECRET
from tallyman.testing.conformance.subject import CREATED, Subject


class Wiring:
    """What makes a service be received, worked on and tried out."""

    def test_the_service_is_registered(self, subject: Subject) -> None:
        found = INTEGRATIONS.get(subject.service.name)
        assert found is subject.service, f"integrations/__init__.py: INTEGRATIONS lacks {subject}"

    def test_the_service_has_its_tasks(self, subject: Subject) -> None:
        app = import_module("worker.celery").app
        app.loader.import_default_modules()
        wanted = ["drain", "retry", "redrive", *(["deliver"] if str(subject) in TARGETS else [])]
        missing = [name for task in wanted if (name := f"{subject}.{task}") not in app.tasks]
        assert not missing, f"worker/tasks/{subject}.py: no task {', '.join(missing)}"

    def test_a_worker_takes_from_the_queues_of_the_service(self, subject: Subject) -> None:
        for file in ("Procfile", "docker-compose.yml"):
            taken = re.findall(r"--queues (\S+)", (ROOT / file).read_text())
            queues = [queue for listed in taken for queue in listed.split(",")]
            for queue in (str(subject), f"{subject}.work"):
                assert queue in queues, f"{file}: no worker takes from the queue {queue}"

    def test_the_service_has_a_source_of_stories(self, subject: Subject) -> None:
        found = SOURCES.get(subject.service.name)
        assert found is subject.source, f"simulator/lives.py: SOURCES lacks {subject}"

    def test_each_example_is_read_as_what_it_is_called(self, subject: Subject) -> None:
        examples = EXAMPLES.get(subject.service.name)
        assert examples, f"simulator/sender.py: EXAMPLES lacks {subject}"
        for event_type in examples.OBJECTS:
            body = dump(examples.example(event_type, CREATED)).encode()
            headers = subject.service.sign(body, SECRET, CREATED, "msg_1")
            kept = {name: headers[name] for name in subject.service.kept_headers if name in headers}
            told = Delivery(subject.service.name, "", body, kept, datetime.now(UTC))
            assert subject.service.read(told).type == event_type
