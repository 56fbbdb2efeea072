"""What makes the engines: data, mask synthesis, networks, losses, fitting, evaluation, export."""
