"""What makes the engines: data, mask synthesis, networks, losses, fitting, evaluation, export."""

import sys

# OpenVINO and NNCF report what is done with them to a web service if they can import this package.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
